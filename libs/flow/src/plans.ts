import { recipeIdentity, type JsonObject, type Recipe } from '@firebreak/kit'
import type { Actor } from './actor.js'
import { digest, entry } from './audit.js'
import { whyNotPlanFor } from './incidents.js'
import { cancelOf } from './interventions.js'
import type { Doorbell } from './jobs.js'
import type { Books, WriteBooks } from './ledger.js'
import { mayPass } from './passages.js'
import { Refused, type RefusalCode } from './refused.js'
import { whyNotRevert } from './reverts.js'
import type { Approval, Plan, Request } from './rows.js'
import { time, type World } from './world.js'

/** Asks the worker for a plan, in a transaction whose stream `plan:<id>` is locked. */
export async function requestPlan(
  books: WriteBooks,
  by: Actor,
  wish: {
    id: string
    recipe: string
    params: JsonObject
    trigger: Record<string, string>
    incident: string | null
    reason: string
    at: string
    /** The run that it is to take back. */
    reverts?: string | undefined
    /** Who asked for it first, where it is asked for anew, and what they are where that is known: the log says so, too. */
    asker?: { id: string; kind: Actor['kind'] | undefined }
  },
): Promise<Request> {
  const reverts = wish.reverts === undefined ? {} : { reverts: wish.reverts }
  const request: Request = {
    id: wish.id,
    kind: 'plan',
    subject: wish.recipe,
    body: { params: wish.params, trigger: wish.trigger, ...reverts },
    incident_id: wish.incident,
    by: wish.asker?.id ?? by.id,
    reason: wish.reason,
    at: wish.at,
  }
  await books.requests.add(request)
  books.audit.append(
    entry(by, `plan:${wish.id}`, 'plan.requested', `request:${wish.id}`, {
      outcome: 'ok',
      reason: wish.reason,
      detail: {
        ...{ recipe: wish.recipe, incident: wish.incident ?? '', params: wish.params, ...reverts },
        ...(wish.asker && wish.asker.id !== by.id ? { asker: askerIn(wish.asker) } : {}),
      },
    }),
  )
  return request
}

const askerIn = ({ id, kind }: { id: string; kind: string | undefined }) => ({ id, ...(kind ? { kind } : {}) })

/** The digest that plans and standing approvals name. */
export const recipeDigest = (recipe: Recipe): string => digest(recipeIdentity(recipe))

/**
 * Why this plan cannot be cancelled now, or undefined when it can. A plan that is asked for and not made can be: it is
 * never made then. Asked by screens, too.
 */
export function whyNotCancelPlan(
  plan: Plan | undefined,
  approvals: readonly Approval[],
  cancelledBy: string | undefined,
  now: Date,
): { code: RefusalCode; reason: string } | undefined {
  if (cancelledBy !== undefined)
    return { code: 'already-decided', reason: `${cancelledBy} has cancelled this plan already.` }
  if (!plan) return undefined
  if (plan.state === 'used') return { code: 'superseded', reason: 'This plan became a run: cancel the run instead.' }
  if (!mayPass('plan', plan.state, 'cancelled'))
    return { code: 'already-decided', reason: `This plan is ${plan.state}: there is nothing to cancel.` }
  if (approvals.some(({ decision }) => decision === 'no'))
    return { code: 'already-decided', reason: 'Somebody said no to this plan: there is nothing to cancel.' }
  if (new Date(plan.expires_at) <= now)
    return { code: 'expired', reason: `This plan expired at ${plan.expires_at}: there is nothing to cancel.` }
  return undefined
}

/** Asking for plans, and taking the wish back. Making them is the worker's (`Planner`). */
export class Plans {
  constructor(
    private readonly world: World,
    private readonly recipes: ReadonlyMap<string, Recipe>,
    private readonly doorbell: Doorbell,
  ) {}

  /**
   * Asks for a plan: parameters are checked here, facts are looked at by the worker. One open plan per recipe and
   * incident. Answers the request, whose id is the plan's.
   */
  async request(
    by: Actor,
    wish: {
      recipe: string
      params: JsonObject
      incident?: string | undefined
      labels?: Record<string, string> | undefined
      reason: string
    },
  ): Promise<Request> {
    const recipe = this.recipes.get(wish.recipe)
    if (!recipe) throw new Refused('not-found', `There is no recipe "${wish.recipe}". GET /v1/recipes lists them.`)
    const params = recipe.params.safeParse(wish.params)
    if (!params.success)
      throw new Refused(
        'out-of-range',
        `These parameters do not fit the recipe ${recipe.id}.`,
        params.error.issues.map(({ path, message }) => ({
          pointer: ['/params', ...path.map(String)].join('/'),
          message,
        })),
      )

    const id = this.world.newId('pln')
    const request = await this.world.ledger.write(async (books) => {
      await books.lock({
        // Triage asks for plans under its incident's stream, too: of two that hurry one is second.
        stream: [`plan:${id}`, ...(wish.incident ? [`incident:${wish.incident}`] : [])],
      })
      const trigger = wish.incident ? await labelsOf(books, wish.incident) : (wish.labels ?? {})
      const open = wish.incident && (await openPlan(books, wish.incident, recipe.id))
      if (open)
        throw new Refused(
          'in-progress',
          `The plan ${open} for ${recipe.id} is still open for this incident: decide about it first.`,
        )
      return requestPlan(books, by, {
        id,
        recipe: recipe.id,
        params: wish.params,
        trigger,
        incident: wish.incident ?? null,
        reason: wish.reason,
        at: time(this.world.now()),
      })
    })
    await this.doorbell.ring('plan', request.id)
    return request
  }

