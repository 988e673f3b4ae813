import {
  PortFailure,
  shownArgs,
  type Hands,
  type JsonObject,
  type PortFailureKind,
  type Readers,
  type Recipe,
} from '@firebreak/kit'
import { verbs } from '@firebreak/kit/verbs'
import type { Actor } from '../actor.js'
import type { Loan, Plan, PlannedStep, Run, RunStep, StepItem } from '../rows.js'
import { itemsOf } from '../items/item-journal.js'
import type { Carried } from '../runner.js'
import type { Logged } from './fake-ledger.js'
import { hannah, House } from './rehearse.js'
import { toType } from '../approvals.js'

/** A recipe in a world of fakes, in which it finds something to do and helps. Made anew for every play. */
export interface Stage {
  recipe: Recipe
  readers: Readers
  hands: Hands
  /** What really took place in the targets, in order: the `effects` of the fakes. */
  effects: () => readonly unknown[]
  /** What set the recipe off. */
  labels?: Record<string, string>
  params?: JsonObject
  /** Verbs whose target takes neither precondition nor key: only their probe keeps them from happening twice. */
  without_precondition?: readonly string[]
}

/** One thing that goes wrong: at the nth call of the hands, or at the nth commit, counted from the start of the run. */
export type Mishap =
  | { at: 'call'; nth: number; how: 'dies before' | 'dies after' }
  | { at: 'call'; nth: number; how: PortFailureKind; afterEffect?: boolean; forGood?: boolean }
  | { at: 'commit'; nth: number; how: 'dies before' | 'dies after' }

/** How a play ended, and what there was on the way. */
export interface Played {
  outcome: Carried
  plan: Plan
  run: Run | undefined
  steps: RunStep[]
  /** Of all steps, in order. */
  items: StepItem[]
  loans: Loan[]
  effects: readonly unknown[]
  /** The targets of each step before and after, as its verb reads them; by number where it has many items. */
  before: JsonObject[]
  after: JsonObject[]
  /** The types of the log's entries. */
  story: string[]
  log: Logged[]
  /** Every call of the hands and every commit, in words: what a mishap can strike. */
  calls: string[]
  commits: string[]
}

export interface PlayOptions {
  /** False: its verification never holds, so that everything is taken back. */
  helps?: boolean
  mishap?: Mishap
  /** How many workers hear the bell at once. */
  workers?: number
}

/** The process of a worker that has ended in the middle: it reaches nothing and nobody any more. */
class Killed extends Error {}

/** How often another worker comes before a run is called one that never ends. */
const MOST_COMINGS = 6
/** Longer than a tenure. */
const SILENCE_MS = 5_000

/**
 * Plays a recipe from the wish to the end of its run, on the real engine and on fakes; with a mishap when there is one,
 * and then with other workers, who come until the run is at rest.
 */
export async function rehearse(stage: Stage, options: PlayOptions = {}): Promise<Played> {
  return new Play(stage, options).play()
}

class Play {
  private readonly house: House
  private readonly calls: string[] = []
  private readonly commits: string[] = []
  private running = false
  private dead = false
  private forbidden: PortFailureKind | undefined

  constructor(
    private readonly stage: Stage,
    private readonly options: PlayOptions,
  ) {
    const { recipe } = stage
    const never = { holds: false, says: 'It did not help.' }
    const played: Recipe =
      options.helps === false ? { ...recipe, verify: { ...recipe.verify, holds: async () => never } } : recipe
    this.house = new House(stage.readers, watched(stage.hands, this.onCall), [played])
    this.house.ledger.beforeCommit = (drafts) => this.onCommit(drafts.map(({ type }) => type).join(', '))
    this.house.clock.onSleep = () => this.breathe()
  }

  async play(): Promise<Played> {
    const plan = await this.approved()
    const before = await this.states(plan)
    this.running = true
    const rung = Array.from({ length: this.options.workers ?? 1 }, (_, at) =>
      this.carryOut(`worker-${at + 1}`, plan.id),
    )
    let outcome: Carried | undefined = (await Promise.all(rung)).find((one) => one !== undefined && one !== 'elsewhere')
    for (let coming = 0; coming < MOST_COMINGS && !isAtRest(outcome); coming++) {
      this.dead = false
      if (outcome === 'waiting') {
        // Between two waves nobody is silent: the bell rings when it goes on.
        await this.untilItGoesOn(plan.id)
        coming--
      } else this.house.clock.forward(SILENCE_MS)
      outcome = await this.carryOut(`relief-${coming + 1}`, plan.id)
    }
    this.running = false
    const { ledger, story } = this.house
    const [run] = await ledger.read((books) => books.runs.where({ plan_id: plan.id }))
    const of = { run_id: run?.id ?? '' }
    const steps = (await ledger.read((books) => books.steps.where(of))).sort((a, b) => a.number - b.number)
    const items = await Promise.all(steps.map((step) => ledger.read((books) => itemsOf(books, step))))
    return {
      outcome: outcome ?? 'elsewhere',
      plan,
      run,
      steps,
      items: items.flat(),
      loans: await ledger.read((books) => books.loans.where(of)),
      effects: [...this.stage.effects()],
      before,
      after: await this.states(plan),
      story,
      log: ledger.log,
      calls: this.calls,
      commits: this.commits,
    }
  }

