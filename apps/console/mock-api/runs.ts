import type { Run } from '../src/renderer/api/view.js'
import type { Night } from './night.js'
import { pageOf, text, type Asker, type Noun } from './noun.js'
import { seedRuns } from './past-runs.js'
import { byRole, demand, No, notFound, responders, type Allowed } from './refuse.js'
import type { RunRecord } from './world.js'

/** A run as whoever asks sees it: with what they may do. */
export function runView({ world }: Night, run: RunRecord, me: Asker): Run {
  const may = (right: string, open: boolean, reason: string): Allowed => {
    const role = byRole(right, responders, me.roles)
    return role.ok && !open ? { ok: false, code: 'superseded', reason } : role
  }
  const { state } = run
  const plans = [...world.plans.values()].filter(({ reverts }) => reverts === run.id)
  const stoppable = ['queued', 'running', 'waiting', 'verifying'].includes(state)
  return {
    ...run,
    reverted_by: plans.map(({ id }) => id),
    may: {
      revert: mayRevert(world, run, plans.find((plan) => plan.state === 'proposed')?.id, me),
      cancel: may('run.cancel', stoppable, `This run is ${state}: there is nothing to cancel.`),
      resolve: may('run.resolve', state === 'needs-a-person', `This run is ${state} and asks nobody anything.`),
    },
  }
}

function mayRevert({ loans }: Night['world'], run: RunRecord, open: string | undefined, me: Asker): Allowed {
  const role = byRole('plan.request', responders, me.roles)
  const no = (code: string, reason: string): Allowed => ({ ok: false, code, reason })
  const out = run.loans.find((id) => loans.get(id)?.state !== 'returned')
  if (!role.ok) return role
  if (run.reverts !== null) return no('superseded', 'This run took another one back: to do that again, ask for a plan of its recipe.') // prettier-ignore
  if (run.ended_at === null) return no('in-progress', `This run is ${run.state}: cancel it with its undo instead.`)
  if (out !== undefined) return no('in-progress', `What it changed for a while is not given back: give ${out} back (POST /v1/loans/${out}/return).`) // prettier-ignore
  if (open !== undefined) return no('in-progress', `The plan ${open} that takes it back is still open: decide about it first.`) // prettier-ignore
  return run.steps.some(({ state, undo_says }) => state === 'done' && undo_says !== null)
    ? role
    : no('empty-selection', 'This run left nothing behind that can be taken back.')
}

function recordOf({ world }: Night, id: string): RunRecord {
  const run = world.runs.get(id)
  if (!run) throw notFound(`/v1/runs/${id}`)
  return run
}

const reasonOf = (body: Record<string, unknown>): string => {
  const reason = text(body['reason']).trim()
  if (reason === '') throw new No(400, 'invalid', 'reason: say why.')
  return reason
}

/** Stops at the next boundary: what is being done is done first. */
function cancel(night: Night, id: string, me: Asker, body: Record<string, unknown>): Run {
  const run = recordOf(night, id)
  demand(runView(night, run, me).may.cancel as Allowed, 409)
  const reason = reasonOf(body)
  const undo = body['undo'] === true
  const now = () => night.options.now().toISOString()
  const say = (type: string, by: string, says: string) => night.log(run.incident, type, `run:${id}`, by, says)
  run.state = 'cancelling'
  say('cancel.requested', me.id, `${me.name} asked run ${id} to stop${undo ? ' and to take back what it did' : ''}: ${reason}.`) // prettier-ignore
  night.later(() => {
    const steps = run.steps.filter(({ state }) => state === 'done' || state === 'intended')
    for (const step of steps) Object.assign(step, { state: undo ? 'undone' : 'done', ended_at: now() })
    Object.assign(run, {
      ...{ state: undo ? 'undone' : 'cancelled', ended_at: now() },
      because: `${me.name} stopped it: ${reason}.`,
    })
    say(`run.${run.state}`, 'worker', `Run ${id} stopped${undo ? ', and everything that it did is taken back' : ''}.`)
  })
  return runView(night, run, me)
}

/** Acts on what a person found, as the worker does. */
function resolve(night: Night, id: string, me: Asker, body: Record<string, unknown>): Run {
  const run = recordOf(night, id)
  demand(runView(night, run, me).may.resolve as Allowed, 409)
  const reason = reasonOf(body)
  const verdict = text(body['verdict'])
  const unknown = run.steps.find(({ state }) => state === 'unknown')
  if (!unknown && (verdict === 'in-place' || verdict === 'not-in-place'))
    throw new No(409, 'superseded', 'No step of this run is unknown: say "look-again", or "put-right".')
  const now = () => night.options.now().toISOString()
  const say = (type: string, by: string, says: string) => night.log(run.incident, type, `run:${id}`, by, says)
  say('answer.given', me.id, `${me.name} answered run ${id}: ${verdict}. ${reason}`)
  const end = (state: Run['state'], because: string) => {
    Object.assign(run, { state, because, ended_at: now() })
    say(`run.${state}`, 'worker', because)
  }
  night.later(() => {
    if (verdict === 'put-right') return end('failed', `${me.name} put it right by hand: ${reason}`)
    if (verdict === 'not-in-place') {
      if (unknown) Object.assign(unknown, { state: 'failed', ended_at: now(), because: 'It is not there.' })
      return end('failed', `${me.name} looked: it is not there. ${reason}`)
    }
    if (unknown) Object.assign(unknown, { state: 'done', ended_at: now(), because: null })
    if (body['then'] === 'take-back') {
      for (const step of run.steps) if (step.state === 'done') step.state = 'undone'
      return end('undone', `${me.name} looked: it is there, and is taken back. ${reason}`)
    }
    Object.assign(run, { state: 'verifying', verifying_at: now(), because: null })
    say('run.verifying', 'worker', 'Every step is done; checking whether it helped.')
    night.later(() => end('succeeded', 'Everything that was asked for is there.'))
  })
  return runView(night, run, me)
}

export const runs: Noun = {
  routes: (night) => ({
    'GET /v1/runs': ({ query, me }) => {
      const of = (name: string) => query.get(name)
      const found = [...night.world.runs.values()]
        .filter(
          ({ state, recipe, incident, plan }) =>
            (of('state') ?? state) === state &&
            (of('recipe') ?? recipe.id) === recipe.id &&
            (of('incident') ?? incident) === incident &&
            (of('plan') ?? plan) === plan,
        )
        .sort((a, b) => b.started_at.localeCompare(a.started_at) || b.id.localeCompare(a.id))
      return pageOf(found, query, (run) => runView(night, run, me))
    },
    'GET /v1/runs/{id}': ({ at, me }) => runView(night, recordOf(night, at('id')), me),
    'POST /v1/runs/{id}/cancel': ({ at, body, me }) => cancel(night, at('id'), me, body),
    'POST /v1/runs/{id}/resolve-unknown': ({ at, body, me }) => resolve(night, at('id'), me, body),
  }),
  seed: seedRuns,
}
