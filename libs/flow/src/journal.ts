import { chainOf } from '@firebreak/audit-log'
import { shownArgs, type JsonObject } from '@firebreak/kit'
import type { Actor } from './actor.js'
import { digest, planEntry, snapshot, type Draft } from './audit.js'
import { appendAbout, placeOf, readAhead } from './chain.js'
import { endOf, verbOf, type Direction, type Outcome } from './effect.js'
import { closedBut, usedBy } from './break-glass/pass.js'
import type { Closed } from './gate.js'
import { givenBy } from './given.js'
import { cancelOf, type Answer, type Course } from './interventions.js'
import { ItemJournal, itemsOf } from './items/item-journal.js'
import type { Books, WriteBooks } from './ledger.js'
import { moveLoan, putOnLoan } from './loans.js'
import { changed } from './moves.js'
import { assertPassage } from './passages.js'
import type { Plan, PlannedStep, Request, Run, RunState, RunStep, StepItem, TargetLock, TargetState } from './rows.js'
import type { Tenures } from './tenure.js'
import { time, type World } from './world.js'

/** A run, and the fence under which this worker carries it out. */
export interface Held {
  run: string
  fence: number
}

/** The journal of one run, written under one tenure. Every line is one transaction with its entries. */
export class Journal {
  constructor(
    private readonly world: World,
    private readonly tenures: Tenures,
    private readonly me: Actor,
    private readonly plan: Plan,
    readonly held: Held,
  ) {}

  /**
   * Asked before each outside effect: throws when the run is somebody else's by now, and answers what was closed since the
   * step was claimed.
   */
  async assertHeld(step?: RunStep): Promise<Closed | undefined> {
    return this.world.ledger.read(async (books) => {
      const [way] = await Promise.all([
        step && this.way(books, this.targetsOf(step)),
        this.tenures.hold(books, this.held.run, this.held.fence),
      ])
      return way?.closed
    })
  }

  /** Asked between the look and the change of an effect: throws when the run is somebody else's by now. */
  holds(): Promise<void> {
    return this.world.ledger.read((books) => this.tenures.hold(books, this.held.run, this.held.fence))
  }

  /**
   * Claims a step: commits that it is about to happen, or to be taken back. Where a freeze or the stop switch is in the way
   * nothing is written, and that is answered.
   *
   * @param before how the target was found; null for one more try of something that may have had its effect
   */
  intend(
    step: RunStep,
    direction: Direction,
    before: JsonObject | null,
  ): Promise<{ step: RunStep } | { closed: Closed }> {
    return this.write(
      async (books, found) =>
        found.closed ? { closed: found.closed } : { step: await this.claim(books, step, direction, before, found) },
      { claims: this.targetsOf(step), about: [step] },
    )
  }

  /** The lines of a claim, in a transaction that has locked its scopes and found them open. */
  private async claim(
    books: WriteBooks,
    step: RunStep,
    direction: Direction,
    before: JsonObject | null,
    { known, pass }: Found,
  ): Promise<RunStep> {
    const at = time(this.world.now())
    const columns =
      direction === 'do'
        ? {
            state: 'intended' as const,
            intended_at: at,
            // What it was before the first try is what it is taken back to.
            before: before ?? step.before,
            attempt: step.attempt + 1,
            fence: this.held.fence,
          }
        : {
            undo_intended_at: at,
            // The way back has tries of its own.
            attempt: step.undo_intended_at === null ? 1 : step.attempt + 1,
            fence: this.held.fence,
          }
    // A retry within one tenure is intended again without having been recorded as failed: nothing had happened.
    if (direction === 'do' && step.state !== 'intended') assertPassage('step', step.id, step.state, 'intended')
    await books.steps.change(step.id, columns)
    await this.append(
      books,
      direction === 'do' ? 'step.intended' : 'step.undoing',
      step,
      {
        ...(before ? { before: snapshot(before) } : {}),
        freeze: allowed(this.scopesOf(step), pass),
      },
      { attempt: columns.attempt },
      known.get(step.id),
    )
    // Of many, each when its turn comes.
    if (direction === 'undo' && step.items === null)
      await this.moveLoans(books, step, 'returning', 'The run is taken back.')
    return { ...step, ...columns }
  }

