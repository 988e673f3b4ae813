import { askerOf } from '../asker.js'
import type { EntryBody } from '../entry.js'
import { counted, NotMade, type Seen, type Subject } from './check.js'
import { Passes, type LoggedPass } from './passes.js'
import { SKEW } from './quorum.js'

/** One person's yes or no, as the log has it. */
export interface Vote {
  id: string
  by: string
  /** What the entry says of who voted: a person, or something else. */
  kind: string
  roles: readonly string[]
  yes: boolean
  digest: string | undefined
  ts: string
  index: number
}

/** A plan that has not ended yet. */
export interface OpenPlan {
  id: string
  asker: string | undefined
  /** What the entry says of who asked: a person, or something else. */
  asker_kind: string | undefined
  proposed: Proposed | undefined
  votes: Vote[]
  /** Who cancelled it before it became a run, and where the log says so. */
  cancelled: { by: string; index: number } | undefined
  started: boolean
}

export interface Proposed {
  digest: string | undefined
  tier: string | undefined
  quorum: number | undefined
  roles: readonly string[] | undefined
  /** For how many hours whoever approves it must have held one of them; undefined where the entry does not say it. */
  role_hours: number | undefined
  expires_at: string | undefined
  /** Whether it changes anything: a plan without steps needs nobody. */
  changes: boolean
  /** What a yes in advance is held against; undefined where the entry does not say it. */
  recipe: string | undefined
  steps: number | undefined
  targets: readonly string[] | undefined
  reach: ReadonlyMap<string, readonly [number, number]> | undefined
}

/** A yes in advance, as the log has it. */
export interface Advance extends Vote {
  /** Digest of the recipe. */
  recipe: string | undefined
  targets: readonly string[]
  steps: number
  /** The least and the most of each number; null where there is no end. */
  bounds: ReadonlyMap<string, readonly [number | null, number | null]>
  /** Its budget: the most runs in so many minutes. */
  most_runs: number
  minutes: number
  expires_at: string
  revoked: boolean
  /** When runs started under it, the newest of them. */
  starts: string[]
}

/** The start of a run, with what the log said until then. */
export interface Start {
  run: string
  plan: OpenPlan | undefined
  planId: string | undefined
  digest: string | undefined
  /** The yes in advance that it names, what the log has of it, and how many runs had started within its minutes. */
  advance: { id: string; by: string | undefined; given: Advance | undefined; earlier: number } | undefined
  /** The break-glass pass that it names, over what it says that goes, and what the log has of it. */
  pass: { id: string; over: string | undefined; logged: LoggedPass | undefined } | undefined
  /** The approvals that it names. */
  listed: readonly { id: string; by: string; over: string }[]
  ts: string
  index: number
}

/** What the log says of somebody: what they are, and since when they hold which role. */
export interface Known {
  kind: string | undefined
  roles: Map<string, string>
}

/**
 * What led to each start of a run. Holds the plans that are still open, and who has which role: a plan that ended can
 * start nothing any more, and is forgotten.
 */
export class Starts {
  readonly people = new Map<string, Known>()
  readonly passes = new Passes()
  readonly #given = new Map<string, Advance>()
  readonly #open = new Map<string, OpenPlan>()
  readonly #carried: ReadonlySet<string> | undefined

  constructor({ completeness, streams }: Pick<Subject['manifest'], 'completeness' | 'streams'>) {
    this.#carried = completeness === 'FULL' ? undefined : new Set(streams.map(({ stream }) => stream))
  }

  /** Whether all of a plan is here: else nothing can be said of its run. */
  readonly knowsPlan = (id: string | undefined): boolean => id === undefined || this.#carries(`plan:${id}`)
  /** Whether all of a yes in advance is here: when it was taken back, too. */
  readonly knowsAdvance = (start: Start): boolean => !start.advance || this.#carries(`standing:${start.advance.id}`)
  /** Whether all that the log says of somebody is here. */
  readonly knowsPerson = (id: string): boolean => this.#carries(`person:${id}`)
  /** Whether all of this stream is here. */
  readonly knows = (stream: string): boolean => this.#carries(stream)
  readonly #carries = (stream: string): boolean => this.#carried?.has(stream) ?? true

