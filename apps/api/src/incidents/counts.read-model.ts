import type { World } from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import type { z } from 'zod'
import { select } from '../http/select.js'
import type { Caller } from '../people/callers.js'
import { conditionsOf, whereOf } from './filter.js'
import type { IncidentCounts, IncidentFilter } from './incidents.schema.js'

type Filter = z.infer<typeof IncidentFilter>

/** So many incidents are alike in everything that is filtered by. */
interface Alike {
  state: 'open' | 'acknowledged' | 'resolved' | 'closed'
  class: string
  severity: 'SEV1' | 'SEV2' | 'SEV3' | 'SEV4'
  service: string | null
  owner: string | null
  count: number
}

interface Counted {
  alike: Alike[]
  at: string
  /** Until when it is answered again, by the clock of this process. */
  until: number
}

/** Milliseconds for which a count holds, or so many times what it took: one text never takes more than a tenth of the record’s time. */
const HOLDS = 1_000
const TIMES = 10
/** Texts whose counts are kept at once. */
const TEXTS = 20
const SERVICES = 50

/**
 * Counts incidents by what they are filtered by, all filters at once: the record is read once in a second, however many
 * people look and whatever each of them has chosen. A text that is looked for is read for by itself, once for each.
 */
export class CountsReadModel {
  private readonly counted = new Map<string, Promise<Counted>>()

  constructor(
    private readonly source: DataSource,
    private readonly world: Pick<World, 'now'>,
  ) {}

  /** @param by whose `me` is; counts are at most as old as their `at` says */
  async of(filter: Filter, by: Pick<Caller, 'id'>): Promise<z.infer<typeof IncidentCounts>> {
    const { text, ...rest } = filter
    const [{ alike, at }, all] = await Promise.all([this.latest(text ?? ''), this.latest('')])
    const passing = (but?: keyof Filter) => {
      const others = but === undefined ? rest : { ...rest, [but]: undefined }
      return alike.filter((one) => passes(one, others, by))
    }
    const sums = <K extends string>(of: readonly Alike[], names: readonly K[], name: (one: Alike) => string) =>
      Object.fromEntries(names.map((value) => [value, sum(of.filter((one) => name(one) === value))])) as Record<
        K,
        number
      >
    const ofOwner = passing('owner')
    const without: z.infer<typeof IncidentCounts>['without'] = {}
    for (const name of ['state', 'class', 'severity', 'service', 'owner'] as const)
      if (filter[name] !== undefined) without[name] = sum(passing(name))
    if (text !== undefined) without.text = sum(all.alike.filter((one) => passes(one, rest, by)))
    return {
      total: sum(all.alike),
      matching: sum(passing()),
      state: sums(passing('state'), ['open', 'acknowledged', 'resolved', 'closed'], ({ state }) => state),
      severity: sums(passing('severity'), ['SEV1', 'SEV2', 'SEV3', 'SEV4'], ({ severity }) => severity),
      services: servicesOf(passing('service'), filter.service),
      owner: {
        me: sum(ofOwner.filter(({ owner }) => owner === by.id)),
        nobody: sum(ofOwner.filter(({ owner }) => owner === null)),
      },
      without,
      at,
    }
  }

  private async latest(text: string): Promise<Counted> {
    const known = this.counted.get(text)
    const kept = await known?.catch(() => undefined)
    if (kept && kept.until > performance.now()) return kept
    // Who came while another counted takes what that one counts.
    if (known !== this.counted.get(text)) return this.counted.get(text)!
    const counting = this.count(text)
    this.counted.delete(text)
    this.counted.set(text, counting)
    for (const oldest of this.counted.keys()) if (this.counted.size > TEXTS) this.counted.delete(oldest)
    return counting
  }

  private async count(text: string): Promise<Counted> {
    const began = performance.now()
    const { conditions, params } = conditionsOf(text === '' ? {} : { text }, { id: '' })
    const at = this.world.now().toISOString()
    const alike = await select<Alike>(
      this.source,
      `select state, class, severity, service, owner, count(*)::int as count
       from flow.incident i ${whereOf(conditions)} group by state, class, severity, service, owner`,
      params,
    )
    const ended = performance.now()
    return { alike, at, until: ended + Math.max(HOLDS, TIMES * (ended - began)) }
  }
}

function passes(one: Alike, { state, class: kind, severity, service, owner }: Filter, by: Pick<Caller, 'id'>): boolean {
  return (
    (state === undefined || (state === 'active' ? isActive(one) : one.state === state)) &&
    (kind === undefined || one.class === kind) &&
    (severity === undefined || severity.includes(one.severity)) &&
    (service === undefined || one.service === service) &&
    (owner === undefined || one.owner === (owner === 'me' ? by.id : owner === 'nobody' ? null : owner))
  )
}

const isActive = ({ state }: Alike): boolean => state === 'open' || state === 'acknowledged'

const sum = (of: readonly Alike[]): number => of.reduce((total, { count }) => total + count, 0)

function servicesOf(of: readonly Alike[], asked: string | undefined): { service: string; count: number }[] {
  const by = new Map<string, number>(asked === undefined ? [] : [[asked, 0]])
  for (const { service, count } of of) if (service !== null) by.set(service, (by.get(service) ?? 0) + count)
  const most = [...by].map(([service, count]) => ({ service, count })).sort((a, b) => b.count - a.count || (a.service < b.service ? -1 : 1)) // prettier-ignore
  return most.filter(({ service }, place) => place < SERVICES || service === asked)
}
