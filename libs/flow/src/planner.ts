import { verbNamed } from '@firebreak/kit/verbs'
import {
  checkReferences,
  PortFailure,
  shownArgs,
  type Json,
  type JsonObject,
  type Pace,
  type Readers,
  type Recipe,
  type Step,
  type Verb,
} from '@firebreak/kit'
import type { Actor } from './actor.js'
import { isApproved, targetsOf } from './approvals.js'
import { digest, entry, plain, type Draft } from './audit.js'
import { capsOn, countedBy, whyTooWide } from './caps.js'
import { cancelOf } from './interventions.js'
import type { Doorbell } from './jobs.js'
import type { Books } from './ledger.js'
import { recipeOf, revertedBy } from './reverts.js'
import { roleHours } from './roles.js'
import { recipeDigest } from './plans.js'
import { isQuiet, oneTierHigher } from './quiet.js'
import type { Plan, PlanBody, PlannedStep, PlanRead, Request } from './rows.js'
import { stageOf } from './stages.js'
import { reachOf, standingFor } from './standing.js'
import { followerOf, minutesAfter, time, type World } from './world.js'

/** What a diagnosis found: the facts, what was looked at for them, and whether the recipe says stop. */
export interface Diagnosis {
  facts: JsonObject
  reads: PlanRead[]
  stop: string | null
}

/** Runs a recipe's diagnosis with readers that note what they were asked. */
export async function diagnose(
  recipe: Recipe,
  readers: Readers,
  trigger: Record<string, string>,
  params: JsonObject,
  now: () => Date,
): Promise<Diagnosis> {
  const reads: PlanRead[] = []
  const facts = await recipe.diagnose(noting(readers, reads, now), { labels: trigger }, recipe.params.parse(params))
  const stop = recipe.stopIf.find(({ when }) => when(facts, recipe.params.parse(params)))
  return { facts, reads, stop: stop?.because ?? null }
}

/** Makes plans: looks, decides, writes down. Changes nothing outside; two workers doing it at once make one plan. */
export class Planner {
  constructor(
    private readonly world: World,
    private readonly recipes: ReadonlyMap<string, Recipe>,
    private readonly readers: Readers,
    private readonly me: Actor,
    private readonly settings: { planExpiresMinutes: number },
    private readonly doorbell: Doorbell,
  ) {}

  /** Makes the plan that a request asked for; undefined when there is one already, or nobody wants it (any more). */
  async make(requestId: string): Promise<Plan | undefined> {
    const { ledger } = this.world
    const request = await ledger.read((books) => books.requests.get(requestId))
    if (request?.kind !== 'plan' || (await ledger.read((books) => this.isSettled(books, requestId)))) return undefined
    const recipe = request.subject === null ? {} : { recipe: request.subject }
    return followerOf(this.world).during('plan', { plan: requestId, ...recipe }, async (learn) => {
      const plan = await this.makeFor(request)
      learn({ outcome: plan?.state ?? 'settled', ...(plan ? { tier: plan.tier } : {}) })
      return plan
    })
  }

  private async makeFor(request: Request): Promise<Plan | undefined> {
    const { ledger } = this.world
    const requestId = request.id
    const proposal = await this.propose(request)
    const made = await ledger.write(async (books) => {
      const stream = `plan:${requestId}`
      const { incident_id } = request
      const noted = proposal.body?.findings && incident_id !== null ? [`incident:${incident_id}`] : []
      await books.lock({ stream: [stream, ...noted] })
      if (await this.isSettled(books, requestId)) return undefined
      const plan = await asStaged(books, proposal)
      await books.plans.add(plan)
      books.audit.append(
        entry(this.me, stream, `plan.${plan.state}`, stream, {
          outcome: plan.state === 'failed' ? 'failed' : 'ok',
          // A recipe that this worker does not know has no digest to name.
          ...(plan.recipe_digest
            ? { recipe: { id: plan.recipe_id, version: plan.recipe_version, digest: plan.recipe_digest } }
            : {}),
          ...(plan.digest ? { plan_digest: plan.digest } : {}),
          detail: {
            incident: plan.incident_id ?? '',
            ...(plan.body?.reverts === undefined ? {} : { reverts: plan.body.reverts }),
            because: plan.because ?? '',
            steps: plan.body?.steps.map(({ says }) => says) ?? [],
            tier: plan.tier,
            quorum: plan.quorum,
            role_hours: roleHours(plan.tier),
            // What an auditor holds the run against, without the plan at hand.
            ...(plan.body
              ? {
                  roles: plan.body.approval.roles,
                  expires_at: plan.expires_at,
                  targets: targetsOf(plan),
                  reach: reachOf(plan.body),
                  ...guardsOf(plan.body),
                }
              : {}),
          },
        }),
      )
      for (const incident of noted) books.audit.append(this.note(incident, proposal))
      return plan
    })
    // A bell and no more: the start decides, under its locks. A plan that changes nothing waits for nobody.
    if (made && isApproved(made, [], [])) await this.doorbell.ring('run', made.id)
    else if (made?.body && (await ledger.read((books) => standingFor(books, made, this.world.now()))))
      await this.doorbell.ring('run', made.id)
    return made
  }