  /** Commits that a step was not allowed to happen: the run stands still, and frees its targets. */
  hold(step: RunStep, direction: Direction, closed: Closed): Promise<void> {
    return this.write(async (books) => {
      if (direction === 'do' && step.state === 'intended')
        await books.steps.change(step.id, {
          state: 'failed',
          because: closed.because,
          ended_at: time(this.world.now()),
        })
      const freeze = { scopes: this.scopesOf(step), decision: 'denied' as const }
      await this.append(books, 'step.denied', step, { outcome: 'refused', freeze }, { because: closed.because })
      // The stop switch is for a moment: a loan keeps its date. What a freeze keeps out comes back when it is lifted.
      if (direction === 'undo' && closed.code === 'frozen') {
        await this.moveLoans(books, step, 'overdue', closed.because)
        for (const loan of await books.loans.where({ step_id: step.id, state: 'overdue' }))
          await books.loans.change(loan.id, { held_by: closed.by })
      }
      const run = (await books.runs.get(this.held.run))!
      // Of what is on its way back the loans come back by themselves; the rest is planned anew.
      const frozen_undoing = direction === 'undo'
      await this.pass(books, run, 'frozen', closed.because, true, { ...stoppedBy(closed), frozen_undoing })
    })
  }

  /** What is in the way of this run; the pass that it has used up goes over its one freeze, while its time lasts. */
  private way(books: Books, targets: readonly string[]) {
    return closedBut(books, this.world.scopes, targets, this.plan.body?.contains ?? false, () =>
      usedBy(books, this.held.run, this.world.now()),
    )
  }

  private scopesOf(step: RunStep): string[] {
    return this.world.scopes.of(this.targetsOf(step))
  }

  private targetsOf(step: RunStep): string[] {
    return step.items === null ? verbOf(step).targets(shownArgs(step.args)) : (this.planned(step)?.targets ?? [])
  }

  private planned(step: RunStep) {
    return this.plan.body?.steps[step.number - 1]
  }

  /**
   * Commits how a step ended, and in the same transaction what comes next: that is the claim of the next step, or the
   * beginning of the verification. Where somebody has cancelled the run, or a freeze or the stop switch is in the way of
   * that claim, it is how the step ended alone.
   */
  record(step: RunStep, direction: Direction, ended: Ended, after: JsonObject | null, next?: Next): Promise<Recorded> {
    const { outcome, ...columns } = ended
    const { state, because } = columns
    const claimed = next?.kind === 'claim' ? next.step : undefined
    const work = async (books: WriteBooks, found: Found): Promise<Recorded> => {
      assertPassage('step', step.id, step.state, state)
      const left = { ...columns, ...(direction === 'do' && state === 'done' && after ? { after } : {}) }
      await books.steps.change(step.id, left)
      await this.append(
        books,
        `step.${state}`,
        step,
        {
          outcome: outcome.kind === 'done' ? 'ok' : outcome.kind,
          ...(direction === 'do' && after && step.before ? { before: snapshot(step.before) } : {}),
          ...(after ? { after: snapshot(after) } : {}),
          ...sealedBy(step, direction, ended),
        },
        {
          because: because ?? '',
          found: outcome.kind === 'done' && outcome.found,
          ...(outcome.kind === 'done' ? { output: outcome.output } : {}),
        },
        found.known.get(step.id),
      )
      if (direction === 'do' && state === 'done' && step.loan_minutes !== null) await this.lend(books, step)
      if (direction === 'undo')
        await this.moveLoans(
          books,
          step,
          state === 'undone' ? 'returned' : 'overdue',
          because ?? 'Taken back with its run.',
          after,
        )
      const recorded = { step: { ...step, ...left } }
      if (!next || found.cancelled || found.closed) return recorded
      if (next.kind === 'verify') return { ...recorded, verifying: await this.verifying(books, next.run) }
      return { ...recorded, claimed: await this.claim(books, next.step, direction, next.before, found) }
    }
    return this.write(work, {
      ...(claimed ? { claims: this.targetsOf(claimed) } : {}),
      about: claimed ? [step, claimed] : [step],
      cancels: next !== undefined,
    })
  }

