import type { EntryBody } from '../entry.js'
import { counted, Fault, NotMade, type Check } from './check.js'
import { Lifts } from './lifts.js'
import { SKEW } from './quorum.js'
import { Starts } from './starts.js'

/**
 * Nothing began while it was held: by a freeze, the stop switch, a quiet window, a target at rest, a cap, a spent budget, or a
 * recipe that may not act by itself. The database refuses each; this asks the log alone. What an entry of before does not say
 * is not asked.
 */
export const guards: Check = {
  name: 'guards',
  says: 'nobody but two of Security lifted a freeze, and nothing began that a freeze, the stop switch, a quiet window, a rest, a cap, a budget or a stage should have held',
  start({ manifest }) {
    if (manifest.completeness === 'SELECTED') return new NotMade('entries were selected: others may belong to these')
    const house = new House()
    const lifts = new Lifts()
    const { knowsPerson } = new Starts(manifest)
    return {
      see(batch) {
        for (const { entry, index } of batch) {
          if (!entry) continue
          lifts.see(entry, index, knowsPerson)
          house.see(entry, index)
        }
      },
      end: () => `${counted(house.runs, 'run')}, ${counted(house.steps, 'step')}`,
    }
  },
}

/** What a plan says of itself that something could hold against its run. */
interface Plan {
  recipe: { id: string; digest: string } | undefined
  stage: string | undefined
  /** It takes a run back, as whoever asked for it said: what a recipe did is taken back also when it only watches since. */
  reverts: boolean
  contains: boolean
  /** For an incident, and made for a higher tier because of a quiet window. */
  raised: boolean
  cooldown_minutes: number
  targets: readonly string[]
  caps: NonNullable<NonNullable<EntryBody<'plan.proposed'>['detail']>['caps']>
}

interface Run {
  plan: Plan | undefined
  planId: string
  scopes: readonly string[]
  /** A step was claimed: from then on its targets rest when it is over. */
  touched: boolean
  /** How many targets it has not freed. */
  holds: number
}

/** What holds whom, as the log has told so far. Runs and plans that are over are forgotten. */
class House {
  runs = 0
  steps = 0
  readonly #plans = new Map<string, Plan>()
  /** Plans that were asked for, and whether to take a run back: the worker makes them, and is not who says that. */
  readonly #asked = new Map<string, boolean>()
  readonly #runs = new Map<string, Run>()
  readonly #freezes = new Map<string, { scopes: readonly string[]; index: number }>()
  readonly #windows = new Map<string, { scopes: readonly string[]; from: number; to: number; index: number }>()
  readonly #disarmed = new Map<string, number>()
  readonly #stages = new Map<string, { digest: string | undefined; to: string; index: number }>()
  readonly #rested = new Map<string, { at: number; run: string }>()
  readonly #passes = new Map<string, { plan: string | undefined; freeze: string | undefined; until: number }>()
  #stopped: number | undefined

