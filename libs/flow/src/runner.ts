import { movedGuards, type Hands, type JsonObject, type Moved, type Readers, type Recipe } from '@firebreak/kit'
import type { Actor } from './actor.js'
import { isApproved } from './approvals.js'
import { entry, snapshot, type Draft } from './audit.js'
import { makeEffect, settleEffect, stateOf, verbOf, type Direction, type Outcome } from './effect.js'
import type { WriteBooks } from './ledger.js'
import { nextMove } from './moves.js'
import { assertPassage } from './passages.js'
import { diagnose, reasonOf } from './planner.js'
import { recipeDigest } from './plans.js'
import { moveLoan, putOnLoan } from './loans.js'
import type { Plan, PlanBody, Run, RunState, RunStep, StepState } from './rows.js'
import { TenureLost, Tenures } from './tenure.js'
import type { Stop, Timers } from './timers.js'
import { time, type World } from './world.js'

export interface RunnerSettings {
  /** Between two looks of a verification. */
  verifyEveryMs: number
  /** How often a step is tried when the outside is busy. */
  attempts: number
}

/** What became of asking for a run. */
export type Carried = RunState | 'not-approved' | 'locked' | 'elsewhere' | 'expired' | 'handed-over'

/**
 * Carries out approved plans, step by step, in a journal: the intent is committed before each effect, the outcome
 * after it, each with its entry in the log. Whoever takes a run over probes before repeating anything.
 */
export class Runner {
  constructor(
    private readonly world: World,
    private readonly recipes: ReadonlyMap<string, Recipe>,
    private readonly readers: Readers,
    private readonly hands: Hands,
    private readonly tenures: Tenures,
    private readonly timers: Timers,
    private readonly me: Actor,
    private readonly settings: RunnerSettings,
  ) {}