  /** What a recipe found out, for those who read the incident. */
  private note(incident: string, { body, digest, recipe_id, recipe_version, recipe_digest }: Plan): Draft {
    const found = body?.findings?.map(
      ({ says, suggests }) => `${says}.${suggests === null ? '' : ` Recipe: ${suggests}.`}`,
    )
    const text = found?.length ? found.map((line, at) => `${at + 1}. ${line}`).join('\n') : 'Nothing was found.'
    return entry(this.me, incident, 'note.added', incident, {
      outcome: 'ok',
      recipe: { id: recipe_id, version: recipe_version, digest: recipe_digest },
      ...(digest ? { plan_digest: digest } : {}),
      detail: {
        incident: incident.slice('incident:'.length),
        ...(digest ? { digest } : {}),
        text: `${recipe_id}:\n${text}`,
      },
    })
  }

  /** Made already, or cancelled before it was made. */
  private async isSettled(books: Books, id: string): Promise<boolean> {
    const [plan, cancel] = await Promise.all([books.plans.get(id), cancelOf(books, { id })])
    return plan !== undefined || cancel !== undefined
  }

  /** Closes a plan that somebody refused or cancelled, or whose time is over. Undefined when there is nothing to close. */
  async close(planId: string): Promise<Plan['state'] | undefined> {
    return this.world.ledger.write(async (books) => {
      const stream = `plan:${planId}`
      await books.lock({ stream: [stream] })
      const plan = await books.plans.get(planId)
      if (plan?.state !== 'proposed') return undefined
      const no = (await books.approvals.where({ plan_id: planId, decision: 'no' }))[0]
      const cancel = await cancelOf(books, plan)
      const expired = new Date(plan.expires_at) <= this.world.now()
      const [state, because] = cancel
        ? (['cancelled', `${cancel.by} cancelled it.`] as const)
        : no
          ? (['refused', `${no.by} said no.`] as const)
          : (['expired', `Nobody started it before ${plan.expires_at}.`] as const)
      if (!cancel && !no && !expired) return undefined
      await books.plans.change(planId, { state, because })
      books.audit.append(
        entry(this.me, stream, `plan.${state}`, stream, {
          outcome: 'refused',
          ...(plan.digest ? { plan_digest: plan.digest } : {}),
          detail: { because },
        }),
      )
      return state
    })
  }