  /** What the journal says of a step that ended like this. */
  endedAs(step: RunStep, direction: Direction, outcome: Outcome): Ended {
    return {
      outcome,
      state: endOf(direction, outcome),
      because: outcome.kind === 'done' ? (outcome.found ? 'Found in place.' : null) : outcome.because,
      ended_at: time(this.world.now()),
      ...(direction === 'do' && outcome.kind === 'done' ? { output: givenBy(step, outcome.output) } : {}),
    }
  }

  /** A target that cannot be read is not touched: forward the step fails, backward it is kept. */
  unreadable(step: RunStep, direction: Direction, why: string): Promise<void> {
    return this.untouched(step, direction, `The target could not be read, so it was not touched: ${why}`)
  }

  /** Nothing was done: forward the step fails, backward it is kept. */
  untouched(step: RunStep, direction: Direction, because: string): Promise<void> {
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
        await this.append(books, 'step.failed', step, { outcome: 'failed' }, { because })
      } else {
        await books.steps.change(step.id, { state: 'kept', because })
        await this.append(books, 'step.kept', step, { outcome: 'failed' }, { because })
        await this.moveLoans(books, step, 'overdue', because)
      }
    })
  }

  /**
   * Moves the run, and answers it as it is then; a run that ends frees its targets. `report`: what the owner of its incident
   * is told when it has ended, or waits for a person.
   */
  moveRun(run: Run, state: RunState, because: string | null, report?: string): Promise<Run> {
    const incident = report === undefined ? null : this.plan.incident_id
    return this.write(
      async (books, { locks }) => {
        const ended =
          state === 'succeeded' || state === 'undone' || (state === 'failed' && !(await this.changedAnything(books)))
        const told = incident !== null && (ended || state === 'needs-a-person')
        const owner = told ? (await books.incidents.get(incident))?.owner : undefined
        const moved = await this.pass(books, run, state, because, ended, {}, locks)
        if (told) books.audit.append(this.reported(incident, owner ?? null, report ?? ''))
        return moved
      },
      incident === null ? ENDS : { ...ENDS, incident },
    )
  }

  private reported(incident: string, owner: string | null, text: string): Draft {
    const about = `incident:${incident}`
    const whom = owner === null ? 'For whoever is on call, for nobody has taken this incident' : `For ${owner}`
    return planEntry(this.me, about, 'note.added', about, this.plan, {
      outcome: 'ok',
      detail: {
        incident,
        ...(this.plan.digest ? { digest: this.plan.digest } : {}),
        text: `${whom}: ${text}`,
      },
    })
  }

  beginVerify(run: Run): Promise<Run> {
    return this.write((books) => this.verifying(books, run))
  }

  private verifying(books: WriteBooks, run: Run): Promise<Run> {
    return this.pass(books, run, 'verifying', null, false, { verifying_at: time(this.world.now()) })
  }

  /** What a person's answer makes of the run: in the transaction that takes its tenure, so that it is carried out once. */
  async answered(
    books: WriteBooks,
    run: Run,
    steps: readonly RunStep[],
    { id, by, answer }: Request & { answer: Answer },
    course: Course,
  ): Promise<void> {
    const because = `${by} answered "${answer.verdict}".`
    const step = steps.find((one) => one.id === course.step?.id)
    if (step && course.step && step.items !== null) {
      assertPassage('step', step.id, step.state, course.step.state)
      const lines = new ItemJournal(this.world, this, step)
      await lines.answered(
        books,
        await itemsOf(books, step),
        { step: course.step.state, items: course.step.items },
        because,
      )
    } else if (step && course.step) {
      const { state } = course.step
      assertPassage('step', step.id, step.state, state)
      await books.steps.change(step.id, { state, because, ended_at: time(this.world.now()) })
      await this.append(books, `step.${state}`, step, { outcome: state === 'done' ? 'ok' : 'failed' }, { because })
      if (state === 'done' && step.loan_minutes !== null) await this.lend(books, step)
    }
    await this.pass(books, run, course.run, because, course.ends, { answered: id })
  }

  /** Skips what was not begun, and ends the run as cancelled. What it changed so far stays; loans come back by their date. */
  endCancelled(run: Run): Promise<void> {
    return this.write(async (books) => {
      for (const step of await books.steps.where({ run_id: run.id, state: 'pending' })) {
        await books.steps.change(step.id, { state: 'skipped', because: run.because })
        await this.append(books, 'step.skipped', step, { outcome: 'ok' }, { because: run.because ?? '' })
      }
      await this.pass(books, run, 'cancelled', run.because, true)
    })
  }

  /** Lets go of a run between two waves of a step: no tenure, and no worker, until its time. */
  wait(run: Run, step: RunStep, items: readonly StepItem[], until: string, why?: string): Promise<void> {
    const done = items.filter(({ state }) => state === 'done').length
    const because = `Between two waves of step ${step.number}: ${done} of ${items.length} items are done${why === undefined ? '' : `, and ${why}`}. It goes on at ${until}.`
    return this.write(async (books) => {
      await this.pass(books, run, 'waiting', because, false, { goes_on_at: until })
      await this.tenures.letGo(books, run.id)
    })
  }

  /** Goes on after a pause; in the transaction that takes its tenure, or by itself. */
  async goOn(books: WriteBooks, run: Run): Promise<void> {
    await this.pass(books, run, 'running', 'The pause between two waves is over.', false, { goes_on_at: null })
  }

  /** What ends a step over many items ends its run with it. */
  cancellingWith =
    (run: Run, because: string) =>
    async (books: WriteBooks): Promise<void> => {
      await this.pass(books, run, 'cancelling', because, false, { goes_on_at: null })
    }

  frozenWith =
    (run: Run, step: RunStep, closed: Closed) =>
    async (books: WriteBooks): Promise<void> => {
      const freeze = { scopes: this.scopesOf(step), decision: 'denied' as const }
      await this.append(books, 'step.denied', step, { outcome: 'refused', freeze }, { because: closed.because })
      await this.pass(books, run, 'frozen', closed.because, true, stoppedBy(closed))
    }

  /** @param locks those of the run, where the transaction has asked for them already */
  private async pass(
    books: WriteBooks,
    run: Run,
    state: RunState,
    because: string | null,
    ended: boolean,
    columns: Partial<Run> = {},
    locks?: readonly TargetLock[],
  ): Promise<Run> {
    assertPassage('run', run.id, run.state, state)
    const changed = { state, because, ...columns, ...(ended ? { ended_at: time(this.world.now()) } : {}) }
    await books.runs.change(run.id, changed)
    books.audit.append(
      planEntry(this.me, `run:${run.id}`, `run.${state}`, `run:${run.id}`, this.plan, {
        outcome: state === 'failed' ? 'failed' : state === 'needs-a-person' ? 'unknown' : 'ok',
        detail: { because: because ?? '' },
      }),
    )
    // Nobody holds a run that is over or waits for a person.
    if (ended || state === 'needs-a-person') await this.tenures.letGo(books, run.id)
    if (ended) await this.free(books, locks ?? (await books.targetLocks.where({ run_id: run.id })))
    return { ...run, ...changed }
  }

  private async free(books: WriteBooks, locks: readonly TargetLock[]): Promise<void> {
    await books.targetLocks.remove(...locks.map(({ id }) => id))
    for (const { id, run_id } of locks)
      books.audit.append(
        planEntry(this.me, `run:${run_id}`, 'target.freed', `target_lock:${id}`, this.plan, {
          target: id,
          detail: { run: run_id },
        }),
      )
  }

  /** What a step changed for now, or one of its items did. @internal to the journal and that of its items */
  lend(books: WriteBooks, step: RunStep): Promise<void> {
    return putOnLoan(books, this.me, this.world, step, verbOf(step).targets(step.args)[0] ?? '')
  }

  private async changedAnything(books: WriteBooks): Promise<boolean> {
    return (await books.steps.where({ run_id: this.held.run, state: ['done', 'failed'] })).some(changed)
  }

  /** `of`: the arguments of one of its items. @internal to the journal and that of its items */
  async moveLoans(
    books: WriteBooks,
    step: RunStep,
    state: 'returning' | 'returned' | 'overdue',
    because: string,
    after: JsonObject | null = null,
    of?: JsonObject,
  ): Promise<void> {
    for (const loan of await books.loans.where({ step_id: step.id })) {
      const isMeant = of === undefined || digest(loan.args) === digest(of)
      if (isMeant && loan.state !== 'returned' && loan.state !== state)
        await moveLoan(books, this.me, this.world, loan, state, because, { after })
    }
  }

  /** An entry about a step; one over many items has no one target. @internal to the journal and that of its items */
  append(
    books: WriteBooks,
    type: string,
    step: RunStep,
    rest: Evidence,
    detail: JsonObject,
    known?: KnownRow,
  ): Promise<void> {
    return this.appendAbout(
      books,
      type,
      step,
      this.targetOf(step),
      rest,
      { says: this.says(step, type), ...detail },
      known,
    )
  }

  /** One over many items has no one target. */
  private targetOf(step: RunStep): string | undefined {
    return step.items === null ? placeOf(verbOf(step), shownArgs(step.args)) : undefined
  }

  /** @internal to the journal and that of its items */
  appendAbout(
    books: WriteBooks,
    type: string,
    step: RunStep,
    target: string | undefined,
    rest: Evidence,
    detail: JsonObject,
    known?: KnownRow,
  ): Promise<void> {
    return appendAbout(
      books,
      planEntry(this.me, `run:${this.held.run}`, type, `step:${step.id}`, this.plan, {
        ...rest,
        ...(target ? { target } : {}),
        detail: { run: this.held.run, number: step.number, verb: step.verb, ...detail },
      }),
      step.verb,
      time(this.world.now()),
      known,
    )
  }

  /** What the step does, in the direction of this line of the journal. */
  private says(step: RunStep, type: string): string {
    const { says, undo } = step.items === null ? verbOf(step) : inWords(this.planned(step))
    const back = type === 'step.undoing' || type === 'step.undone' || type === 'step.kept'
    const args = shownArgs(step.args)
    return back && 'says' in undo ? undo.says(args) : says(args)
  }

  /**
   * One transaction of the run's stream, void when the tenure is somebody else's by now. Its locks and all that it asks first
   * are one round trip; what it asks is asked behind the locks.
   */
  write<T>(work: (books: WriteBooks, found: Found) => Promise<T>, asks: Asks = {}): Promise<T> {
    const { claims, about = [], cancels, ends, incident } = asks
    const { run, fence } = this.held
    return this.world.ledger.write(async (books) => {
      const [, way, , cancel, locks, known] = await Promise.all([
        books.lock({
          shared: claims ? this.world.scopes.of(claims) : [],
          stream: [`run:${run}`, ...(incident === undefined ? [] : [`incident:${incident}`])],
        }),
        claims && this.way(books, claims),
        this.tenures.hold(books, run, fence),
        cancels ? cancelOf(books, { id: run }) : undefined,
        ends ? books.targetLocks.where({ run_id: run }) : undefined,
        this.knownOf(books, about),
      ])
      return work(books, {
        closed: way?.closed,
        pass: way?.passed?.wish.id,
        cancelled: cancel !== undefined,
        locks,
        known,
      })
    })
  }

  /** What is known of these steps' targets. Of two steps that see one target alike, the first one's: it is about to change. */
  private async knownOf(books: WriteBooks, steps: readonly RunStep[]): Promise<Known> {
    const chains = new Set<string>()
    const asked = steps.flatMap((step) => {
      const target = this.targetOf(step)
      const chain = target === undefined ? undefined : chainOf(step.verb, target)
      if (target === undefined || chain === undefined || chains.has(chain)) return []
      chains.add(chain)
      return [readAhead(books, step.verb, target).then((row) => [step.id, row] as const)]
    })
    return new Map(await Promise.all(asked))
  }
}