  /** Starts the run of an approved plan, or takes an unfinished one over. `signal` hands it over at the next boundary. */
  async carryOut(planId: string, signal?: Stop): Promise<Carried> {
    const { plan, run } = await this.world.ledger.read(async (books) => ({
      plan: await books.plans.get(planId),
      run: (await books.runs.where({ plan_id: planId }))[0],
    }))
    if (!plan?.body) return 'not-approved'
    const begun = run ? await this.takeOver(run) : await this.start(plan, plan.body)
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

  /** Diagnoses again; then one transaction that decides whether this plan may become a run. */
  private async start(plan: Plan, body: PlanBody): Promise<{ run: string; fence: number } | Carried> {
    const recipe = this.recipes.get(plan.recipe_id)
    const early = await this.world.ledger.read((books) => books.approvals.where({ plan_id: plan.id }))
    if (!isApproved(plan, early)) return 'not-approved'
    const broken = await this.whyNotAsPlanned(recipe, plan, body)
    const runId = this.world.newId('run')
    const targets = [...new Set(body.steps.flatMap((step) => step.targets))]

    return this.world.ledger.write(async (books) => {
      await books.lock({ stream: [`plan:${plan.id}`, `run:${runId}`], target: targets })
      const now = await books.plans.get(plan.id)
      const approvals = await books.approvals.where({ plan_id: plan.id })
      if (!now || !isApproved(now, approvals)) return 'not-approved'
      if (broken) {
        await this.endPlan(books, now, 'stale', broken)
        return 'stale'
      }
      if (new Date(now.expires_at) <= this.world.now()) {
        await this.endPlan(books, now, 'expired', `It was not started before ${now.expires_at}.`)
        return 'expired'
      }
      // A lock is never waited for: the sweep comes back, and nothing holds a worker's slot meanwhile.
      if ((await books.targetLocks.where({ id: targets })).length > 0) return 'locked'
      await this.begin(books, runId, now, body, targets, approvals)
      return { run: runId, fence: (await this.tenures.take(books, runId))! }
    })
  }

  private async begin(
    books: WriteBooks,
    runId: string,
    plan: Plan,
    body: PlanBody,
    targets: string[],
    approvals: { id: string; by: string; digest: string }[],
  ): Promise<void> {
    const started_at = time(this.world.now())
    const about = `run:${runId}`
    await books.runs.add({
      id: runId,
      plan_id: plan.id,
      plan_digest: plan.digest!,
      incident_id: plan.incident_id,
      recipe_id: plan.recipe_id,
      state: 'running',
      started_at,
      verifying_at: null,
      ended_at: null,
      because: null,
    })
    books.audit.append(
      this.entry(about, 'run.started', about, plan, {
        outcome: 'ok',
        approvals: approvals.map(({ id, by, digest }) => ({ id, by, over: digest })),
        detail: { plan: plan.id, incident: plan.incident_id ?? '', steps: body.steps.length },
      }),
    )
    for (const [index, step] of body.steps.entries()) {
      const id = this.world.newId('stp')
      await books.steps.add({
        id,
        run_id: runId,
        number: index + 1,
        verb: step.verb,
        args: step.args,
        state: 'pending',
        attempt: 0,
        fence: 0,
        intended_at: null,
        ended_at: null,
        undo_intended_at: null,
        before: null,
        after: null,
        because: null,
        loan_minutes: step.loan_minutes,
      })
      books.audit.append(
        this.entry(about, 'step.planned', `step:${id}`, plan, {
          detail: { number: index + 1, verb: step.verb, says: step.says },
        }),
      )
    }
    for (const target of targets) {
      await books.targetLocks.add({ id: target, run_id: runId, since: started_at })
      books.audit.append(
        this.entry(about, 'target.locked', `target_lock:${target}`, plan, { target, detail: { run: runId } }),
      )
    }
    assertPassage('plan', plan.id, plan.state, 'used')
    await books.plans.change(plan.id, { state: 'used' })
    books.audit.append(
      this.entry(`plan:${plan.id}`, 'plan.used', `plan:${plan.id}`, plan, { outcome: 'ok', detail: { run: runId } }),
    )
  }

  /** What moved since the plan was made, or the recipe itself; undefined when it may go on. */
  private async whyNotAsPlanned(recipe: Recipe | undefined, plan: Plan, body: PlanBody): Promise<string | undefined> {
    if (!recipe || recipeDigest(recipe) !== plan.recipe_digest) return 'The recipe was changed since the plan was made.'
    for (const step of body.steps) verbOf(step)
    try {
      const now = await diagnose(recipe, this.readers, body.trigger, body.params, this.world.now)
      const moved = movedGuards(body.guards, body.facts, now.facts)
      if (moved.length > 0) return `Since the plan was made: ${moved.map(sayMoved).join('; ')}.`
      return now.stop === null ? undefined : `The recipe says stop now: ${now.stop}`
    } catch (error) {
      return `The diagnosis before the start failed: ${reasonOf(error)}`
    }
  }

  private async endPlan(books: WriteBooks, plan: Plan, state: 'stale' | 'expired', because: string): Promise<void> {
    assertPassage('plan', plan.id, plan.state, state)
    await books.plans.change(plan.id, { state, because })
    books.audit.append(
      this.entry(`plan:${plan.id}`, `plan.${state}`, `plan:${plan.id}`, plan, {
        outcome: 'refused',
        detail: { because },
      }),
    )
  }

  private async takeOver(run: Run): Promise<{ run: string; fence: number } | Carried> {
    return this.world.ledger.write(async (books) => {
      await books.lock({ key: [`tenure:${run.id}`], stream: [`run:${run.id}`] })
      const now = (await books.runs.get(run.id))!
      const steps = await books.steps.where({ run_id: run.id })
      if (nextMove(now, steps).kind === 'rest') return now.state
      const fence = await this.tenures.take(books, run.id)
      if (fence === undefined) return 'elsewhere'
      books.audit.append(
        entry(this.me, `run:${run.id}`, 'run.taken-over', `tenure:${run.id}`, {
          detail: { fence, state: now.state, worker: this.me.id },
        }),
      )
      return { run: run.id, fence }
    })
  }

  /** Move after move, each decided from the journal. */
  private async proceed(
    plan: Plan,
    body: PlanBody,
    held: { run: string; fence: number },
    signal?: Stop,
  ): Promise<Carried> {
    for (;;) {
      const { run, steps } = await this.world.ledger.read(async (books) => ({
        run: (await books.runs.get(held.run))!,
        steps: (await books.steps.where({ run_id: held.run })).sort((a, b) => a.number - b.number),
      }))
      const move = nextMove(run, steps)
      if (move.kind === 'rest') return run.state
      if (signal?.aborted) {
        await this.handOver(held)
        return 'handed-over'
      }
      const journal = new Journal(this.world, this.tenures, this.me, plan, held)
      switch (move.kind) {
        case 'do':
          await this.carryOutStep(journal, move.step, 'do')
          break
        case 'undo':
          await this.carryOutStep(journal, move.step, 'undo')
          break
        case 'settle':
          await this.settleStep(journal, move.step, 'do')
          break
        case 'settle-undo':
          await this.settleStep(journal, move.step, 'undo')
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
      before = await stateOf(this.readers, step)
    } catch (error) {
      await journal.unreadable(step, direction, reasonOf(error))
      return
    }
    const intended = await journal.intend(step, direction, before)
    await journal.assertHeld()
    const outcome = await makeEffect(this.hands, this.readers, intended, direction)
    await this.record(journal, intended, direction, outcome)
  }

  private async settleStep(journal: Journal, step: RunStep, direction: Direction): Promise<void> {
    const outcome = await settleEffect(
      this.readers,
      step,
      direction,
      'Its worker stopped before it recorded how it ended',
    )
    await this.record(journal, step, direction, outcome)
  }

  private async record(journal: Journal, step: RunStep, direction: Direction, outcome: Outcome): Promise<void> {
    if (outcome.kind === 'failed' && outcome.again && step.attempt < this.settings.attempts) {
      await this.timers.sleep(200 * 2 ** step.attempt)
      const again = await journal.intend(step, direction, step.before ?? {})
      await journal.assertHeld()
      return this.record(journal, again, direction, await makeEffect(this.hands, this.readers, again, direction))
    }
    let after: JsonObject | null = null
    try {
      after = outcome.kind === 'done' ? await stateOf(this.readers, step) : null
    } catch {
      // The effect is made and known; a missing picture of it afterwards is recorded as missing.
    }
    await journal.record(step, direction, outcome, after)
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
      if (signal?.aborted) return
      await this.timers.sleep(this.settings.verifyEveryMs)
      await journal.assertHeld()
    }
  }

  private async handOver(held: { run: string; fence: number }): Promise<void> {
    await this.world.ledger.write(async (books) => {
      await books.lock({ key: [`tenure:${held.run}`] })
      await this.tenures.release(books, held.run, held.fence)
    })
  }

  private entry(stream: string, type: string, about: string, plan: Plan, rest: Parameters<typeof entry>[4]): Draft {
    return planEntry(this.me, stream, type, about, plan, rest)
  }
}

const sayMoved = ({ fact, was, is }: Moved) => `${fact} was ${JSON.stringify(was)} and is ${JSON.stringify(is)}`

const planEntry = (
  me: Actor,
  stream: string,
  type: string,
  about: string,
  plan: Plan,
  rest: Parameters<typeof entry>[4],
): Draft =>
  entry(me, stream, type, about, {
    recipe: { id: plan.recipe_id, version: plan.recipe_version, digest: plan.recipe_digest },
    ...(plan.digest ? { plan_digest: plan.digest } : {}),
    ...rest,
  })

/** The journal of one run, written under one tenure. Every line is one transaction with its entries. */
class Journal {
  constructor(
    private readonly world: World,
    private readonly tenures: Tenures,
    private readonly me: Actor,
    private readonly plan: Plan,
    private readonly held: { run: string; fence: number },
  ) {}

