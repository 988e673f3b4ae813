import { PortFailure, wavesOf, type Hands, type Readers, type Recipe, type RunEnd } from '@firebreak/kit'
import type { Actor } from './actor.js'
import { entry } from './audit.js'
import type { Direction } from './effect.js'
import { answerOf, cancelOf, courseOf } from './interventions.js'
import { whatIsMissing, withGiven } from './given.js'
import { ItemsRunner } from './items/items-runner.js'
import { Journal, type Held } from './journal.js'
import { nextMove, type Move } from './moves.js'
import { mayPass } from './passages.js'
import { reasonOf } from './planner.js'
import { recipeOf } from './reverts.js'
import type { Plan, PlanBody, Run, RunState, RunStep } from './rows.js'
import { Starter, type Begun, type NotStarted } from './starter.js'
import { stepFacts, StepsRunner, type Page } from './steps-runner.js'
import { TenureLost, type Tenures } from './tenure.js'
import type { Stop, Timers } from './timers.js'
import { followerOf, type World } from './world.js'

export interface RunnerSettings {
  /** Between two looks of a verification. */
  verifyEveryMs: number
  /** How often a step is tried when the outside is busy. */
  attempts: number
  /**
   * How many times faster than the wall clock the watched systems run: a verification is over as much sooner. 1 everywhere
   * but in a sandbox; 1 when left out.
   */
  watchedClock?: number
  /** Told when a run waits, and until when; without it, or when it is lost, the sweep finds the run. */
  wake?: (planId: string, at: Date) => void
}

/** A run that no worker can carry out is not handed round for ever: somebody has to look. */
const MOST_TAKEOVERS = 25

/** What became of asking for a run. */
export type Carried = RunState | NotStarted | 'elsewhere' | 'handed-over'

/**
 * How many times more an effect of which nobody can tell is looked for, each after a longer pause: about ten seconds with
 * three attempts, in which an API server is there again after its restart. Otherwise each of those would need a person.
 */
const MORE_LOOKS = 3

/**
 * Carries out approved plans, step by step, in a journal: the intent is committed before each effect, the outcome
 * after it, each with its entry in the log. Whoever takes a run over probes before repeating anything.
 */
export class Runner {
  private readonly starter: Starter
  private readonly steps: StepsRunner
  private readonly items: ItemsRunner

  constructor(
    private readonly world: World,
    private readonly recipes: ReadonlyMap<string, Recipe>,
    private readonly readers: Readers,
    hands: Hands,
    private readonly tenures: Tenures,
    private readonly timers: Timers,
    private readonly me: Actor,
    private readonly settings: RunnerSettings,
  ) {
    this.starter = new Starter(world, recipes, readers, tenures, me)
    const patience = {
      read: <T>(read: () => Promise<T>) => this.readPatiently(read),
      probe: <T>(look: () => Promise<T>) => this.readPatiently(look, settings.attempts + MORE_LOOKS),
    }
    this.steps = new StepsRunner(world, readers, hands, timers, settings, patience)
    this.items = new ItemsRunner(world, readers, hands, timers, settings, patience)
  }

  /** Starts the run of an approved plan, or takes an unfinished one over. `signal` hands it over at the next boundary. */
  async carryOut(planId: string, signal?: Stop): Promise<Carried> {
    const [plan, [run], approvals] = await this.world.ledger.read((books) =>
      Promise.all([
        books.plans.get(planId),
        books.runs.where({ plan_id: planId }),
        books.approvals.where({ plan_id: planId }),
      ]),
    )
    if (!plan?.body) return 'not-approved'
    const held = run ? await this.takeOver(plan, run) : await this.starter.start(plan, plan.body, approvals)
    if (typeof held === 'string') return held

    try {
      const facts = { run: held.run, plan: planId, recipe: plan.recipe_id, attempt: held.fence }
      return await followerOf(this.world).during('run', facts, async (learn) => {
        const outcome = await this.tenures.during(
          held.run,
          held.fence,
          (ms, work) => this.timers.every(ms, work),
          () => this.proceed(plan, plan.body!, held, signal),
        )
        learn({ outcome })
        return outcome
      })
    } catch (error) {
      if (error instanceof TenureLost) return 'elsewhere'
      throw error
    }
  }

