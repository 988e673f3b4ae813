import { isSame, movedGuards, type Json, type JsonObject, type Moved, type Readers, type Recipe } from '@firebreak/kit'
import type { Actor } from './actor.js'
import { holdersOf, isApproved, targetsOf } from './approvals.js'
import { digest, planEntry, type Draft } from './audit.js'
import { verbOf } from './effect.js'
import { budgetsOf, disarmedFor, mayStartByItself, streamOfBudget } from './budgets.js'
import { whyTooWide } from './caps.js'
import { restingOf } from './cooldown.js'
import { useUp } from './break-glass/alarm.js'
import { closedBut, heldBy, isMadeUpFor, type Granted } from './break-glass/pass.js'
import { itemsDigest } from './items/item-journal.js'
import { allowed, type Held } from './journal.js'
import type { Books, WriteBooks } from './ledger.js'
import { cancelOf } from './interventions.js'
import { assertPassage } from './passages.js'
import { diagnose, reasonOf } from './planner.js'
import { recipeDigest } from './plans.js'
import { quietOver } from './quiet.js'
import { recipeOf } from './reverts.js'
import type { Approval, Plan, PlanBody, Run, RunStep, StandingApproval, StepItem } from './rows.js'
import { scopeOfRecipe, stageOf } from './stages.js'
import { standingFor, streamOfStanding } from './standing.js'
import type { Tenures } from './tenure.js'
import { time, type World } from './world.js'

/** Why an approved plan did not become a run now: for good, or (`locked`, `cooldown`, `disarmed`, `quiet`, `frozen`, `halted`) until its targets are free. */
export type NotStarted =
  'not-approved' | 'locked' | 'cooldown' | 'disarmed' | 'quiet' | 'frozen' | 'halted' | 'stale' | 'expired'

/** A run as it stands when it has begun: nobody can have changed it yet. */
export interface Begun {
  begun: { run: Run; steps: RunStep[] }
}

/** Makes runs of approved plans: once each, and only when everything is still as it was approved. */
export class Starter {
  constructor(
    private readonly world: World,
    private readonly recipes: ReadonlyMap<string, Recipe>,
    private readonly readers: Readers,
    private readonly tenures: Tenures,
    private readonly me: Actor,
  ) {}