  private async propose(request: Request): Promise<Plan> {
    const reverts = revertedBy(request)
    const recipe = await recipeOf(this.world.ledger, this.recipes, request.subject ?? '', reverts)
    if (!recipe)
      return this.unmade(request, undefined, 'failed', `This worker does not know the recipe ${request.subject}.`)
    const { params, trigger } = request.body as { params: JsonObject; trigger: Record<string, string> }
    try {
      const look = () => diagnose(recipe, this.readers, trigger, params, this.world.now)
      const { facts, reads, stop } = await look().catch((error: unknown) => {
        // A connection that broke once is no answer. Whoever asked for the plan would ask again, and so is it done here, once.
        if (!(error instanceof PortFailure) || !error.retryable) throw error
        return look()
      })
      if (stop !== null) return this.unmade(request, recipe, 'stopped', stop)
      const planned = recipe.plan(facts, recipe.params.parse(params))
      checkReferences(planned, verbNamed)
      const steps = planned.map(describe)
      const caps = capsOn(this.world, { recipe, steps })
      const madeAt = this.world.now()
      const body: PlanBody = {
        v: 1,
        id: request.id,
        recipe: { id: recipe.id, version: recipe.version, digest: recipeDigest(recipe), stage: recipe.stage },
        params,
        trigger,
        incident: request.incident_id,
        requested_by: request.by,
        reason: request.reason,
        ...(reverts === undefined ? {} : { reverts }),
        reads,
        facts,
        ...(recipe.findings ? { findings: recipe.findings(facts, recipe.params.parse(params)) } : {}),
        guards: recipe.guards(facts),
        steps,
        blast_radius: blastRadius(steps),
        contains: recipe.contains ?? false,
        // What did harm is taken back at once.
        limits: { cooldown_minutes: reverts === undefined ? this.world.limits.cooldown_minutes : 0, caps },
        verify: { within_s: recipe.verify.within_s, says: recipe.verify.says(facts) },
        approval: await this.approvalOf(recipe, request, targetsOf({ body: { steps } })),
        made_at: time(madeAt),
        expires_at: time(minutesAfter(madeAt, this.settings.planExpiresMinutes)),
      }
      const wide = whyTooWide(this.world, body, caps)
      if (wide) return this.unmade(request, recipe, 'stopped', wide)
      return {
        ...this.unmade(request, recipe, 'proposed', null),
        ...{ tier: body.approval.tier, quorum: body.approval.people },
        body,
        digest: digest(body as unknown as JsonObject),
        made_at: body.made_at,
        expires_at: body.expires_at,
      }
    } catch (error) {
      return this.unmade(request, recipe, 'failed', `The diagnosis failed: ${reasonOf(error)}`)
    }
  }

  /** Who has to say yes: as the recipe has it, and one tier higher for an incident while a quiet window is open. */
  private async approvalOf(recipe: Recipe, { incident_id }: Request, targets: string[]): Promise<PlanBody['approval']> {
    const { people, roles, tier } = recipe.approval
    const approval = { tier, roles: [...roles], people }
    if (incident_id === null || recipe.contains) return approval
    const quiet = await this.world.ledger.read((books) => isQuiet(books, this.world, targets))
    return quiet ? oneTierHigher(approval) : approval
  }

  private unmade(request: Request, recipe: Recipe | undefined, state: Plan['state'], because: string | null): Plan {
    const at = this.world.now()
    return {
      id: request.id,
      state,
      recipe_id: recipe?.id ?? request.subject ?? '',
      recipe_version: recipe?.version ?? 0,
      recipe_digest: recipe ? recipeDigest(recipe) : '',
      incident_id: request.incident_id,
      requested_by: request.by,
      body: null,
      digest: null,
      tier: recipe?.approval.tier ?? 'T0',
      quorum: recipe?.approval.people ?? 0,
      because,
      made_at: time(at),
      expires_at: time(minutesAfter(at, this.settings.planExpiresMinutes)),
    }
  }
}

/** What could hold the run of a plan, as its entry says it: an auditor asks the log alone whether something should have. */
const guardsOf = (body: PlanBody): JsonObject => ({
  stage: body.recipe.stage,
  contains: body.contains,
  cooldown_minutes: body.limits?.cooldown_minutes ?? 0,
  caps: countedBy(body.limits?.caps ?? [], body) as unknown as Json,
  ...(body.approval.raised_from ? { raised_from: body.approval.raised_from } : {}),
})

/**
 * A recipe that only watches proposes nothing: what it would have done is kept, and nobody can approve it. What it did before
 * it was sent back is taken back all the same: mostly it was sent back for that.
 */
async function asStaged(books: Books, plan: Plan): Promise<Plan> {
  if (!plan.body || plan.body.reverts !== undefined) return plan
  const { id, digest, stage } = plan.body.recipe
  if ((await stageOf(books, { id, digest, written: stage })) !== 'watch') return plan
  const would = plan.body.steps.map(({ says }) => says).join('; ') || 'nothing'
  return { ...plan, state: 'stopped', because: plain(`${id} only watches. It would have done this: ${would}.`) }
}

/** A step with everything that its approver reads. */
function describe(step: Step): PlannedStep {
  const verb = verbNamed(step.verb)
  if (!verb) throw new Error(`there is no verb ${step.verb}`)
  if (step.items && step.pace) return describeItems(verb, step.items, step.pace, step.loan_minutes)
  const args = shownArgs(step.args)
  return {
    verb: verb.id,
    ...(step.name === undefined ? {} : { name: step.name }),
    args: step.args,
    says: verb.says(args),
    targets: verb.targets(args),
    before: verb.before(args),
    after: verb.after(args),
    reversible: verb.reversible,
    undo: 'none' in verb.undo ? { none: verb.undo.none } : { says: verb.undo.says(args) },
    loan_minutes: step.loan_minutes ?? null,
  }
}