  async assertHeld(): Promise<void> {
    await this.world.ledger.read((books) => this.tenures.hold(books, this.held.run, this.held.fence))
  }

  /** Commits that a step is about to happen, or to be taken back. */
  intend(step: RunStep, direction: Direction, before: JsonObject): Promise<RunStep> {
    const at = time(this.world.now())
    const columns =
      direction === 'do'
        ? { state: 'intended' as const, intended_at: at, before, attempt: step.attempt + 1, fence: this.held.fence }
        : { undo_intended_at: at, attempt: step.attempt + 1, fence: this.held.fence }
    return this.write(async (books) => {
      // A retry within one tenure is intended again without having been recorded as failed: nothing had happened.
      if (direction === 'do' && step.state !== 'intended') assertPassage('step', step.id, step.state, 'intended')
      await books.steps.change(step.id, columns)
      this.append(
        books,
        direction === 'do' ? 'step.intended' : 'step.undoing',
        step,
        { before: snapshot(before) },
        { attempt: columns.attempt },
      )
      if (direction === 'undo') await this.moveLoans(books, step, 'returning', 'The run is taken back.')
      return { ...step, ...columns }
    })
  }

  /** Commits how it ended. */
  record(step: RunStep, direction: Direction, outcome: Outcome, after: JsonObject | null): Promise<void> {
    const state = endOf(direction, outcome)
    const because = outcome.kind === 'done' ? (outcome.found ? 'Found in place.' : null) : outcome.because
    return this.write(async (books) => {
      assertPassage('step', step.id, step.state, state)
      await books.steps.change(step.id, {
        state,
        because,
        ended_at: time(this.world.now()),
        ...(direction === 'do' && after ? { after } : {}),
      })
      this.append(
        books,
        `step.${state}`,
        step,
        {
          outcome: outcome.kind === 'done' ? 'ok' : outcome.kind,
          ...(direction === 'do' && after && step.before ? { before: snapshot(step.before) } : {}),
          ...(after ? { after: snapshot(after) } : {}),
        },
        {
          because: because ?? '',
          found: outcome.kind === 'done' && outcome.found,
          ...(outcome.kind === 'done' ? { output: outcome.output } : {}),
        },
      )
      if (direction === 'do' && state === 'done' && step.loan_minutes !== null)
        await putOnLoan(books, this.me, this.world, step, verbOf(step).targets(step.args)[0] ?? '')
      if (direction === 'undo')
        await this.moveLoans(
          books,
          step,
          state === 'undone' ? 'returned' : 'overdue',
          because ?? 'Taken back with its run.',
        )
    })
  }

