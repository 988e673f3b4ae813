import { PortFailure, wavesOf, type Hands, type JsonObject, type Readers, type Recipe } from '@firebreak/kit'
import type { Actor } from './actor.js'
import { entry } from './audit.js'
import { keepTrying, makeEffect, settleEffect, stateOf, type Direction, type Outcome, type Withheld } from './effect.js'
import { fenced } from './fenced.js'
import { answerOf, cancelOf, courseOf } from './interventions.js'
import { recalled, whatIsMissing, withGiven } from './given.js'
import { ItemsRunner } from './items/items-runner.js'
import { Journal, type Held } from './journal.js'
import { nextMove } from './moves.js'
import { mayPass } from './passages.js'
import { reasonOf } from './planner.js'
import type { Plan, PlanBody, Run, RunState, RunStep } from './rows.js'
import { Starter, type NotStarted } from './starter.js'
import { TenureLost, type Tenures } from './tenure.js'
import type { Stop, Timers } from './timers.js'
import { time, type World } from './world.js'

export interface RunnerSettings {
  /** Between two looks of a verification. */
  verifyEveryMs: number
  /** How often a step is tried when the outside is busy. */
  attempts: number
  /** Told when a run waits, and until when; without it, or when it is lost, the sweep finds the run. */
  wake?: (planId: string, at: Date) => void
}

/** A run that no worker can carry out is not handed round for ever: somebody has to look. */
const MOST_TAKEOVERS = 25

/** What became of asking for a run. */
export type Carried = RunState | NotStarted | 'elsewhere' | 'handed-over'

/**
 * Carries out approved plans, step by step, in a journal: the intent is committed before each effect, the outcome
 * after it, each with its entry in the log. Whoever takes a run over probes before repeating anything.
 */
export class Runner {
  private readonly starter: Starter
  private readonly items: ItemsRunner

  constructor(
    private readonly world: World,
    private readonly recipes: ReadonlyMap<string, Recipe>,
    private readonly readers: Readers,
    private readonly hands: Hands,
    private readonly tenures: Tenures,
    private readonly timers: Timers,
    private readonly me: Actor,
    private readonly settings: RunnerSettings,
  ) {
    this.starter = new Starter(world, recipes, readers, tenures, me)
    this.items = new ItemsRunner(world, readers, hands, timers, settings, (read) => this.readPatiently(read))
  }

