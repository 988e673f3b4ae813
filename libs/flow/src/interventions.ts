import type { Json, JsonObject } from '@firebreak/kit'
import type { Actor } from './actor.js'
import { entry } from './audit.js'
import type { Doorbell } from './jobs.js'
import type { Books } from './ledger.js'
import { changed, type Cancel } from './moves.js'
import { mayPass } from './passages.js'
import { Refused, type RefusalCode } from './refused.js'
import type { Request, Run, RunState, RunStep, StepState } from './rows.js'
import { time, type World } from './world.js'

/*
 * What people do to a run that is under way: cancel it, or answer when it asks. The API writes the wish down; the
 * worker that carries the run out does it, at its next boundary.
 */

/** What a person says of a run that needs one. */
export type Answer =
  /** They looked: the effect of the unknown step is there. The run goes on, or takes back what it did. */
  | { verdict: 'in-place'; then: 'go-on' | 'take-back' }
  /** They looked: it is not there. The run has failed, and takes back what it did before. */
  | { verdict: 'not-in-place' }
  /** Something outside was mended: the worker looks again, and goes on from what it finds. */
  | { verdict: 'look-again' }
  /** They put it right by hand. The run has failed, nothing more is touched, and its targets are free. */
  | { verdict: 'put-right' }

/** Why this run cannot be cancelled now, or undefined when it can. Asked by screens, too. */
export function whyNotCancel(run: Run, wished: boolean): { code: RefusalCode; reason: string } | undefined {
  if (wished && run.ended_at === null && run.state !== 'needs-a-person')
    return { code: 'in-progress', reason: 'Somebody has cancelled this run already; it stops at its next boundary.' }
  if (mayPass('run', run.state, 'cancelling')) return undefined
  if (run.state === 'needs-a-person')
    return { code: 'superseded', reason: 'This run stands still and asks what is there: answer that instead.' }
  return { code: 'already-decided', reason: `This run is ${run.state}: there is nothing to cancel.` }
}

/** Why nobody can answer this run now, or undefined when somebody can. */
export function whyNotAnswer(run: Run, waiting: boolean): { code: RefusalCode; reason: string } | undefined {
  if (run.state !== 'needs-a-person')
    return { code: 'superseded', reason: `This run is ${run.state} and asks nobody anything.` }
  if (waiting) return { code: 'in-progress', reason: 'Somebody has answered; the worker is about to act on it.' }
  return undefined
}

/** Asking for a change of a run's course. */
export class Interventions {
  constructor(
    private readonly world: World,
    private readonly doorbell: Doorbell,
  ) {}

  /** Asks for a run to stop at its next boundary, and to take back what it changed when `undo` says so. */
  cancel(by: Actor, runId: string, { undo, reason }: Cancel & { reason: string }): Promise<Request> {
    return this.ask(by, runId, 'cancel', { undo }, reason, async (books, run) =>
      whyNotCancel(run, (await cancelOf(books, run)) !== undefined),
    )
  }

  /** Answers a run that needs a person. */
  answer(by: Actor, runId: string, answer: Answer, reason: string): Promise<Request> {
    return this.ask(by, runId, 'resolve-unknown', { ...answer }, reason, async (books, run) => {
      const no = whyNotAnswer(run, (await answerOf(books, run)) !== undefined)
      if (no) return no
      const steps = await books.steps.where({ run_id: run.id })
      const unknown = steps.some(({ state }) => state === 'unknown')
      return (answer.verdict === 'in-place' || answer.verdict === 'not-in-place') && !unknown
        ? { code: 'superseded', reason: 'No step of this run is unknown: say "look-again", or "put-right".' }
        : undefined
    })
  }

