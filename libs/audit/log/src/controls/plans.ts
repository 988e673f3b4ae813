import { askerOf } from '../asker.js'
import type { EntryBody } from '../entry.js'
import { text, whole } from './said.js'

/** A plan between the question and its end, as the entries tell of it. */
export interface OpenPlan {
  /** Who asked for it. */
  asker: string | undefined
  tier: string | undefined
  quorum: number
  digest: string | undefined
  expires_at: string | undefined
  /** By approval id. Nobody is counted twice: an id names one. */
  yes: Map<string, { by: string; person: boolean; over: string | undefined }>
  refused: boolean
}

/** What is held at once; a log with more open plans than this forgets the oldest, and says so of a run of theirs. */
const MOST_PLANS = 20_000
const MOST_VOICES = 50

const ENDS = new Set(['plan.used', 'plan.refused', 'plan.stale', 'plan.expired', 'plan.cancelled', 'plan.stopped', 'plan.failed']) // prettier-ignore

/** The plans that are open while the entries go by. */
export class OpenPlans {
  readonly #open = new Map<string, OpenPlan>()
  #ended: string | undefined

  see(entry: EntryBody): void {
    // An end counts from the next entry on: what happens by it happens while the plan is still there.
    if (this.#ended !== undefined) this.#open.delete(this.#ended)
    this.#ended = undefined
    if (!entry.stream.startsWith('plan:')) return
    const id = entry.stream.slice('plan:'.length)
    const { type } = entry
    if (type === 'plan.requested') this.#of(id).asker = askerOf(entry).id
    else if (type === 'plan.proposed') {
      const plan = this.#of(id)
      plan.tier = text(entry, 'tier')
      plan.quorum = whole(entry, 'quorum') ?? 0
      plan.digest = entry.plan_digest
      plan.expires_at = text(entry, 'expires_at')
    } else if (type === 'approval.refused') this.#of(id).refused = true
    else if (type === 'approval.given') {
      const { yes } = this.#of(id)
      const { actor, about, plan_digest: over } = entry
      if (yes.size < MOST_VOICES) yes.set(about.slice('approval:'.length), { by: actor.id, person: actor.kind === 'person', over }) // prettier-ignore
    } else if (ENDS.has(type)) this.#ended = id
  }

  get(id: string): OpenPlan | undefined {
    return this.#open.get(id)
  }

  #of(id: string): OpenPlan {
    let plan = this.#open.get(id)
    if (plan) return plan
    plan = { asker: undefined, tier: undefined, quorum: 0, digest: undefined, expires_at: undefined, yes: new Map(), refused: false } // prettier-ignore
    if (this.#open.size >= MOST_PLANS) this.#open.delete(this.#open.keys().next().value!)
    this.#open.set(id, plan)
    return plan
  }
}