  /** The start that this entry tells of, if it is one. */
  see({ entry, index }: Pick<Seen, 'entry' | 'index'>): Start | undefined {
    switch (entry?.type) {
      case 'person.added':
        if (entry.detail?.person_id) this.#person(entry.detail.person_id).kind = entry.detail.kind
        return undefined
      case 'role.granted': {
        const { person_id, role, since } = entry.detail ?? {}
        if (person_id && role) this.#person(person_id).roles.set(role, since ?? entry.ts)
        return undefined
      }
      case 'role.revoked': {
        const { person_id, role } = entry.detail ?? {}
        if (person_id && role) this.#person(person_id).roles.delete(role)
        return undefined
      }
      case 'break-glass.asked':
      case 'break-glass.granted':
      case 'break-glass.refused':
      case 'break-glass.overdue':
      case 'break-glass.reviewed':
        this.passes.see(entry, index)
        return undefined
      case 'plan.requested': {
        const { id, kind } = askerOf(entry)
        Object.assign(this.#plan(entry.stream), { asker: id, asker_kind: kind })
        return undefined
      }
      case 'standing.given':
        this.#given.set(idIn(entry.stream), advance(entry, index))
        return undefined
      case 'standing.revoked': {
        const given = this.#given.get(idIn(entry.stream))
        if (given) given.revoked = true
        return undefined
      }
      case 'plan.proposed':
        this.#plan(entry.stream).proposed = proposal(entry)
        return undefined
      case 'approval.given':
      case 'approval.refused':
        this.#open.get(planOf(entry.stream))?.votes.push(vote(entry, index))
        return undefined
      case 'cancel.requested': {
        const plan = this.plan(entry.detail?.plan)
        if (plan && entry.stream === `plan:${plan.id}`) plan.cancelled ??= { by: entry.actor.id, index }
        return undefined
      }
      case 'plan.used':
      case 'plan.stopped':
      case 'plan.failed':
      case 'plan.stale':
      case 'plan.refused':
      case 'plan.expired':
      case 'plan.cancelled':
        this.#open.delete(planOf(entry.stream))
        return undefined
      case 'run.started': {
        const plan = this.plan(entry.detail?.plan)
        if (plan) plan.started = true
        const { break_glass: glass, over } = entry.detail ?? {}
        if (glass !== undefined) this.passes.use(glass, idIn(entry.stream), entry.ts, index)
        return {
          advance: this.#advance(entry),
          pass: glass === undefined ? undefined : { id: glass, over, logged: this.passes.get(glass) },
          run: idIn(entry.stream),
          plan,
          planId: entry.detail?.plan,
          digest: entry.plan_digest,
          listed: entry.approvals ?? [],
          ts: entry.ts,
          index,
        }
      }
      default:
        return undefined
    }
  }

  /** A plan that has not ended. */
  plan(id: string | undefined): OpenPlan | undefined {
    return id === undefined ? undefined : this.#open.get(id)
  }

  /** The run that this entry says a plan became, where the log has no start of it: all of it was left out. */
  leftOut({ entry }: Pick<Seen, 'entry'>): { plan: string; run: string } | undefined {
    if (entry?.type !== 'plan.used') return undefined
    const plan = this.plan(planOf(entry.stream))
    const run = entry.detail?.run
    if (!plan || plan.started || run === undefined || !this.#carries(`run:${run}`)) return undefined
    return { plan: plan.id, run }
  }

  #advance({ detail, ts }: EntryBody<'run.started'>): Start['advance'] {
    if (detail?.standing === undefined) return undefined
    const given = this.#given.get(detail.standing)
    const since = (start: string) =>
      isAfter(start, new Date(Date.parse(ts) - (given?.minutes ?? 0) * 60_000).toISOString())
    const earlier = given?.starts.filter(since).length ?? 0
    // No more than its budget, and one that is too many, are ever asked for.
    if (given) given.starts = [...given.starts, ts].slice(-given.most_runs - 1)
    return { id: detail.standing, by: detail.standing_by, given, earlier }
  }

  #person(id: string): Known {
    const known = this.people.get(id) ?? { kind: undefined, roles: new Map() }
    this.people.set(id, known)
    return known
  }

  #plan(stream: string): OpenPlan {
    const id = planOf(stream)
    const open = this.#open.get(id) ?? {
      id,
      asker: undefined,
      asker_kind: undefined,
      proposed: undefined,
      votes: [],
      cancelled: undefined,
      started: false,
    }
    this.#open.set(id, open)
    return open
  }
}

const idIn = (reference: string): string => reference.slice(reference.indexOf(':') + 1)
const planOf = idIn

const proposal = ({ detail, plan_digest, recipe }: EntryBody<'plan.proposed'>): Proposed => ({
  recipe: recipe?.digest,
  steps: detail?.steps?.length,
  targets: detail?.targets,
  reach: detail?.reach && rangesOf(detail.reach),
  digest: plan_digest,
  tier: detail?.tier,
  quorum: detail?.quorum,
  roles: detail?.roles,
  role_hours: detail?.role_hours,
  expires_at: detail?.expires_at,
  changes: detail?.steps === undefined || detail.steps.length > 0,
})

/** Each number's least and most. What has another form is left out, and so bounds nothing and is bounded by nothing. */
const rangesOf = <End extends number | null>(facts: Readonly<Record<string, unknown>>): Map<string, [End, End]> =>
  new Map(
    Object.entries(facts).flatMap(([name, range]) =>
      Array.isArray(range) && range.length === 2 ? [[name, range as [End, End]] as const] : [],
    ),
  )

