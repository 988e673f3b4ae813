import { setTimeout as sleep } from 'node:timers/promises'
import type { Loan, Plan, Run } from '@firebreak/flow'
import type { Dice } from '../crash/dice.js'
import type { Office } from '../crash/office.js'
import { seen, throughCrashes, unlessRefused } from '../crash/patience.js'
import type { CountingCluster, Fate } from './counting-cluster.js'

/** Lanes in which one run follows the other. More than the workers have hands for, so that there is always one waiting. */
export const LANES = 14
const FATES: readonly Fate[] = ['helps', 'helps', 'helps', 'never-ready', 'third-forbidden']
const PATIENCE_MS = 120_000
/** Of one run; each was overtaken by a crash. */
const MOST_PLANS = 20
const LOOK_MS = 150

/** The people of the chaos suite: they ask for runs, approve them, answer them, and take back what was lent. */
export class Crew {
  /** Plans that were approved: each owes a run. */
  readonly approved: string[] = []
  readonly #asked = new Map<number, number>()
  #ended = 0

  constructor(
    private readonly office: Office,
    private readonly cluster: CountingCluster,
    private readonly dice: Dice,
    /** How many runs of a lane ask for the same number, so that what one has left on the way would fit the next. */
    private readonly alike: number,
  ) {}

  get ended(): number {
    return this.#ended
  }

  /** As many runs as that, all lanes at once. What does not come to an end in two minutes is named, and its lane ends. */
  async work(runs: number, signal?: AbortSignal): Promise<string[]> {
    let left = runs
    const lost: string[] = []
    const lane = async (number: number) => {
      while (left > 0 && !signal?.aborted) {
        left--
        try {
          await this.#repair(number)
          this.#ended++
        } catch (error) {
          lost.push(error instanceof Error ? error.message : String(error))
          return
        }
      }
    }
    await Promise.all(Array.from({ length: LANES }, (_, at) => lane(at + 1)))
    return lost
  }

  /** One run, from the wish to the last loan. A plan that no longer fits what is there is made anew. */
  async #repair(lane: number): Promise<void> {
    let why: string | null = ''
    for (let plans = 0; plans < MOST_PLANS; plans++) {
      const plan = await this.#planned(lane)
      why = plan.because
      if (plan.state !== 'proposed') continue
      const { approvals, hannah, ledger } = this.office
      const vote = { digest: plan.digest!, decision: 'yes' as const, note: '' }
      await throughCrashes(() => approvals.decide(hannah, plan.id, vote))
      this.approved.push(plan.id)
      const run = await this.#look(`an end of the plan ${plan.id}`, () => this.#endOf(plan))
      if (run === 'none') continue
      const loans = await throughCrashes(() => ledger.read((books) => books.loans.where({ run_id: run.id })))
      // What was borrowed last is given back first.
      for (const loan of loans.sort((a, b) => (a.out_at < b.out_at ? 1 : -1))) await this.#giveBack(loan)
      return
    }
    throw new Error(`${MOST_PLANS} plans of lane ${lane} became no run; the last one: ${why}`)
  }

  async #planned(lane: number): Promise<Plan> {
    const { hannah, ledger, plans } = this.office
    const asked = (this.#asked.get(lane) ?? 0) + 1
    this.#asked.set(lane, asked)
    const to = 10 + Math.floor(asked / this.alike)
    this.cluster.decide(`lane-${lane}`, this.dice.pick(FATES))
    const deployment = (name: string) => `chaos/lane-${lane}-${name}`
    const params = { a: deployment('a'), b: deployment('b'), c: deployment('c'), to }
    const wish = { recipe: 'scale-lane', params, labels: {}, reason: 'the chaos suite' }
    // Asked for twice when the answer to the first was lost in a crash: the other plan is never approved.
    const { id } = await throughCrashes(() => plans.request(hannah, wish))
    return this.#look(`the plan ${id}`, () => ledger.read((books) => books.plans.get(id)))
  }

  async #endOf({ id }: Plan): Promise<Run | 'none' | undefined> {
    const { ledger } = this.office
    const [run] = await ledger.read((books) => books.runs.where({ plan_id: id }))
    if (!run) {
      const plan = await ledger.read((books) => books.plans.get(id))
      return plan && plan.state !== 'proposed' && plan.state !== 'used' ? 'none' : undefined
    }
    if (run.state === 'needs-a-person') await this.#lookAgain(run)
    return run.ended_at === null ? undefined : run
  }

  /** What could not be told in the middle of a crash can be told now, as a person would see. */
  async #lookAgain({ id }: Run): Promise<void> {
    const { hannah, interventions } = this.office
    await interventions.answer(hannah, id, { verdict: 'look-again' }, 'the crash is over').catch(unlessRefused)
    await sleep(500)
  }

  async #giveBack({ id }: Loan): Promise<void> {
    const { hannah, ledger, loans } = this.office
    let asked = 0
    await this.#look(`the loan ${id}`, async () => {
      const loan = await ledger.read((books) => books.loans.get(id))
      if (loan?.state === 'returned') return true
      // One that could not be given back is asked for again, as a person would.
      if ((loan?.state === 'out' && asked === 0) || loan?.state === 'overdue') {
        await loans.askReturn(hannah, id, 'It is over').catch(unlessRefused)
        asked++
      }
      throw new Error(`it is ${loan?.state}: ${loan?.because ?? 'no reason'}`)
    })
  }

  #look<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    return seen(what, look, PATIENCE_MS, LOOK_MS)
  }
}
