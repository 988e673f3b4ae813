import type { Json, Recipe, Stage } from '@firebreak/kit'
import type { Actor } from './actor.js'
import { whyTooYoung } from './approvals.js'
import { entry } from './audit.js'
import { disarmedFor } from './budgets.js'
import type { Doorbell } from './jobs.js'
import type { Books } from './ledger.js'
import { assertPassage } from './passages.js'
import { recipeDigest } from './plans.js'
import { Refused, type RefusalCode } from './refused.js'
import { grantsOf, votesFrom } from './roles.js'
import type { Bounds, Plan, PlanBody, RoleGrant, StandingApproval } from './rows.js'
import { stageOf } from './stages.js'
import { minutesAfter, time, type World } from './world.js'

/** A yes in advance is looked at again after a quarter, at the latest. */
export const LONGEST_STANDING_DAYS = 92

export const streamOfStanding = (id: string): string => `standing:${id}`

/** The least and the most of each number that a plan's steps set, by its name. */
export function reachOf({ steps }: Pick<PlanBody, 'steps'>): Record<string, [least: number, most: number]> {
  const reach = new Map<string, [number, number]>()
  for (const { after } of steps)
    for (const [name, value] of Object.entries(after)) {
      if (typeof value !== 'number') continue
      const [least, most] = reach.get(name) ?? [value, value]
      reach.set(name, [Math.min(least, value), Math.max(most, value)])
    }
  return Object.fromEntries(reach)
}

/** Who gave it, and who asked for the plan, as the record has them now. */
export interface Concerned {
  giver: { kind: 'person' | 'service'; roles: readonly string[] } | undefined
  /** Whether a person asked for the plan. */
  asked_by_person: boolean
  /** When runs started under this yes, as far back at least as it counts them. */
  starts: readonly string[]
}

/**
 * Why a plan may not start by itself under this yes in advance; undefined when it may. Fails closed: what it does not
 * name it does not cover. The trigger of `flow.run` asks the same (`flow.why_not_standing`), a spec compares the two, and
 * `audit-check` asks it of the log alone.
 */
export function whyNotUnder(
  standing: StandingApproval,
  plan: Plan,
  { giver, asked_by_person, starts }: Concerned,
  now: Date,
): string | undefined {
  const { body } = plan
  if (standing.state !== 'given') return 'revoked'
  if (new Date(standing.expires_at) <= now) return 'expired'
  if (!body || standing.recipe_digest !== plan.recipe_digest || standing.recipe_digest !== body.recipe.digest)
    return 'another recipe'
  // It is one person's yes.
  if (plan.tier === 'T3' || plan.quorum > 1) return 'needs more people'
  // What a person asks for, people approve.
  if (asked_by_person) return 'asked by a person'
  const roles: readonly string[] = body.approval.roles
  if (giver?.kind !== 'person' || !giver.roles.some((role) => roles.includes(role))) return 'not their role'
  if (body.steps.length > standing.bounds.steps) return 'too many steps'
  if (body.steps.some(({ targets }) => targets.some((target) => !standing.targets.includes(target))))
    return 'another target'
  const isWithin = ([name, [least, most]]: [string, [number, number]]) => {
    const range = Object.hasOwn(standing.bounds.after, name) ? standing.bounds.after[name] : undefined
    return range !== undefined && least >= (range.at_least ?? -Infinity) && most <= (range.at_most ?? Infinity)
  }
  if (!Object.entries(reachOf(body)).every(isWithin)) return 'out of bounds'
  const { most, minutes } = standing.bounds.runs
  const since = minutesAfter(now, -minutes)
  return starts.filter((start) => new Date(start) > since).length < most ? undefined : 'budget spent'
}

/**
 * The yes in advance under which this plan may start now, the newest of several; `only` asks for one alone. Whoever starts
 * something under it holds its stream, which taking it back needs, too.
 */