  private async takeOver(plan: Plan, run: Run): Promise<Held | Carried> {
    return this.world.ledger.write(async (books) => {
      await books.lock({ key: [`tenure:${run.id}`], stream: [`run:${run.id}`] })
      const now = (await books.runs.get(run.id))!
      const steps = withGiven(plan.body, await books.steps.where({ run_id: run.id }))
      const answer = now.state === 'needs-a-person' ? await answerOf(books, now) : undefined
      const move = nextMove(now, steps, this.world.now(), await cancelOf(books, now))
      if (!answer && move.kind === 'rest') return now.state
      const fence = await this.tenures.take(books, run.id)
      if (fence === undefined) return 'elsewhere'
      if (answer) {
        const journal = new Journal(this.world, this.tenures, this.me, plan, { run: run.id, fence })
        await journal.answered(books, now, steps, answer, courseOf(now, steps, answer.answer))
        return { run: run.id, fence }
      }
      // It had let go of the run by itself: nobody was silent.
      if (now.state === 'waiting') {
        const journal = new Journal(this.world, this.tenures, this.me, plan, { run: run.id, fence })
        if (move.kind === 'go-on') await journal.goOn(books, now)
        return { run: run.id, fence }
      }
      // A person who let it go on gave it as many tries again.
      const answers = await books.requests.where({ kind: 'resolve-unknown', subject: run.id })
      const pauses = steps.reduce((sum, { items, pace }) => sum + (pace ? wavesOf(pace, items ?? 0) : 0), 0)
      if (fence > MOST_TAKEOVERS * (1 + answers.length) + pauses && mayPass('run', now.state, 'needs-a-person')) {
        const because = `It was taken over ${MOST_TAKEOVERS} times and never came to an end.`
        await books.runs.change(run.id, { state: 'needs-a-person', because })
        books.audit.append(
          entry(this.me, `run:${run.id}`, 'run.needs-a-person', `run:${run.id}`, {
            outcome: 'unknown',
            detail: { because },
          }),
        )
        await this.tenures.letGo(books, run.id)
        return 'needs-a-person'
      }
      books.audit.append(
        entry(this.me, `run:${run.id}`, 'run.taken-over', `tenure:${run.id}`, {
          detail: { fence, state: now.state, worker: this.me.id },
        }),
      )
      return { run: run.id, fence }
    })
  }

  /** Move after move, each decided from the journal. */
  private async proceed(plan: Plan, body: PlanBody, held: Held & Partial<Begun>, signal?: Stop): Promise<Carried> {
    const journal = new Journal(this.world, this.tenures, this.me, plan, held)
    // A run that was made a moment ago is as it was made, and nobody has known it to cancel it.
    const read = () => this.read(body, held)
    let page: Page = held.begun ? { body, ...held.begun, cancel: undefined } : await read()
    for (;;) {
      const { run, steps, cancel } = page
      const move = nextMove(run, steps, this.world.now(), cancel)
      if (move.kind === 'rest') {
        if (run.state === 'waiting' && run.goes_on_at !== null) this.settings.wake?.(plan.id, new Date(run.goes_on_at))
        return run.state
      }
      if (signal?.aborted) {
        await this.handOver(held)
        return 'handed-over'
      }
      page = (await this.make(move, page, journal, read, signal)) ?? (await read())
    }
  }

  /** Answers the page of the journal as it stands then, where it is known without reading it. */
  private async make(
    move: Exclude<Move, { kind: 'rest' }>,
    page: Page,
    journal: Journal,
    read: () => Promise<Page>,
    signal?: Stop,
  ): Promise<Page | undefined> {
    const { body, run, steps, cancel } = page
    const missing = 'step' in move ? whatIsMissing(body, move.step, steps) : undefined
    if (missing !== undefined && 'step' in move) {
      await journal.untouched(move.step, move.kind === 'do' || move.kind === 'settle' ? 'do' : 'undo', missing)
      return undefined
    }
    const moved = async (passed: Promise<Run>) => ({ ...page, run: await passed })
    switch (move.kind) {
      case 'do':
      case 'settle':
        if (move.step.items !== null)
          return this.overItems(page, move.step, 'do', read, () => this.items.carryOut(journal, run, move.step, signal))
        return this.steps.carryOut(
          { step: move.step, direction: 'do', settles: move.kind === 'settle' },
          page,
          journal,
          signal,
        )
      case 'undo':
      case 'settle-undo':
        if (move.step.items !== null)
          return this.overItems(page, move.step, 'undo', read, () => this.items.takeBack(journal, move.step, signal))
        return this.steps.carryOut(
          { step: move.step, direction: 'undo', settles: move.kind === 'settle-undo' },
          page,
          journal,
          signal,
        )
      case 'go-on':
        return void (await journal.write((books) => journal.goOn(books, run)))
      case 'begin-verify':
        return moved(journal.beginVerify(run))
      case 'verify': {
        const facts = { run: run.id, recipe: body.recipe.id }
        const verified = await followerOf(this.world).during('verify', facts, async (learn) => {
          const verified = await this.verify(journal, run, body, signal)
          learn({ outcome: verified?.state ?? 'left' })
          return verified
        })
        return verified && { ...page, run: verified }
      }
      case 'begin-undo':
        return moved(journal.moveRun(run, 'undoing', run.because))
      case 'begin-cancel':
        return moved(journal.moveRun(run, 'cancelling', `${cancel?.by ?? 'Somebody'} cancelled it.`))
      case 'end-cancel':
        return void (await journal.endCancelled(run))
      case 'end': {
        // What it was taken back for is said where that began, and is what people ask first.
        const whole = [run.because, move.because].filter((said) => said !== null).join(' ')
        return moved(journal.moveRun(run, move.state, move.because, this.reportOf(body, move.state, whole)))
      }
    }
  }

