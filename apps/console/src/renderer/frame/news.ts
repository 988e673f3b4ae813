import type { QueryClient } from '@tanstack/react-query'
import { incidentQuery } from '../api/incidents.js'
import { runQuery } from '../api/runs.js'
import type { Happened } from '../api/touches.js'
import { tell, type Fact } from '../ui/activity.js'

/*
 * Which events of the stream are news to whoever looks at another page. They name only what they are about: the rest is
 * asked. A storm is one line, and asks nothing.
 */

const told = {
  'incident.opened': 'news',
  'incident.resolved': 'done',
  'run.succeeded': 'done',
  'run.failed': 'failed',
  'run.needs-a-person': 'failed',
  'freeze.declared': 'news',
  'freeze.lifted': 'news',
  'stop.pressed': 'failed',
  'stop.released': 'news',
} as const satisfies Record<string, Fact['kind']>

type Type = keyof typeof told
const isNews = (type: string): type is Type => Object.hasOwn(told, type)

/** What stands in the sentence when there are many of them. */
const many: Record<Type, string> = {
  'incident.opened': 'new incidents',
  'incident.resolved': 'incidents resolved',
  'run.succeeded': 'runs succeeded',
  'run.failed': 'runs failed',
  'run.needs-a-person': 'runs need a person',
  'freeze.declared': 'freezes declared',
  'freeze.lifted': 'freezes lifted',
  'stop.pressed': 'stops pressed',
  'stop.released': 'stops released',
}

/** Milliseconds for which events are gathered, and how many of a type are told one by one. */
const GATHER = 1_000
const ONE_BY_ONE = 3

export class News {
  private waiting: { type: Type; id: string }[] = []

  constructor(
    private readonly ask: Pick<QueryClient, 'fetchQuery'>,
    private readonly say: typeof tell = tell,
  ) {}

  heard({ type, id }: Happened): void {
    if (!isNews(type)) return
    if (this.waiting.length === 0) setTimeout(() => this.flush(), GATHER)
    this.waiting.push({ type, id })
  }

  private flush(): void {
    const events = this.waiting
    this.waiting = []
    for (const type of new Set(events.map((event) => event.type))) {
      const of = events.filter((event) => event.type === type)
      if (of.length > ONE_BY_ONE) this.say({ kind: told[type], says: `${of.length} ${many[type]}` })
      else for (const event of of) void this.one(event.type, event.id)
    }
  }

  private async one(type: Type, stream: string): Promise<void> {
    const [noun = '', id = ''] = stream.split(':')
    // Who may not read it, or finds nothing, is not told a sentence with a hole in it.
    const fact = await (
      noun === 'incident' ? this.incident(type, id) : noun === 'run' ? this.run(type, id) : this.rest(type)
    ).catch(() => null)
    if (fact !== null) this.say({ kind: told[type], ...fact })
  }

  private async incident(type: Type, id: string) {
    const { severity, title } = await this.ask.fetchQuery(incidentQuery(id))
    const says = type === 'incident.opened' ? `${severity} ${title}` : `Resolved: ${title}`
    return { says, to: `/incidents/${encodeURIComponent(id)}` }
  }

  private async run(type: Type, id: string) {
    const { recipe, because, incident } = await this.ask.fetchQuery(runQuery(id))
    const end = { 'run.succeeded': 'succeeded', 'run.failed': 'failed' }[type as string] ?? 'needs a person'
    return {
      says: `${recipe.title}: ${end}`,
      ...(because === null ? {} : { because }),
      ...(incident === null ? {} : { to: `/incidents/${encodeURIComponent(incident)}` }),
    }
  }

  private async rest(type: Type) {
    const says = {
      'freeze.declared': 'A freeze was declared: what it covers is not changed.',
      'freeze.lifted': 'A freeze was lifted.',
      'stop.pressed': 'The stop was pressed: no run starts.',
      'stop.released': 'The stop was released.',
    }[type as string]
    return says === undefined ? null : { says }
  }
}
