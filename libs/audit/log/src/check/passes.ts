import type { EntryBody } from '../entry.js'
import type { Known } from './starts.js'

/** Whose word it was: who, what the entry says they are, and when. */
export interface Voice {
  by: string
  kind: string
  roles: readonly string[]
  ts: string
  index: number
}

/** A wish to break the glass, as the log has it, and what became of it. */
export interface LoggedPass {
  id: string
  /** The stream of its plan. */
  stream: string
  digest: string | undefined
  over: string | undefined
  incident: string | undefined
  minutes: number
  open_until: string | undefined
  asked: Voice
  decided: (Voice & { granted: boolean; expires_at: string | undefined }) | undefined
  /** The run that used it, and where the log says that it began. */
  used: { run: string; ts: string; index: number } | undefined
  reviewed: Voice | undefined
  /** Somebody has said that its review is overdue. */
  overdue: boolean
}

type Told = EntryBody<
  'break-glass.asked' | 'break-glass.granted' | 'break-glass.refused' | 'break-glass.overdue' | 'break-glass.reviewed'
>

/** Every pass that the log tells of, by its id, as it stands where the log has come to. */
export class Passes {
  readonly #all = new Map<string, LoggedPass>()

  get(id: string | undefined): LoggedPass | undefined {
    return id === undefined ? undefined : this.#all.get(id)
  }

  get all(): Iterable<LoggedPass> {
    return this.#all.values()
  }

  /** What is told first holds: whatever is told a second time changes nothing, and is the check's to find. */
  see(entry: Told, index: number): void {
    const { break_glass: id, expires_at, incident, minutes, open_until, over } = entry.detail ?? {}
    if (id === undefined) return
    const pass = this.#all.get(id)
    if (entry.type === 'break-glass.asked') {
      if (pass) return
      this.#all.set(id, {
        ...{
          id,
          stream: entry.stream,
          digest: entry.plan_digest,
          over,
          incident,
          minutes: minutes ?? 0,
          open_until,
        },
        ...{ asked: said(entry, index), decided: undefined, used: undefined, reviewed: undefined, overdue: false },
      })
      return
    }
    if (!pass || pass.stream !== entry.stream) return
    if (entry.type === 'break-glass.overdue') pass.overdue = true
    else if (entry.type === 'break-glass.reviewed') pass.reviewed ??= said(entry, index)
    else
      pass.decided ??= {
        ...said(entry, index),
        ...{ granted: entry.type === 'break-glass.granted', expires_at },
      }
  }

  /** A run says that it used one: the first counts. */
  use(id: string, run: string, ts: string, index: number): void {
    const pass = this.#all.get(id)
    if (pass) pass.used ??= { run, ts, index }
  }
}

export const said = ({ actor, ts }: EntryBody, index: number): Voice => ({
  ...{ by: actor.id, kind: actor.kind, roles: actor.roles ?? [], ts, index },
})

/** For how long whoever asks, grants or reviews must have held the role that they do it by. */
const HOURS = 24
const HOUR = 3_600_000

/** Why somebody's word about a pass counts by no role of these; undefined where it does. What the bundle lacks of them is not held against them. */
export function whyNotTheirWord(
  { by, kind, roles, ts }: Voice,
  may: readonly string[],
  people: ReadonlyMap<string, Known>,
  known: boolean,
): string | undefined {
  if (kind !== 'person') return `a ${kind} cannot do that`
  const isWhat = people.get(by)?.kind
  if (isWhat !== undefined && isWhat !== 'person') return `${by} is a ${isWhat}, and only people do that`
  const used = may.filter((role) => roles.includes(role))
  if (used.length === 0) return `${by} did it as ${roles.join(', ') || 'nobody'}, and ${may.join(' or ')} may`
  if (!known) return undefined
  const [since] = used.flatMap((role) => people.get(by)?.roles.get(role) ?? []).toSorted()
  if (since === undefined) return `the log grants ${by} no role of ${used.join(' or ')}`
  if (Date.parse(ts) < Date.parse(since) + HOURS * HOUR)
    return `${by} held the role since ${since} only, and ${HOURS} h are asked for`
  return undefined
}

/** How many others than who asked were of Security for long enough at that time, whichever honest clock told it. */
export const othersOfSecurity = (asker: string, people: ReadonlyMap<string, Known>, ts: string, skew: number): number =>
  [...people].filter(([id, { kind, roles }]) => {
    const since = roles.get('security')
    const isOld = since !== undefined && Date.parse(since) + HOURS * HOUR <= Date.parse(ts) - skew * 1000
    return id !== asker && (kind === undefined || kind === 'person') && isOld
  }).length