  /** A step over many, until it ended, or waits, or was left. Answers the page as it stands then. */
  private overItems(
    { body }: Page,
    step: RunStep,
    direction: Direction,
    read: () => Promise<Page>,
    work: () => Promise<void>,
  ): Promise<Page> {
    return followerOf(this.world).during('step', stepFacts(body, step, direction), async (learn) => {
      await work()
      const page = await read()
      const now = page.steps.find(({ id }) => id === step.id)
      learn({ attempt: now?.attempt ?? step.attempt, outcome: now?.state ?? step.state })
      return page
    })
  }

  /** Nobody else writes into a run while its tenure is ours; but a wish to cancel it may come at any time. */
  private async read(body: PlanBody, held: Held): Promise<Page> {
    const [run, steps, cancel] = await this.world.ledger.read((books) =>
      Promise.all([
        books.runs.get(held.run),
        books.steps.where({ run_id: held.run }),
        cancelOf(books, { id: held.run }),
      ]),
    )
    const inOrder = steps.sort((a, b) => a.number - b.number)
    return { body, run: run!, steps: withGiven(body, inOrder), cancel }
  }

  /** A cluster that is away for a moment is no reason to give a step up, least of all one that is taken back. */
  private async readPatiently<T>(read: () => Promise<T>, times = this.settings.attempts): Promise<T> {
    for (let nth = 1; ; nth++) {
      try {
        return await read()
      } catch (error) {
        if (!(error instanceof PortFailure) || !error.retryable || nth >= times) throw error
        await this.timers.sleep(200 * 2 ** nth)
      }
    }
  }

  /** Looks until it holds or the time that the recipe gives is over; or until somebody else has to decide. */
  private async verify(journal: Journal, run: Run, body: PlanBody, signal?: Stop): Promise<Run | undefined> {
    const recipe = await recipeOf(this.world.ledger, this.recipes, body.recipe.id, body.reverts)
    if (!recipe)
      return journal.moveRun(run, 'needs-a-person', `This worker does not know the recipe ${body.recipe.id}.`)
    const { within_s } = body.verify
    const { watchedClock = 1 } = this.settings
    const deadline = new Date(run.verifying_at!).getTime() + (within_s * 1000) / watchedClock
    const whose = watchedClock === 1 ? '' : ` of the watched systems, whose clock runs ${watchedClock} times as fast`
    const params = recipe.params.parse(body.params)
    for (;;) {
      const verdict = await recipe.verify
        .holds(this.readers, body.facts, params)
        .catch((error: unknown) => ({ holds: false, says: `It could not be looked at: ${reasonOf(error)}` }))
      if (verdict.holds)
        return journal.moveRun(run, 'succeeded', verdict.says, this.reportOf(body, 'succeeded', verdict.says))
      if (this.world.now().getTime() >= deadline)
        return journal.moveRun(run, 'failed', `Not verified within ${within_s} s${whose}: ${verdict.says}`)
      if (signal?.aborted || (await this.world.ledger.read((books) => cancelOf(books, run)))) return undefined
      await this.timers.sleep(this.settings.verifyEveryMs)
      await journal.assertHeld()
    }
  }

  /** What the recipe has to say of this end. A report that fails must not keep a run from ending. */
  private reportOf(body: PlanBody, state: RunEnd['state'], because: string): string | undefined {
    const { facts, recipe, reverts } = body
    const { id } = recipe
    // What a recipe reports is what came of its own steps.
    if (reverts !== undefined) return undefined
    try {
      return this.recipes.get(id)?.report?.(facts, { state, because })
    } catch (error) {
      return `${id} ended as ${state}, and its report could not be written: ${reasonOf(error)}`
    }
  }

  private async handOver(held: Held): Promise<void> {
    await this.world.ledger.write(async (books) => {
      await books.lock({ key: [`tenure:${held.run}`] })
      await this.tenures.release(books, held.run, held.fence)
    })
  }
}