/** What a transaction of the journal asks before it begins to write. */
interface Asks {
  /** Targets of what is to begin: their scopes are locked, and what keeps it from beginning is told. */
  claims?: readonly string[]
  /** Steps whose targets it appends about. */
  about?: readonly RunStep[]
  /** Whether somebody has cancelled the run. */
  cancels?: boolean
  /** It may end the run: which targets it holds. */
  ends?: boolean
  /** It writes to this incident too. */
  incident?: string
}
const ENDS: Asks = { ends: true }

/** And what it was answered. */
export interface Found {
  /** What keeps the claimed targets from being touched. */
  closed: Closed | undefined
  /** The break-glass pass by which a freeze did not. */
  pass: string | undefined
  cancelled: boolean
  locks: readonly TargetLock[] | undefined
  known: Known
}

type KnownRow = { row: TargetState | undefined }
/** What is known of a step's target, by the step's id. */
type Known = ReadonlyMap<string, KnownRow>

/** How a step ended, as its line in the journal says it. */
export interface Ended extends Pick<RunStep, 'because' | 'ended_at'>, Partial<Pick<RunStep, 'output'>> {
  outcome: Outcome
  state: ReturnType<typeof endOf>
}

/** What comes after a step, and is committed together with how that one ended. */
export type Next =
  /** In the same direction; `before`: how its target was found. */
  { kind: 'claim'; step: RunStep; before: JsonObject } | { kind: 'verify'; run: Run }