  /**
   * Diagnoses again; then one transaction that decides whether this plan may become a run.
   *
   * @param early the plan's approvals as they were a moment ago; read again under the locks
   */
  async start(plan: Plan, body: PlanBody, early: readonly Approval[]): Promise<(Held & Begun) | NotStarted> {
    const recipe = await recipeOf(this.world.ledger, this.recipes, plan.recipe_id, body.reverts)
    const targets = targetsOf({ body })
    // Before the diagnosis, which asks the watched systems; asked again below, under the locks.
    const [holdersEarly, passing, heldEarly, restingEarly, quietEarly] = await this.world.ledger.read((books) =>
      Promise.all([
        holdersOf(books, early),
        heldBy(books, plan, this.world.now()),
        this.areHeld(books, targets),
        restingOf(books, this.world, targets, body),
        quietOver(books, this.world, targets, body),
      ]),
    )
    // A yes in advance is asked for where people's are not there; read again below, under the lock that taking it back needs.
    const yes = isApproved(plan, early, holdersEarly)
    const offered = yes
      ? undefined
      : await this.world.ledger.read((books) => standingFor(books, plan, this.world.now()))
    const madeUp = passing !== undefined && isMadeUpFor(plan, early, holdersEarly, passing)
    if (!yes && !offered && !madeUp) return 'not-approved'
    if (heldEarly) return 'locked'
    if (quietEarly) return 'quiet'
    if (offered && (await this.world.ledger.read((books) => disarmedFor(books, this.world, plan.recipe_id, targets))))
      return 'disarmed'
    if (restingEarly) return 'cooldown'
    const broken = await this.whyNotAsPlanned(recipe, plan, body)
    const runId = this.world.newId('run')
    const budgets = offered ? budgetsOf(this.world, plan.recipe_id, targets).map(({ of }) => of) : []
    const delivery = this.world.newId('dlv')
    const loud = this.world.newId('dlv')
    const told = [
      ...(budgets.length > 0 ? [...budgets.map(streamOfBudget), `delivery:${delivery}`] : []),
      ...(passing ? [`delivery:${loud}`] : []),
    ]

    return this.world.ledger.write(async (books) => {
      const locked = books.lock({
        shared: [...this.world.scopes.of(targets), scopeOfRecipe(plan.recipe_id)],
        stream: [`plan:${plan.id}`, `run:${runId}`, ...(offered ? [streamOfStanding(offered.id)] : []), ...told],
        target: targets,
        budget: budgets,
      })
      // Read again, under the stream of its plan: another run cannot use it meanwhile, and its time may be over.
      const granted = passing ? heldBy(books, plan, this.world.now()) : Promise.resolve(undefined)
      const [, now, cancel, approvals, holders, pass, way, held, resting, quiet, stage] = await Promise.all([
        locked,
        books.plans.get(plan.id),
        cancelOf(books, plan),
        books.approvals.where({ plan_id: plan.id }),
        // A role can be taken back after the yes. Of who decided since then, nobody is needed.
        holdersOf(books, early),
        granted,
        closedBut(books, this.world.scopes, targets, body.contains, () => granted),
        this.areHeld(books, targets),
        restingOf(books, this.world, targets, body),
        quietOver(books, this.world, targets, body),
        stageOf(books, { id: plan.recipe_id, digest: plan.recipe_digest, written: body.recipe.stage }),
      ])
      if (!now || cancel) return 'not-approved'
      const standing = offered && (await standingFor(books, now, this.world.now(), offered.id))
      const needed = !standing && !isApproved(now, approvals, holders)
      if (needed && !(pass && isMadeUpFor(now, approvals, holders, pass))) return 'not-approved'
      if (broken) {
        await this.endPlan(books, now, 'stale', broken)
        return 'stale'
      }
      if (stage === 'watch' && body.reverts === undefined) {
        await this.endPlan(books, now, 'stale', `${plan.recipe_id} only watches since somebody sent it back.`)
        return 'stale'
      }
      if (new Date(now.expires_at) <= this.world.now()) {
        await this.endPlan(books, now, 'expired', `It was not started before ${now.expires_at}.`)
        return 'expired'
      }
      // The plan stays approved until its time is over, and starts by itself when nothing holds it any more.
      if (way.closed) return way.closed.code
      if (quiet) return 'quiet'
      // A lock is never waited for: the sweep comes back, and nothing holds a worker's slot meanwhile.
      if (held) return 'locked'
      if (resting) return 'cooldown'
      if (standing && !(await mayStartByItself(books, this.world, this.me, now, targets, delivery))) return 'disarmed'
      const used = needed ? pass : way.passed
      const at = time(this.world.now())
      const begun = await this.begin(books, { id: runId, at }, now, body, targets, approvals, standing, used)
      if (used) await useUp(books, this.me, now, used, { id: runId, at }, loud)
      return { run: runId, fence: await this.tenures.begin(books, runId), begun }
    })
  }

  /** By another run, or by a loan that is on its way back. */
  private async areHeld(books: Books, targets: string[]): Promise<boolean> {
    const [locks, loans] = await Promise.all([
      books.targetLocks.where({ id: targets }),
      books.loans.where({ target: targets, state: 'returning' }),
    ])
    return locks.length + loans.length > 0
  }