const advance = (entry: EntryBody<'standing.given'>, index: number): Advance => ({
  id: idIn(entry.about),
  by: entry.actor.id,
  kind: entry.actor.kind,
  roles: entry.actor.roles ?? [],
  yes: true,
  digest: undefined,
  ts: entry.ts,
  index,
  recipe: entry.recipe?.digest,
  targets: entry.detail?.targets ?? [],
  steps: entry.detail?.steps ?? 0,
  bounds: rangesOf<number | null>(entry.detail?.bounds ?? {}),
  most_runs: entry.detail?.most_runs ?? 0,
  minutes: entry.detail?.minutes ?? 0,
  expires_at: entry.detail?.expires_at ?? entry.ts,
  revoked: false,
  starts: [],
})

const vote = (entry: EntryBody<'approval.given' | 'approval.refused'>, index: number): Vote => ({
  id: idIn(entry.about),
  by: entry.actor.id,
  kind: entry.actor.kind,
  roles: entry.actor.roles ?? [],
  yes: entry.type === 'approval.given',
  digest: entry.plan_digest,
  ts: entry.ts,
  index,
})

/** Why a yes counts by nobody's rules; undefined where it is a person's, for this very plan, of those that the run names. */
export function whyVoid({ listed, plan }: Start, vote: Vote, people: ReadonlyMap<string, Known>): string | undefined {
  if (vote.kind !== 'person') return `a ${vote.kind} cannot approve`
  const kind = people.get(vote.by)?.kind
  if (kind !== undefined && kind !== 'person') return `${vote.by} is a ${kind}, and only people approve`
  if (vote.digest !== plan?.proposed?.digest) return `it is for another plan (${short(vote.digest)})`
  if (!listed.some(({ id }) => id === vote.id)) return 'the run does not name it'
  return undefined
}

/** Why a yes in advance does not cover the plan that a run carries out; undefined where it does. By nobody's rules but its own. */
export function whyNotCovered({ advance, plan, ts }: Start, people: ReadonlyMap<string, Known>): string | undefined {
  const { by, given } = advance ?? {}
  const proposed = plan?.proposed
  if (!given) return 'no such approval stands in the log before it'
  if (by !== given.by) return `the log has it by ${given.by}, and the run says by ${by ?? 'nobody'}`
  if (given.kind !== 'person') return `a ${given.kind} cannot approve`
  const kind = people.get(given.by)?.kind
  if (kind !== undefined && kind !== 'person') return `${given.by} is a ${kind}, and only people approve`
  if (given.revoked) return 'it had been taken back'
  if (isAfter(ts, given.expires_at)) return `it ended at ${given.expires_at}`
  if (given.recipe === undefined || given.recipe !== proposed?.recipe)
    return `it is for another recipe (${short(given.recipe)})`
  const asker = people.get(plan?.asker ?? '')?.kind ?? plan?.asker_kind
  if (asker === undefined || asker === 'person') return 'the plan was asked for by a person, or nobody can tell by whom'
  const { reach, steps, targets } = proposed
  if (steps === undefined || targets === undefined || reach === undefined)
    return 'the plan does not say what it would touch, and how far'
  if (steps > given.steps) return `it is for ${counted(given.steps, 'step')}, and the plan has ${steps}`
  const other = targets.find((target) => !given.targets.includes(target))
  if (other !== undefined) return `it is not for ${other}`
  for (const [name, [least, most]] of reach) {
    const range = given.bounds.get(name)
    if (!range) return `it says nothing of ${name}`
    if (least < (range[0] ?? -Infinity) || most > (range[1] ?? Infinity))
      return `it is for ${name} from ${range[0] ?? 'anything'} to ${range[1] ?? 'anything'}, and the plan sets ${least} to ${most}`
  }
  const { minutes, most_runs } = given
  if ((advance?.earlier ?? 0) >= most_runs)
    return `it is for ${counted(most_runs, 'run')} in ${counted(minutes, 'minute')}, and as many had started before`
  return undefined
}

/** Whether something happened after a time, whichever honest clock told it. */
export const isAfter = (ts: string, limit: string): boolean => Date.parse(ts) > Date.parse(limit) + SKEW * 1000

/** What a check of starts found: runs that were judged, and runs whose plan is not here. */
export function judged(runs: number, skipped: number): string | NotMade {
  if (skipped === 0) return counted(runs, 'run')
  if (runs === 0) return new NotMade(`no plan of the runs here (${skipped}) is in the bundle`)
  return `${counted(runs, 'run')}; the plans of ${skipped} more are not in the bundle`
}

/** The beginning of a digest, for a sentence. */
export const short = (digest: string | undefined): string => digest?.slice(7, 19) ?? 'without a digest'

/** Who counts, who does not and why: `ines approved (entry 12); hannah approved (entry 9), which does not count: …`. */
export const sayVotes = (votes: readonly { vote: Vote; because: string | undefined }[]): string =>
  votes
    .map(
      ({ because, vote }) =>
        `${vote.by} approved (entry ${vote.index})${because === undefined ? '' : `, which does not count: ${because}`}`,
    )
    .join('; ') || 'nobody approved it'