  /**
   * Asks for a plan that takes a run back which is over; for the run's incident, where that is still worked on. Answers the
   * request, whose id is the plan's.
   */
  async requestRevert(by: Actor, wish: { run: string; reason: string }): Promise<Request> {
    const id = this.world.newId('pln')
    const known = await this.world.ledger.read((books) => books.runs.get(wish.run))
    const request = await this.world.ledger.write(async (books) => {
      const of = known?.incident_id
      await books.lock({ stream: [`plan:${id}`, `run:${wish.run}`, ...(of ? [`incident:${of}`] : [])] })
      const [run, steps, loans, open] = await Promise.all([
        books.runs.get(wish.run),
        books.steps.where({ run_id: wish.run }),
        books.loans.where({ run_id: wish.run, state: ['out', 'returning', 'overdue'] }),
        openRevertOf(books, wish.run),
      ])
      if (!run) throw new Refused('not-found', `There is no run ${wish.run.slice(0, 100)}.`)
      const no = whyNotRevert(
        run,
        steps,
        loans.map((loan) => loan.id),
        open,
      )
      if (no) throw new Refused(no.code, no.reason)
      const found = run.incident_id === null ? undefined : await books.incidents.get(run.incident_id)
      const incident = found && !whyNotPlanFor(found) ? found.id : null
      const { reason } = wish
      return requestPlan(books, by, {
        ...{ id, recipe: run.recipe_id, params: {}, trigger: {}, incident, reason, reverts: run.id },
        at: time(this.world.now()),
      })
    })
    await this.doorbell.ring('plan', request.id)
    return request
  }

  /**
   * Cancels a plan that has not become a run. It holds from here on: starting takes the same lock and asks. The worker
   * writes it down at its next look.
   */
  async cancel(by: Actor, planId: string, reason: string): Promise<Request> {
    const request = await this.world.ledger.write(async (books) => {
      const stream = `plan:${planId}`
      await books.lock({ stream: [stream] })
      const [asked, plan, approvals, before] = await Promise.all([
        books.requests.get(planId),
        books.plans.get(planId),
        books.approvals.where({ plan_id: planId }),
        cancelOf(books, { id: planId }),
      ])
      if (asked?.kind !== 'plan') throw new Refused('not-found', `There is no plan ${planId.slice(0, 100)}.`)
      const no = whyNotCancelPlan(plan, approvals, before?.by, this.world.now())
      if (no) throw new Refused(no.code, no.reason)
      const request: Request = {
        id: this.world.newId('req'),
        kind: 'cancel',
        subject: planId,
        body: {},
        incident_id: asked.incident_id,
        by: by.id,
        reason,
        at: time(this.world.now()),
      }
      await books.requests.add(request)
      books.audit.append(
        entry(by, stream, 'cancel.requested', `request:${request.id}`, {
          outcome: 'ok',
          reason,
          ...(plan?.digest ? { plan_digest: plan.digest } : {}),
          detail: { plan: planId },
        }),
      )
      return request
    })
    await this.doorbell.ring('plan', planId)
    return request
  }
}

/** What the incident's newest alert said: a plan made by hand looks at the same thing as the one that was suggested. */
async function labelsOf(books: WriteBooks, incident: string): Promise<Record<string, string>> {
  const found = await books.incidents.get(incident)
  if (!found) throw new Refused('not-found', `There is no incident ${incident}.`)
  const no = whyNotPlanFor(found)
  if (no) throw new Refused(no.code, no.reason)
  return (await books.alerts.where({ incident_id: incident })).at(-1)?.labels ?? {}
}

/** The id of the plan of this recipe that is asked for or proposed for this incident. */
export const openPlan = async (books: Books, incident: string, recipe: string): Promise<string | undefined> =>
  openOf(books, await books.requests.where({ kind: 'plan', incident_id: incident, subject: recipe }))

/** The id of the plan that is asked for or proposed and takes this run back. */
export const openRevertOf = async (books: Books, run: string): Promise<string | undefined> =>
  openOf(books, await books.revertsOf(run))

/** Of these wishes the first that was neither made into something that is decided nor cancelled. */
async function openOf(books: Books, asked: readonly Request[]): Promise<string | undefined> {
  const ids = asked.map(({ id }) => id)
  const made = new Map((await books.plans.where({ id: ids })).map((plan) => [plan.id, plan]))
  const cancelled = await books.requests.where({ kind: 'cancel', subject: ids })
  return ids
    .filter((id) => !cancelled.some(({ subject }) => subject === id))
    .find((id) => (made.get(id)?.state ?? 'proposed') === 'proposed')
}