export async function standingFor(
  books: Books,
  plan: Plan,
  now: Date,
  only?: string,
): Promise<StandingApproval | undefined> {
  if (plan.state !== 'proposed' || plan.digest === null || !plan.body) return undefined
  const { id, digest, stage } = plan.body.recipe
  if ((await stageOf(books, { id, digest, written: stage })) !== 'auto') return undefined
  const of = { state: 'given', recipe_digest: plan.recipe_digest } as const
  const given = await books.standingApprovals.where(only === undefined ? of : { ...of, id: only })
  if (given.length === 0) return undefined
  if ((await books.approvals.where({ plan_id: plan.id, decision: 'no' })).length > 0) return undefined
  const asked_by_person = (await books.people.get(plan.requested_by))?.kind === 'person'
  for (const standing of given.toReversed()) {
    const person = await books.people.get(standing.by)
    const held = await grantsOf(books, standing.by)
    const roles = held.filter((grant) => votesFrom(grant, plan.tier) <= new Date(standing.at)).map(({ role }) => role)
    const giver = person && { kind: person.kind, roles }
    const since = time(minutesAfter(now, -standing.bounds.runs.minutes))
    const starts = await books.startsUnder(standing.id, since)
    if (whyNotUnder(standing, plan, { giver, asked_by_person, starts }, now) === undefined) return standing
  }
  return undefined
}

/** Why this recipe cannot be approved in advance, by this person. Asked by screens, too. */
export function whyNotInAdvance(
  recipe: Recipe,
  by: Actor,
  stage: Stage,
): { code: RefusalCode; reason: string } | undefined {
  const { roles, people, tier } = recipe.approval
  if (by.kind !== 'person')
    return { code: 'service-cannot-approve', reason: 'A yes in advance is given by a person, not by a service.' }
  if (!by.roles.some((role) => roles.includes(role)))
    return { code: 'not-your-role', reason: `Plans of ${recipe.id} are approved by ${roles.join(' or ')}.` }
  if (tier === 'T3' || people > 1)
    return {
      code: 'out-of-range',
      reason: `Plans of ${recipe.id} (${tier}) need ${people} people each time: nobody can approve them in advance.`,
    }
  if (stage !== 'auto')
    return {
      code: 'out-of-range',
      reason: `${recipe.id} is in the stage ${stage}: graduate it to auto first (POST /v1/recipes/${recipe.id}/graduations).`,
    }
  return undefined
}

/**
 * Why this person cannot approve this recipe in advance on these targets now, or undefined when they can. `grants`: the roles
 * that they hold. Without targets it says what holds for all of them. Asked by screens, too.
 */
export async function whyNotGive(
  books: Books,
  world: World,
  recipe: Recipe,
  by: Actor,
  grants: readonly RoleGrant[],
  stage: Stage,
  targets: readonly string[] = [],
): Promise<{ code: RefusalCode; reason: string } | undefined> {
  const no = whyNotInAdvance(recipe, by, stage)
  if (no) return no
  const held = grants.filter(({ role }) => recipe.approval.roles.includes(role))
  const young = whyTooYoung(recipe.approval.tier, held, world.now())
  if (young) return young
  const disarmed = await disarmedFor(books, world, recipe.id, targets)
  return disarmed === undefined ? undefined : { code: 'disarmed', reason: disarmed }
}

/** Approving in advance, and taking that back. */
export class StandingApprovals {
  constructor(
    private readonly world: World,
    private readonly recipes: ReadonlyMap<string, Recipe>,
    private readonly doorbell: Doorbell,
  ) {}