  /** From the wish to the plan that as many people as it takes have said yes to. */
  private async approved(): Promise<Plan> {
    const { recipe, labels = {}, params = {} } = this.stage
    const { id } = await this.house.plans.request(hannah, { recipe: recipe.id, params, labels, reason: 'a rehearsal' })
    const plan = await this.house.worker().planner.make(id)
    if (plan?.state !== 'proposed')
      throw new Error(`on this stage ${recipe.id} proposes no plan: it is ${plan?.state} (${plan?.because})`)
    for (let nth = 1; nth <= recipe.approval.people; nth++) {
      const approver: Actor = {
        kind: 'person',
        id: `approver-${nth}`,
        auth: 'session',
        roles: [...recipe.approval.roles],
      }
      this.house.knows(approver)
      await this.house.approvals.decide(approver, id, {
        digest: plan.digest!,
        decision: 'yes',
        note: '',
        typed: toType(plan) ?? undefined,
      })
    }
    return plan
  }

  /** Undefined when the worker died over it. */
  private async carryOut(worker: string, plan: string): Promise<Carried | undefined> {
    try {
      return await this.house.worker(worker).runner.carryOut(plan)
    } catch (error) {
      if (error instanceof Killed || this.dead) return undefined
      throw error
    }
  }

  private async states(plan: Plan): Promise<JsonObject[]> {
    return Promise.all(
      plan.body!.steps.map(async (step) => {
        const states = await Promise.all(effectsOf(step).map(({ verb, args }) => this.state(verb, args)))
        return step.items ? Object.fromEntries(states.map((state, at) => [at + 1, state])) : states[0]!
      }),
    )
  }

  private async state(verb: string, args: JsonObject): Promise<JsonObject> {
    try {
      // What an earlier step will give is read as it was planned, before and after.
      return await verbs.get(verb)!.state(this.stage.readers, shownArgs(args))
    } catch (error) {
      return { unreadable: (error as Error).message }
    }
  }

  private async untilItGoesOn(plan: string): Promise<void> {
    const [run] = await this.house.ledger.read((books) => books.runs.where({ plan_id: plan }))
    const { clock } = this.house
    if (run?.goes_on_at) clock.forward(Math.max(0, new Date(run.goes_on_at).getTime() - clock.now().getTime()))
  }

  private readonly onCall: OnCall = async (name, call) => {
    this.breathe()
    if (!this.running) return call()
    const nth = this.calls.push(name)
    const { mishap } = this.options
    if (this.forbidden) throw new PortFailure(this.forbidden, `the rehearsal answers ${this.forbidden} from here on`)
    if (mishap?.at !== 'call' || mishap.nth !== nth) return call()
    if (mishap.how === 'dies before') this.die()
    if (mishap.how === 'dies after') {
      await call()
      this.die()
    }
    const kind = mishap.how
    if ('forGood' in mishap && mishap.forGood) this.forbidden = kind
    if ('afterEffect' in mishap && mishap.afterEffect) await call()
    throw new PortFailure(kind, `the rehearsal answers ${kind}`)
  }

  private onCommit(what: string): void {
    this.breathe()
    if (!this.running) return
    const nth = this.commits.push(what || 'a commit without an entry')
    const { mishap } = this.options
    if (mishap?.at !== 'commit' || mishap.nth !== nth) return
    if (mishap.how === 'dies before') this.die()
    // The commit goes through; whatever the worker does next finds it dead.
    this.dead = true
  }

  private die(): never {
    this.dead = true
    throw new Killed('killed')
  }

  private breathe(): void {
    if (this.dead) throw new Killed('killed')
  }
}

/** What a step of a plan does: one effect, or one for each of its items. */
export const effectsOf = ({ verb, args, items }: PlannedStep): { verb: string; args: JsonObject; item?: number }[] =>
  items ? items.map((item, at) => ({ verb, args: item.args, item: at + 1 })) : [{ verb, args }]

function isAtRest(outcome: Carried | undefined): boolean {
  return (
    outcome !== undefined &&
    !['elsewhere', 'handed-over', 'locked', 'running', 'waiting', 'verifying'].includes(outcome)
  )
}

type OnCall = (name: string, call: () => Promise<unknown>) => Promise<unknown>

/** The same hands, each of whose calls goes through `onCall`. */
function watched(hands: Hands, onCall: OnCall): Hands {
  const watch = (port: object, name: string) =>
    new Proxy(port, {
      get(target, key) {
        const member: unknown = Reflect.get(target, key)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) =>
          onCall(`${name}.${String(key)}`, async () => (member as (...args: unknown[]) => unknown).apply(target, args))
      },
    })
  return Object.fromEntries(
    Object.entries(hands as unknown as Record<string, object>).map(([name, port]) => [name, watch(port, name)]),
  ) as unknown as Hands
}