  see(entry: EntryBody, index: number): void {
    const id = idIn(entry.stream)
    switch (entry.type) {
      case 'plan.requested':
        this.#asked.set(id, entry.detail?.reverts !== undefined)
        break
      case 'plan.proposed':
        this.#plans.set(id, { ...planOf(entry), reverts: this.#asked.get(id) ?? entry.detail?.reverts !== undefined })
        this.#asked.delete(id)
        break
      case 'plan.stopped':
      case 'plan.failed':
        this.#asked.delete(id)
        break
      case 'plan.used':
      case 'plan.stale':
      case 'plan.refused':
      case 'plan.expired':
      case 'plan.cancelled':
        this.#plans.delete(id)
        this.#asked.delete(id)
        break
      case 'run.started':
        this.#begin(entry, id, index)
        break
      case 'step.intended':
      case 'step.undoing':
      case 'step.wave':
        this.#claim(entry, id, index)
        break
      case 'target.freed': {
        const run = this.#runs.get(id)
        if (!run) break
        if (run.touched && entry.target) this.#rested.set(entry.target, { at: Date.parse(entry.ts), run: id })
        if (--run.holds <= 0) this.#runs.delete(id)
        break
      }
      case 'run.succeeded':
      case 'run.undone':
      case 'run.cancelled':
      case 'run.frozen':
        // The targets that it holds are freed behind this.
        if (this.#runs.get(id)?.holds === 0) this.#runs.delete(id)
        break
      case 'freeze.declared':
        this.#freezes.set(id, { scopes: entry.detail?.scopes ?? [], index })
        break
      case 'freeze.lifted':
        this.#freezes.delete(id)
        break
      case 'break-glass.granted': {
        const { break_glass, expires_at, freeze, plan } = entry.detail ?? {}
        if (break_glass && freeze && expires_at)
          this.#passes.set(break_glass, { plan, freeze, until: Date.parse(expires_at) })
        break
      }
      case 'stop.pressed':
        this.#stopped = index
        break
      case 'stop.released':
        this.#stopped = undefined
        break
      case 'quiet.declared': {
        const { ends_at, scopes = [], starts_at } = entry.detail ?? {}
        if (starts_at && ends_at)
          this.#windows.set(id, { scopes, from: Date.parse(starts_at), to: Date.parse(ends_at), index })
        break
      }
      case 'quiet.cancelled':
        this.#windows.delete(id)
        break
      case 'budget.disarmed':
        this.#disarmed.set(id, index)
        break
      case 'budget.rearmed':
        this.#disarmed.delete(id)
        break
      case 'recipe.graduated':
        if (entry.detail?.to) this.#stages.set(id, { digest: entry.recipe?.digest, to: entry.detail.to, index })
        break
    }
  }

  #begin(entry: EntryBody<'run.started'>, id: string, index: number): void {
    const plan = this.#plans.get(entry.detail?.plan ?? '')
    const scopes = entry.freeze?.scopes ?? []
    this.#runs.set(id, {
      plan,
      planId: entry.detail?.plan ?? '',
      scopes,
      touched: false,
      holds: plan?.targets.length ?? 0,
    })
    this.runs++
    const fault = (sentence: string) => new Fault('guard', `the run ${id} was started ${sentence}`, index)
    const held = this.#holding(plan, entry.detail?.plan, scopes, entry.ts)
    if (held) throw fault(held)
    if (!plan) return
    const now = Date.parse(entry.ts)
    for (const [window, { scopes: over, from, to, index: declared }] of this.#windows) {
      // A window ends by the clock, and two clocks may be apart.
      if (to < now - 2 * SLACK) this.#windows.delete(window)
      const isOpen = now >= from + SLACK && now < to - SLACK
      if (isOpen && !plan.contains && !plan.raised && overlap(over, scopes))
        throw fault(
          `in the quiet window ${window} (entry ${declared}), and it is planned work, or was planned before it`,
        )
    }
    for (const target of plan.contains ? [] : plan.targets) {
      const last = this.#rested.get(target)
      const rests = (last?.at ?? -Infinity) + plan.cooldown_minutes * MINUTE
      if (last && now + SLACK < rests)
        throw fault(`on ${target}, which rested until ${new Date(rests).toISOString()} after the run ${last.run}`)
    }
    for (const { has, most, what, where } of plan.caps) {
      const there = where === undefined ? '' : ` in ${where}`
      if (has > most) throw fault(`with ${has} ${what}${there}, and the house lets it have ${most}`)
      if (what === 'targets' && where === undefined && has !== plan.targets.length)
        throw fault(`on a plan that counts ${has} targets and names ${plan.targets.length}`)
    }
    this.#byItself(entry, plan, scopes, fault)
  }

  /** What may start at all, and what by itself. */
  #byItself(
    { detail }: EntryBody<'run.started'>,
    { recipe, reverts, stage: written, targets }: Plan,
    scopes: readonly string[],
    fault: (sentence: string) => Fault,
  ): void {
    if (!recipe) return
    const last = this.#stages.get(recipe.id)
    const stage = !last ? written : last.digest === recipe.digest ? last.to : lower(written, last.to)
    const since = last ? ` (entry ${last.index})` : ''
    if (stage === 'watch' && !reverts) throw fault(`by a recipe that only watches: ${recipe.id}${since}`)
    if (detail?.standing === undefined) return
    if (stage !== undefined && stage !== 'auto')
      throw fault(`by itself, and ${recipe.id} is in the stage ${stage}${since}`)
    for (const of of [`recipe:${recipe.id}`, ...targets.map((target) => `target:${target}`), ...scopes]) {
      const spent = this.#disarmed.get(of)
      if (spent !== undefined) throw fault(`by itself, and the budget of ${of} was spent (entry ${spent})`)
    }
  }

  #claim(entry: EntryBody<'step.intended' | 'step.undoing' | 'step.wave'>, id: string, index: number): void {
    const run = this.#runs.get(id)
    if (run) run.touched = true
    // What a person answered makes a step intended again, and claims nothing: the claim that follows it does.
    if (entry.detail?.attempt === undefined && entry.freeze === undefined) return
    this.steps++
    const held = this.#holding(run?.plan, run?.planId, entry.freeze?.scopes ?? run?.scopes ?? [], entry.ts)
    if (held) throw new Fault('guard', `a step of the run ${id} was claimed ${held}`, index)
  }

  #holding(plan: Plan | undefined, id: string | undefined, scopes: readonly string[], ts: string): string | undefined {
    if (this.#stopped !== undefined) return `while the stop switch was on (entry ${this.#stopped})`
    // Of a plan that is not here nobody can tell whether it only contains.
    if (!plan || plan.contains) return undefined
    for (const [freeze, { scopes: over, index }] of this.#freezes)
      if (overlap(over, scopes) && !this.#isPassed(id, freeze, ts))
        return `in scope of the freeze ${freeze} (entry ${index})`
    return undefined
  }

  /** Two of Security let this very plan go over this very freeze, and its time is not over. */
  #isPassed(plan: string | undefined, freeze: string, ts: string): boolean {
    const fits = (pass: { plan: string | undefined; freeze: string | undefined; until: number }) =>
      plan !== undefined && pass.plan === plan && pass.freeze === freeze && Date.parse(ts) <= pass.until + SLACK
    return [...this.#passes.values()].some(fits)
  }
}

const MINUTE = 60_000
const SLACK = SKEW * 1000
const STAGES = ['watch', 'propose', 'auto']
const lower = (one: string | undefined, other: string): string | undefined =>
  one === undefined ? undefined : STAGES.indexOf(one) < STAGES.indexOf(other) ? one : other
const idIn = (reference: string): string => reference.slice(reference.indexOf(':') + 1)
const overlap = (one: readonly string[], other: readonly string[]): boolean =>
  one.some((scope) => other.includes(scope))

const planOf = ({ detail, recipe }: EntryBody<'plan.proposed'>): Omit<Plan, 'reverts'> => ({
  recipe,
  stage: detail?.stage,
  contains: detail?.contains ?? false,
  raised: detail?.raised_from !== undefined && (detail.incident ?? '') !== '',
  cooldown_minutes: detail?.cooldown_minutes ?? 0,
  targets: detail?.targets ?? [],
  caps: detail?.caps ?? [],
})