/** A step over many items: every one of them stands in what people approve. */
function describeItems(verb: Verb, all: readonly JsonObject[], pace: Pace, loan_minutes?: number): PlannedStep {
  const items = all.map((args) => ({
    args,
    says: verb.says(args),
    targets: verb.targets(args),
    before: verb.before(args),
    after: verb.after(args),
  }))
  const ramp =
    pace.first >= items.length
      ? ''
      : pace.most === 1
        ? `, ${pace.pause_s} s in between`
        : `, ${pace.first} first, then more at a time, up to ${pace.most}`
  const times = items.length > 1 ? `${items.length} times, one after the other${ramp}: ` : ''
  const rest = items.length > 1 ? `; and ${items.length - 1} more` : ''
  const back = 'none' in verb.undo ? undefined : verb.undo.says(all.at(-1)!)
  return {
    verb: verb.id,
    args: {},
    says: `${times}${items[0]!.says}${rest}`,
    targets: [...new Set(items.flatMap(({ targets }) => targets))],
    before: inNumbers(items.map(({ before }) => before)),
    after: { ...inNumbers(items.map(({ after }) => after)), each: items.length },
    reversible: verb.reversible,
    undo: 'none' in verb.undo ? verb.undo : { says: `${times && 'One after the other, in reverse: '}${back}${rest}` },
    loan_minutes: loan_minutes ?? null,
    items,
    pace,
  }
}

/**
 * The numbers that the items set, in one: what a yes in advance has to cover is read here, and what it does not name it
 * does not cover. Where they differ, the least and the most.
 */
function inNumbers(states: readonly JsonObject[]): JsonObject {
  const numbers: JsonObject = {}
  for (const name of new Set(states.flatMap((state) => Object.keys(state)))) {
    const values = states.map((state) => state[name]).filter((value) => typeof value === 'number')
    if (values.length === 0) continue
    if (name === 'each') throw new Error('a verb that sets "each" cannot be spoken over many items')
    const [least, most] = [Math.min(...values), Math.max(...values)]
    if (least === most) numbers[name] = least
    else Object.assign(numbers, { [`${name}_least`]: least, [`${name}_most`]: most })
  }
  return numbers
}

/** More of them cannot be locked in the transaction that starts the run. */
const MOST_TARGETS = 200

function blastRadius(steps: readonly PlannedStep[]): PlanBody['blast_radius'] {
  const targets = new Set(steps.flatMap((step) => step.targets)).size
  if (targets > MOST_TARGETS)
    throw new Error(`it would touch ${targets} targets, and a plan has at most ${MOST_TARGETS}`)
  const effects = steps.reduce((sum, { items }) => sum + (items?.length ?? 1), 0)
  return { targets, steps: steps.length, ...(effects > steps.length ? { items: effects } : {}) }
}

/** The sentence of an error, without a stack, as a row takes it: much of it is what the outside answered. */
export function reasonOf(error: unknown): string {
  if (error instanceof PortFailure) return plain(`${error.message} (${error.kind})`)
  return plain(error instanceof Error ? error.message : String(error))
}

/** Readers that write down each question before they pass it on: the plan says what its facts were read from. */
function noting(readers: Readers, reads: PlanRead[], now: () => Date): Readers {
  const watch = <Port extends object>(port: Port, name: string): Port =>
    new Proxy(port, {
      get(target, key) {
        const member: unknown = Reflect.get(target, key)
        if (typeof member !== 'function') return member
        return (...args: unknown[]): unknown => {
          reads.push({ what: [name, String(key), ...args.map(asked)].join(' '), at: time(now()) })
          return (member as (...args: unknown[]) => unknown).apply(target, args)
        }
      },
    })
  const watched = Object.entries(readers as unknown as Record<string, object>).map(([name, port]) => [
    name,
    // The house is no outside: what it says has stood in its file since the start.
    name === 'directory' ? port : watch(port, name),
  ])
  return Object.fromEntries(watched) as Readers
}

/** An argument of a question in a plan: an object by its names, and a picture by its size. */
function asked(arg: unknown): string {
  if (arg instanceof Uint8Array) return `${arg.length} bytes`
  return typeof arg === 'object' && arg !== null ? Object.values(arg).map(asked).join('/') : String(arg)
}