/** What was committed of both. */
export interface Recorded {
  step: RunStep
  claimed?: RunStep
  verifying?: Run
}

const stoppedBy = ({ by, code }: Closed): Pick<Run, 'frozen_by'> => ({ frozen_by: code === 'frozen' ? by : null })

/** What the entry of a claim says of freezes. @internal to the journal and that of its items */
export const allowed = (scopes: string[], pass: string | undefined): NonNullable<Draft['freeze']> =>
  pass === undefined ? { scopes, decision: 'allowed' } : { scopes, decision: 'passed', pass }

type Evidence = Pick<Draft, 'before' | 'after' | 'outcome' | 'freeze' | 'output'>

/** What a step has put into our own store: its entry names it by digest, which nobody can change any more. */
function sealedBy(step: RunStep, direction: Direction, { output }: Ended): Pick<Draft, 'output'> {
  const sealed = direction === 'do' && output ? verbOf(step).seals?.(output) : undefined
  return sealed === undefined ? {} : { output: sealed }
}

/** The sentences of a step over many items are those that were approved. */
function inWords(planned: PlannedStep | undefined) {
  const undo = planned?.undo ?? { none: '' }
  // Where there is no way back the step is named by what it did.
  return { says: () => planned?.says ?? '', undo: 'says' in undo ? { says: () => undo.says } : undo }
}