  /** A yes to exactly the recipe that the person read, named by its digest. Plans that are open and fit start at once. */
  async give(
    by: Actor,
    wish: {
      recipe: string
      digest: string
      targets: readonly string[]
      bounds: Bounds
      expires_at: string
      reason: string
    },
  ): Promise<StandingApproval> {
    const recipe = this.recipes.get(wish.recipe)
    if (!recipe) throw new Refused('not-found', `There is no recipe "${wish.recipe}". GET /v1/recipes lists them.`)
    const digest = recipeDigest(recipe)
    const whyNot = async (books: Books, targets?: readonly string[]) => {
      const stage = await stageOf(books, { id: recipe.id, digest, written: recipe.stage })
      return whyNotGive(books, this.world, recipe, by, await grantsOf(books, by.id), stage, targets)
    }
    const no = await this.world.ledger.read((books) => whyNot(books))
    if (no) throw new Refused(no.code, no.reason)
    if (wish.digest !== digest)
      throw new Refused('stale', `You read ${recipe.id} as ${wish.digest}; it is ${digest} now.`)
    const targets = [...new Set(wish.targets)].sort()
    if (targets.length === 0)
      throw new Refused('empty-selection', 'Say on which targets: an empty list is never "everything".')
    const now = this.world.now()
    const expires = new Date(wish.expires_at)
    if (expires <= now || expires > minutesAfter(now, LONGEST_STANDING_DAYS * 24 * 60))
      throw new Refused('out-of-range', `It ends after now, and within ${LONGEST_STANDING_DAYS} days.`, [
        { pointer: '/expires_at', message: `at most ${LONGEST_STANDING_DAYS} days from now` },
      ])

    const standing: StandingApproval = {
      id: this.world.newId('sta'),
      state: 'given',
      recipe_id: recipe.id,
      recipe_version: recipe.version,
      recipe_digest: wish.digest,
      targets,
      bounds: wish.bounds,
      by: by.id,
      reason: wish.reason,
      at: time(now),
      expires_at: time(expires),
      revoked_by: null,
      revoked_at: null,
      revoked_because: null,
    }
    const waiting = await this.world.ledger.write(async (books) => {
      await books.lock({ stream: [streamOfStanding(standing.id)] })
      const no = await whyNot(books, targets)
      if (no) throw new Refused(no.code, no.reason)
      await books.standingApprovals.add(standing)
      books.audit.append(
        entry(by, streamOfStanding(standing.id), 'standing.given', `standing_approval:${standing.id}`, {
          outcome: 'ok',
          reason: standing.reason,
          recipe: { id: recipe.id, version: recipe.version, digest: wish.digest },
          detail: {
            targets,
            steps: wish.bounds.steps,
            most_runs: wish.bounds.runs.most,
            minutes: wish.bounds.runs.minutes,
            bounds: sayBounds(wish.bounds),
            expires_at: standing.expires_at,
          },
        }),
      )
      return books.plans.where({ state: 'proposed', recipe_digest: wish.digest })
    })
    for (const { id } of waiting) await this.doorbell.ring('run', id)
    return standing
  }

  /** Takes it back. What started under it goes on; nothing starts any more. Twice is once. */
  async revoke(by: Actor, id: string, reason: string): Promise<StandingApproval> {
    return this.world.ledger.write(async (books) => {
      // Whoever is starting a run under it holds this, too: it is started before, or not at all.
      await books.lock({ stream: [streamOfStanding(id)] })
      const standing = await books.standingApprovals.get(id)
      if (!standing) throw new Refused('not-found', `There is no standing approval ${id}.`)
      if (standing.state === 'revoked') return standing
      assertPassage('standing_approval', id, standing.state, 'revoked')
      const columns = {
        state: 'revoked' as const,
        revoked_by: by.id,
        revoked_at: time(this.world.now()),
        revoked_because: reason,
      }
      await books.standingApprovals.change(id, columns)
      books.audit.append(
        entry(by, streamOfStanding(id), 'standing.revoked', `standing_approval:${id}`, { outcome: 'ok', reason }),
      )
      return { ...standing, ...columns }
    })
  }
}

/** As an entry says them: each number's least and most, null where there is no end. */
const sayBounds = ({ after }: Bounds): Record<string, Json> =>
  Object.fromEntries(
    Object.entries(after).map(([name, { at_least, at_most }]) => [name, [at_least ?? null, at_most ?? null]]),
  )
