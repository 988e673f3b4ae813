import type { Plan, PlanBody } from '../src/renderer/api/view.js'
import { catalogue } from './catalogue.js'
import { who } from './cast.js'
import type { Night } from './night.js'
import { hex, scaleApi, type PlanRecord, type RunRecord } from './world.js'

/** What somebody asks a plan for. */
export interface Wish {
  recipe: string
  params: Record<string, unknown>
  incident: string | null
  /** What an alert would say, where there is none. */
  labels?: Record<string, string>
  reason: string
  by: string
}

/** What the worker makes of a wish: two recipes find something to do tonight, the others say why not. */
export function makePlan(night: Night, wish: Wish, at = night.options.now()): PlanRecord {
  const id = night.newId('pln')
  const made = wish.recipe === 'scale-api' ? scaled(id, wish, at) : wish.recipe === 'requeue-failed-jobs' ? requeued(id, wish, at) : stopped(id, wish, at) // prettier-ignore
  const plan: PlanRecord = { ...made, requested_by: who(wish.by), reason: wish.reason }
  if (plan.body) Object.assign(plan.body, { params: wish.params, requested_by: wish.by, reason: wish.reason })
  if (plan.body && wish.labels && wish.incident === null) plan.body.trigger = wish.labels
  night.world.plans.set(id, plan)
  if (wish.incident !== null) night.incidentRecord(wish.incident).plans.push(id)
  const short = `${id}${plan.digest === null ? '' : ` (${plan.digest.slice(7, 19)})`}`
  const people = plan.body?.approval.people ?? 0
  const says =
    plan.state === 'stopped'
      ? `No plan: ${plan.because}`
      : `Plan ${short} proposed, ${plan.body?.approval.tier}, needs ${people} approval${people === 1 ? '' : 's'}: ${plan.body?.steps[0]?.says}`
  night.log(wish.incident, `plan.${plan.state}`, `plan:${id}`, 'worker', says, { at })
  return plan
}

function scaled(id: string, { incident, params }: Wish, at: Date): PlanRecord {
  const plan = scaleApi(id, incident, at)
  const to = typeof params['replicas'] === 'number' ? params['replicas'] : 5
  const [step] = plan.body!.steps
  if (to <= 2) return { ...plan, ...noPlan('No more replicas were asked for than there are: this recipe only adds.') }
  const says = `Scale deployment prod/api from 2 to ${to} replicas`
  Object.assign(step!, { says, after: { replicas: to }, undo: { says: `Scale deployment prod/api back from ${to} to 2 replicas` } }) // prettier-ignore
  if (typeof params['minutes'] === 'number') step!.loan_minutes = params['minutes']
  return { ...plan, digest: `sha256:${hex(`${id}/${to}/${step!.loan_minutes}`)}` }
}

/** `requeue-failed-jobs` as it plans: wide, so that somebody else decides. */
function requeued(id: string, { incident, params }: Wish, at: Date): PlanRecord {
  const jobs = Array.isArray(params['jobs']) ? (params['jobs'] as string[]) : ['4711', '4712', '4714', '4719', '4720']
  const queue = typeof params['queue'] === 'string' ? params['queue'] : 'ocr-batch'
  const pause = typeof params['pause_s'] === 'number' ? params['pause_s'] : 10
  const one = (job: string) => ({
    ...{ args: { job }, says: `Queue job ${job} of ${queue} again`, targets: [`queue:${queue}`] },
    ...{ before: { state: 'failed' }, after: { state: 'waiting' } },
  })
  return planned(id, 'requeue-failed-jobs', incident, at, {
    facts: {
      queue: { name: queue, environment: 'prod', failed: jobs.length, waiting: 212 },
      causes: { 'ETIMEDOUT storage': jobs.length },
    },
    guards: [
      { fact: 'queue.name', same: true },
      { fact: 'queue.failed', at_least: 1, at_most: jobs.length },
    ],
    reads: [{ what: `failed jobs of ${queue}`, at: at.toISOString() }],
    steps: [
      {
        ...{ verb: 'requeue-jobs', args: { queue, jobs }, says: `Queue ${jobs.length} failed jobs of ${queue} again` },
        ...{ targets: [`queue:${queue}`], before: { failed: jobs.length }, after: { failed: 0 } },
        ...{ reversible: 'compensable', undo: { none: 'A job that has run again has run again.' }, loan_minutes: null },
        items: jobs.map(one),
        pace: { first: 1, most: 50, pause_s: pause, stop_above_percent: 5, within_s: 600 },
      },
    ],
    verify: { within_s: 120, says: `No job of ${queue} that was queued again has failed again.` },
  })
}