  /** Starts the run of an approved plan, or takes an unfinished one over. `signal` hands it over at the next boundary. */
  async carryOut(planId: string, signal?: Stop): Promise<Carried> {
    const [plan, [run]] = await this.world.ledger.read((books) =>
      Promise.all([books.plans.get(planId), books.runs.where({ plan_id: planId })]),
    )
    if (!plan?.body) return 'not-approved'
    const begun = run ? await this.takeOver(plan, run) : await this.starter.start(plan, plan.body)
    if (typeof begun === 'string') return begun

    try {
      return await this.tenures.during(
        begun.run,
        begun.fence,
        (ms, work) => this.timers.every(ms, work),
        () => this.proceed(plan, plan.body!, begun, signal),
      )
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
        await this.tenures.release(books, run.id, fence)
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
  private async proceed(plan: Plan, body: PlanBody, held: Held, signal?: Stop): Promise<Carried> {
    for (;;) {
      const { run, steps, cancel } = await this.world.ledger.read(async (books) => {
        const [run, steps, cancel] = await Promise.all([
          books.runs.get(held.run),
          books.steps.where({ run_id: held.run }),
          cancelOf(books, { id: held.run }),
        ])
        return {
          run: run!,
          steps: withGiven(
            body,
            steps.sort((a, b) => a.number - b.number),
          ),
          cancel,
        }
      })
      const move = nextMove(run, steps, this.world.now(), cancel)
      if (move.kind === 'rest') {
        if (run.state === 'waiting' && run.goes_on_at !== null) this.settings.wake?.(plan.id, new Date(run.goes_on_at))
        return run.state
      }
      if (signal?.aborted) {
        await this.handOver(held)
        return 'handed-over'
      }
      const journal = new Journal(this.world, this.tenures, this.me, plan, held)
      const missing = 'step' in move ? whatIsMissing(body, move.step, steps) : undefined
      if (missing !== undefined && 'step' in move) {
        await journal.untouched(move.step, move.kind === 'do' || move.kind === 'settle' ? 'do' : 'undo', missing)
        continue
      }
      switch (move.kind) {
        case 'do':
        case 'settle':
          if (move.step.items !== null) await this.items.carryOut(journal, run, move.step, signal)
          else if (move.kind === 'do') await this.carryOutStep(journal, move.step, 'do')
          else await this.settleStep(journal, move.step, 'do')
          break
        case 'undo':
        case 'settle-undo':
          if (move.step.items !== null) await this.items.takeBack(journal, move.step, signal)
          else if (move.kind === 'undo') await this.carryOutStep(journal, move.step, 'undo')
          else await this.settleStep(journal, move.step, 'undo')
          break
        case 'go-on':
          await journal.write((books) => journal.goOn(books, run))
          break
        case 'begin-verify':
          await journal.moveRun(run, 'verifying', null, { verifying_at: time(this.world.now()) })
          break
        case 'verify':
          await this.verify(journal, run, body, signal)
          break
        case 'begin-undo':
          await journal.moveRun(run, 'undoing', run.because)
          break
        case 'begin-cancel':
          await journal.moveRun(run, 'cancelling', `${cancel?.by ?? 'Somebody'} cancelled it.`)
          break
        case 'end-cancel':
          await journal.endCancelled(run)
          break
        case 'end':
          await journal.moveRun(run, move.state, move.because)
          break
      }
    }
  }

  private async carryOutStep(journal: Journal, step: RunStep, direction: Direction): Promise<void> {
    // Evidence first: a target that cannot be read is not touched.
    let before: JsonObject
    try {
      before = await this.readPatiently(() => stateOf(this.readers, step))
    } catch (error) {
      await journal.unreadable(step, direction, reasonOf(error))
      return
    }
    const claimed = await journal.intend(step, direction, before)
    if ('closed' in claimed) await journal.hold(step, direction, claimed.closed)
    else await this.finish(journal, claimed.step, direction)
  }

  private async settleStep(journal: Journal, step: RunStep, direction: Direction): Promise<void> {
    const why = 'Its worker stopped before it recorded how it ended'
    await this.finish(journal, step, direction, await settleEffect(this.readers, step, direction, why))
  }

  /** Makes the effect of an intended step, as often as it takes, and records how it ended. */
  private async finish(journal: Journal, intended: RunStep, direction: Direction, first?: Outcome): Promise<void> {
    let step = intended
    const ended = await keepTrying<Withheld>(
      async () => {
        const closed = await journal.assertHeld(step)
        if (closed) return { kind: 'held', closed }
        return makeEffect(
          fenced(this.hands, () => journal.holds()),
          this.readers,
          step,
          direction,
        )
      },
      (why) => settleEffect(this.readers, step, direction, why),
      this.settings.attempts - step.attempt,
      async (nth) => {
        await this.timers.sleep(200 * 2 ** nth)
        const claimed = await journal.intend(step, direction, null)
        if ('closed' in claimed) return { kind: 'held', ...claimed }
        step = claimed.step
        return undefined
      },
      first,
    )
    if (ended.kind === 'held') return journal.hold(step, direction, ended.closed)
    const outcome =
      direction === 'do'
        ? await recalled(step, ended, (recall) => this.readPatiently(() => recall(this.readers)))
        : ended
    // How it left its target. A missing picture is recorded as missing; one that a person has to look at has none.
    const after = outcome.kind === 'unknown' ? null : await stateOf(this.readers, step).catch(() => null)
    await journal.record(step, direction, outcome, after)
  }

  /** A cluster that is away for a moment is no reason to give a step up, least of all one that is taken back. */
  private async readPatiently<T>(read: () => Promise<T>): Promise<T> {
    for (let nth = 1; ; nth++) {
      try {
        return await read()
      } catch (error) {
        if (!(error instanceof PortFailure) || !error.retryable || nth >= this.settings.attempts) throw error
        await this.timers.sleep(200 * 2 ** nth)
      }
    }
  }

  /** Looks until it holds or the time that the recipe gives is over. */
  private async verify(journal: Journal, run: Run, body: PlanBody, signal?: Stop): Promise<void> {
    const recipe = this.recipes.get(body.recipe.id)
    if (!recipe)
      return journal.moveRun(run, 'needs-a-person', `This worker does not know the recipe ${body.recipe.id}.`)
    const deadline = new Date(run.verifying_at!).getTime() + body.verify.within_s * 1000
    const params = recipe.params.parse(body.params)
    for (;;) {
      const verdict = await recipe.verify
        .holds(this.readers, body.facts, params)
        .catch((error: unknown) => ({ holds: false, says: `It could not be looked at: ${reasonOf(error)}` }))
      if (verdict.holds) return journal.moveRun(run, 'succeeded', verdict.says)
      if (this.world.now().getTime() >= deadline)
        return journal.moveRun(run, 'failed', `Not verified within ${body.verify.within_s} s: ${verdict.says}`)
      if (signal?.aborted || (await this.world.ledger.read((books) => cancelOf(books, run)))) return
      await this.timers.sleep(this.settings.verifyEveryMs)
      await journal.assertHeld()
    }
  }

  private async handOver(held: Held): Promise<void> {
    await this.world.ledger.write(async (books) => {
      await books.lock({ key: [`tenure:${held.run}`] })
      await this.tenures.release(books, held.run, held.fence)
    })
  }
}