  private async begin(
    books: WriteBooks,
    { id: runId, at: started_at }: { id: string; at: string },
    plan: Plan,
    body: PlanBody,
    targets: string[],
    approvals: { id: string; by: string; digest: string }[],
    standing: StandingApproval | undefined,
    used: Granted | undefined,
  ): Promise<Begun['begun']> {
    const about = `run:${runId}`
    const scopes = this.world.scopes.of(targets)
    const run: Run = {
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
      standing: standing?.id ?? null,
      break_glass: used?.wish.id ?? null,
      goes_on_at: null,
      answered: null,
      scopes,
      frozen_by: null,
    }
    await books.runs.add(run)
    books.audit.append(
      this.entry(about, 'run.started', about, plan, {
        outcome: 'ok',
        freeze: allowed(scopes, used?.wish.over === 'freeze' ? used.wish.id : undefined),
        approvals: approvals.map(({ id, by, digest }) => ({ id, by, over: digest })),
        detail: {
          plan: plan.id,
          incident: plan.incident_id ?? '',
          steps: body.steps.length,
          ...(standing ? { standing: standing.id, standing_by: standing.by } : {}),
          ...(used ? { break_glass: used.wish.id, over: used.wish.over } : {}),
        },
      }),
    )
    const steps = body.steps.map((step, index): RunStep => ({
      id: this.world.newId('stp'),
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
      items: step.items?.length ?? null,
      items_done: 0,
      pace: step.pace ?? null,
      output: null,
    }))
    await books.steps.add(...steps)
    for (const [index, { id, number, verb }] of steps.entries()) {
      const { says, items: planned = [] } = body.steps[index]!
      const items = planned.map(({ args }, at) => this.asPlanned(id, at + 1, args))
      await books.stepItems.add(...items)
      books.audit.append(
        this.entry(about, 'step.planned', `step:${id}`, plan, {
          detail: {
            ...{ number, verb, says },
            ...(items.length > 0 ? { items: items.length, items_digest: itemsDigest(items) } : {}),
          },
        }),
      )
    }
    await books.targetLocks.add(...targets.map((id) => ({ id, run_id: runId, since: started_at })))
    for (const target of targets)
      books.audit.append(
        this.entry(about, 'target.locked', `target_lock:${target}`, plan, { target, detail: { run: runId } }),
      )
    assertPassage('plan', plan.id, plan.state, 'used')
    await books.plans.change(plan.id, { state: 'used' })
    books.audit.append(
      this.entry(`plan:${plan.id}`, 'plan.used', `plan:${plan.id}`, plan, { outcome: 'ok', detail: { run: runId } }),
    )
    return { run, steps }
  }

  private asPlanned(step_id: string, number: number, args: JsonObject): StepItem {
    return {
      ...{ id: this.world.newId('itm'), step_id, number, args, state: 'pending', attempt: 0, fence: 0 },
      ...{ intended_at: null, ended_at: null, undo_intended_at: null, before: null, after: null, because: null },
    }
  }

  /** What moved since the plan was made, or the recipe itself; undefined when it may go on. */
  private async whyNotAsPlanned(recipe: Recipe | undefined, plan: Plan, body: PlanBody): Promise<string | undefined> {
    if (!recipe || recipeDigest(recipe) !== plan.recipe_digest) return 'The recipe was changed since the plan was made.'
    // The yes was given to a digest: what is carried out must be what it was taken over.
    if (digest(body as unknown as JsonObject) !== plan.digest)
      return 'The plan in the record is not the one that was approved.'
    for (const step of body.steps) verbOf(step)
    const wide = whyTooWide(this.world, body)
    if (wide) return wide
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

  private entry(stream: string, type: string, about: string, plan: Plan, rest: Parameters<typeof planEntry>[5]): Draft {
    return planEntry(this.me, stream, type, about, plan, rest)
  }
}

/** Parts of one fact that are named as moved: a fact may be about a thousand things. */
const MOST_PARTS = 3

function sayMoved({ fact, is, was }: Moved): string {
  const wasAndIs = (then: Json | undefined, now: Json | undefined) =>
    `was ${JSON.stringify(then ?? null)} and is ${JSON.stringify(now ?? null)}`
  if (!isObject(was) || !isObject(is)) return `${fact} ${wasAndIs(was, is)}`
  const moved = [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((part) => !isSame(was[part] ?? null, is[part] ?? null))
    .map((part) => `${part} ${wasAndIs(was[part], is[part])}`)
  const more = moved.length > MOST_PARTS ? `, and ${moved.length - MOST_PARTS} more` : ''
  return `${fact}: ${moved.slice(0, MOST_PARTS).join(', ')}${more}`
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