  /** A target that cannot be read is not touched: forward the step fails, backward it is kept. */
  unreadable(step: RunStep, direction: Direction, why: string): Promise<void> {
    const because = `The target could not be read, so it was not touched: ${why}`
    return this.write(async (books) => {
      if (direction === 'do') {
        // The table has no way from pending to failed: an intent without an effect is what happened.
        await books.steps.change(step.id, {
          state: 'intended',
          intended_at: time(this.world.now()),
          attempt: step.attempt + 1,
          fence: this.held.fence,
        })
        await books.steps.change(step.id, { state: 'failed', because, ended_at: time(this.world.now()) })
        this.append(books, 'step.failed', step, { outcome: 'failed' }, { because })
      } else {
        await books.steps.change(step.id, { state: 'kept', because })
        this.append(books, 'step.kept', step, { outcome: 'failed' }, { because })
      }
    })
  }

  /** Moves the run; a run that ends frees its targets. */
  moveRun(run: Run, state: RunState, because: string | null, columns: Partial<Run> = {}): Promise<void> {
    return this.write(async (books) => {
      assertPassage('run', run.id, run.state, state)
      const ended =
        state === 'succeeded' || state === 'undone' || (state === 'failed' && !(await this.changedAnything(books)))
      await books.runs.change(run.id, {
        state,
        because,
        ...columns,
        ...(ended ? { ended_at: time(this.world.now()) } : {}),
      })
      books.audit.append(
        planEntry(this.me, `run:${run.id}`, `run.${state}`, `run:${run.id}`, this.plan, {
          outcome: state === 'failed' ? 'failed' : state === 'needs-a-person' ? 'unknown' : 'ok',
          detail: { because: because ?? '' },
        }),
      )
      if (!ended) return
      for (const lock of await books.targetLocks.where({ run_id: run.id })) {
        await books.targetLocks.remove(lock.id)
        books.audit.append(
          planEntry(this.me, `run:${run.id}`, 'target.freed', `target_lock:${lock.id}`, this.plan, {
            target: lock.id,
            detail: { run: run.id },
          }),
        )
      }
    })
  }

  private async changedAnything(books: WriteBooks): Promise<boolean> {
    return (await books.steps.where({ run_id: this.held.run, state: 'done' })).length > 0
  }

  private async moveLoans(
    books: WriteBooks,
    step: RunStep,
    state: 'returning' | 'returned' | 'overdue',
    because: string,
  ): Promise<void> {
    for (const loan of await books.loans.where({ step_id: step.id }))
      if (loan.state !== 'returned' && loan.state !== state)
        await moveLoan(books, this.me, this.world, loan, state, because)
  }

  private append(
    books: WriteBooks,
    type: string,
    step: RunStep,
    rest: Pick<Draft, 'before' | 'after' | 'outcome'>,
    detail: JsonObject,
  ): void {
    const target = verbOf(step).targets(step.args)[0]
    books.audit.append(
      planEntry(this.me, `run:${this.held.run}`, type, `step:${step.id}`, this.plan, {
        ...rest,
        ...(target ? { target } : {}),
        detail: { run: this.held.run, number: step.number, verb: step.verb, says: says(step, type), ...detail },
      }),
    )
  }

  /** One transaction of the run's stream, void when the tenure is somebody else's by now. */
  private write<T>(work: (books: WriteBooks) => Promise<T>): Promise<T> {
    return this.world.ledger.write(async (books) => {
      await books.lock({ stream: [`run:${this.held.run}`] })
      await this.tenures.hold(books, this.held.run, this.held.fence)
      return work(books)
    })
  }
}

/** What the step does, in the direction of this line of the journal. */
function says(step: RunStep, type: string): string {
  const { says, undo } = verbOf(step)
  const back = type === 'step.undoing' || type === 'step.undone' || type === 'step.kept'
  return back && 'says' in undo ? undo.says(step.args) : says(step.args)
}

function endOf(direction: Direction, outcome: Outcome): StepState {
  if (direction === 'undo') return outcome.kind === 'done' ? 'undone' : 'kept'
  return outcome.kind
}