/** A plan of any recipe, out of what its recipe says and what was found. */
export function planned(
  id: string,
  recipe: string,
  incident: string | null,
  at: Date,
  found: Pick<PlanBody, 'facts' | 'guards' | 'reads' | 'steps' | 'verify'> & { approval?: PlanBody['approval'] },
): PlanRecord {
  const own = catalogue.find((one) => one.id === recipe)!
  const expires = new Date(at.getTime() + 30 * 60_000).toISOString()
  const targets = new Set(found.steps.flatMap((step) => step.targets)).size
  return {
    ...{ id, state: 'proposed', incident, requested_at: at.toISOString(), expires_at: expires, reason: '' },
    ...{ because: null, to_type: null, approvals: [], run: null, reverts: null, requested_by: who('worker') },
    recipe: { id: own.id, title: own.title, version: own.version, meaning: own.meaning, impact: own.impact },
    digest: `sha256:${hex(`${id}/${recipe}`)}`,
    body: {
      ...{ v: 1, id, recipe: { id: own.id, version: own.version, digest: `sha256:${hex(own.id)}`, stage: own.stage } },
      ...{ params: {}, trigger: {}, incident, requested_by: 'worker', reason: '' },
      ...{ blast_radius: { targets, steps: found.steps.length }, approval: own.approval },
      ...{ made_at: at.toISOString(), expires_at: expires },
      ...found,
    },
  }
}

/** The way back of a run that is over, as a plan of its own. */
export function makeRevert(night: Night, run: RunRecord, { reason, by }: Pick<Wish, 'reason' | 'by'>): PlanRecord {
  const [id, at] = [night.newId('pln'), night.options.now()]
  const left = run.steps.filter(({ state, undo_says }) => state === 'done' && undo_says !== null)
  const plan = planned(id, run.recipe.id, run.incident, at, {
    facts: { effects: Object.fromEntries(left.map(({ number }) => [`step ${number}`, 'as left'])), stays: [] },
    guards: [{ fact: 'effects', same: true }],
    reads: [{ what: `what run ${run.id} left`, at: at.toISOString() }],
    steps: [...left].reverse().map((step) => ({
      ...{ verb: `undo-${step.verb}`, args: {}, says: step.undo_says!, targets: step.targets },
      ...{ before: step.after ?? {}, after: step.before ?? {}, reversible: 'yes', loan_minutes: null },
      undo: { says: step.says },
    })),
    verify: { within_s: 60, says: `All of it is as it was before the run ${run.id}` },
  })
  Object.assign(plan, { reverts: run.id, requested_by: who(by), reason })
  Object.assign(plan.recipe, {
    title: `Take back: ${plan.recipe.title}`,
    meaning: `Takes back what the run ${run.id} changed, the last change first.`,
    impact: 'What the run helped against may come again.',
  })
  Object.assign(plan.body!, { reverts: run.id, requested_by: by, reason })
  night.world.plans.set(id, plan)
  if (run.incident !== null) night.incidentRecord(run.incident).plans.push(id)
  night.log(
    run.incident,
    'plan.proposed',
    `plan:${id}`,
    'worker',
    `Plan ${id} proposed, which takes run ${run.id} back.`,
  )
  return plan
}

const noPlan = (because: string): Pick<Plan, 'state' | 'body' | 'digest' | 'because'> => ({
  ...{ state: 'stopped', body: null, digest: null, because },
})

function stopped(id: string, { recipe, incident }: Wish, at: Date): PlanRecord {
  const because = catalogue.find((one) => one.id === recipe)!.stop_if[0]!
  const found = { facts: {}, guards: [], reads: [], steps: [], verify: { within_s: 60, says: '' } }
  return { ...planned(id, recipe, incident, at, found), ...noPlan(because) }
}