  private async ask(
    by: Actor,
    runId: string,
    kind: 'cancel' | 'resolve-unknown',
    body: JsonObject,
    reason: string,
    whyNot: (books: Books, run: Run) => Promise<{ code: RefusalCode; reason: string } | undefined>,
  ): Promise<Request> {
    const { request, plan } = await this.world.ledger.write(async (books) => {
      const stream = `run:${runId}`
      await books.lock({ stream: [stream] })
      const run = await books.runs.get(runId)
      if (!run) throw new Refused('not-found', `There is no run ${runId.slice(0, 100)}.`)
      const no = await whyNot(books, run)
      if (no) throw new Refused(no.code, no.reason)
      const request: Request = {
        id: this.world.newId('req'),
        kind,
        subject: runId,
        body,
        incident_id: null,
        by: by.id,
        reason,
        at: time(this.world.now()),
      }
      await books.requests.add(request)
      books.audit.append(
        entry(by, stream, kind === 'cancel' ? 'cancel.requested' : 'answer.given', `request:${request.id}`, {
          outcome: 'ok',
          ...(reason ? { reason } : {}),
          plan_digest: run.plan_digest,
          detail: { run: runId, ...body },
        }),
      )
      return { request, plan: run.plan_id }
    })
    await this.doorbell.ring('run', plan)
    return request
  }
}

/** The wish to cancel this run (or this plan, before it became one), if somebody has one. */
export async function cancelOf(books: Books, run: Pick<Run, 'id'>): Promise<(Cancel & { by: string }) | undefined> {
  const [request] = await books.requests.where({ kind: 'cancel', subject: run.id })
  return request && { undo: request.body['undo'] === true, by: request.by }
}

/** The newest answer that nobody has acted on, if there is one. */
export async function answerOf(books: Books, run: Run): Promise<(Request & { answer: Answer }) | undefined> {
  const given = await books.requests.where({ kind: 'resolve-unknown', subject: run.id })
  const newest = given.filter(({ id }) => run.answered === null || id > run.answered).at(-1)
  return newest && { ...newest, answer: readAnswer(newest.body) }
}

/** What an answer makes of a run and its unknown step. Pure. */
export interface Course {
  run: Extract<RunState, 'running' | 'verifying' | 'undoing' | 'failed'>
  /** What becomes of the unknown step, if there is one. */
  step?: {
    id: string
    state: Extract<StepState, 'done' | 'failed' | 'intended'>
    /** And of its unknown items, where it has many. */
    items: Extract<StepState, 'done' | 'failed' | 'intended'>
  }
  /** The run is over with this: nothing more is touched. */
  ends: boolean
}

export function courseOf(run: Run, steps: readonly RunStep[], answer: Answer): Course {
  const unknown = steps.find(({ state }) => state === 'unknown')
  type State = NonNullable<Course['step']>['state']
  const step = (items: State, state: State = items): Pick<Course, 'step'> =>
    unknown ? { step: { id: unknown.id, state, items } } : {}
  switch (answer.verdict) {
    case 'in-place':
      // A step over many goes on with the rest of them, or ends before it was through.
      if (unknown && unknown.items !== null)
        return answer.then === 'go-on'
          ? { run: 'running', ...step('done', 'intended'), ends: false }
          : { run: 'undoing', ...step('done', 'failed'), ends: false }
      return { run: answer.then === 'go-on' ? 'running' : 'undoing', ...step('done'), ends: false }
    case 'not-in-place':
      return { run: 'failed', ...step('failed'), ends: !steps.some((one) => changed(one) || one.items_done > 0) }
    case 'put-right':
      return { run: 'failed', ...step('failed'), ends: true }
    case 'look-again':
      // Where it was when it asked, which the journal tells.
      if (unknown) return { run: 'running', ...step('intended'), ends: false }
      if (steps.some((one) => one.undo_intended_at !== null)) return { run: 'undoing', ends: false }
      return { run: run.verifying_at === null ? 'running' : 'verifying', ends: false }
  }
}

/** The API wrote it; a worker that does not know it is older, and leaves the run where it is. */
function readAnswer(body: JsonObject): Answer {
  const { verdict, then }: { verdict?: Json; then?: Json } = body
  if (verdict === 'in-place') return { verdict, then: then === 'take-back' ? 'take-back' : 'go-on' }
  if (verdict === 'not-in-place' || verdict === 'look-again' || verdict === 'put-right') return { verdict }
  throw new Error(
    `This worker does not know the answer ${JSON.stringify(verdict)}: it is older than the API. Update it.`,
  )
}
