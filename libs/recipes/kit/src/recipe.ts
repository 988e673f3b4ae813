import { z } from 'zod'
import type { Readers } from './ports.js'
import type { Json, JsonObject, Step } from './verb.js'

/** Which page of the runbook an incident is. Closed list. */
export const classes = [
  'high-api-latency',
  'model-error-rate',
  'ocr-failures',
  'storage-errors',
  'batch-failures',
  'data-exfiltration',
  'unclassified',
] as const
export type IncidentClass = (typeof classes)[number]

/** How far a recipe may go by itself: look, propose, or act under a standing approval. */
export type Stage = 'watch' | 'propose' | 'auto'

/** How much friction stands before a run. T0 reads, T1 reversible and bounded, T2 wide, T3 irreversible. */
export type Tier = 'T0' | 'T1' | 'T2' | 'T3'

/** Who works here. Closed list; what each may do stands in one table of the API. */
export const roles = ['sre', 'ml', 'security', 'auditor', 'admin', 'service'] as const
export type Role = (typeof roles)[number]

/** What set the recipe off: the labels of an alert, or of the incident that a person opened. Outside input. */
export interface Trigger {
  labels: Record<string, string>
}

/**
 * A fact that must still hold when the run starts. `fact` is a path into the facts (`deployment.uid`).
 * Identities and versions must be the same; numbers that move have a range.
 */
export type Guard = { fact: string; same: true } | { fact: string; at_least?: number; at_most?: number }

/** Whether it helped, and the sentence that says so. */
export interface Verdict {
  holds: boolean
  says: string
}

/** Something that a recipe found out, for people: a sentence, and the recipe that fits it. */
export interface Finding {
  says: string
  suggests: string | null
}

/** How a run has ended, and the sentence that says why. */
export interface RunEnd {
  state: 'succeeded' | 'undone' | 'failed' | 'needs-a-person'
  because: string
}

/** One runbook page as code, in the order of the page. */
export interface Recipe<Facts extends JsonObject = JsonObject, Params extends JsonObject = JsonObject> {
  id: string
  /** Raised with every change of meaning: the digest that standing approvals and plans name covers it. */
  version: number
  title: string
  page: IncidentClass
  meaning: string
  impact: string
  stage: Stage
  approval: { tier: Tier; roles: readonly Role[]; people: number }
  /** A recipe that was written as data: all that it says. Its digest then covers its meaning itself, beside the version. */
  content?: Json
  params: z.ZodType<Params>
  /** It only contains a suspected compromise, or captures evidence of it: a security freeze lets it pass. */
  contains?: boolean
  /** Looks. Gets readers only. */
  diagnose(readers: Readers, trigger: Trigger, params: Params): Promise<Facts>
  stopIf: readonly { when: (facts: Facts, params: Params) => boolean; because: string }[]
  guards(facts: Facts): Guard[]
  /** What it found out, the most important first: written to the incident as a note. The result of a recipe that only reads. */
  findings?(facts: Facts, params: Params): Finding[]
  /** Decides. Gets facts only: it can neither look nor act. */
  plan(facts: Facts, params: Params): Step[]
  /**
   * What is written to the incident when its run has ended, for whoever has to go on: the evidence from before, and what
   * came of it. Plain text; the owner of the incident is named in front of it.
   */
  report?(facts: Facts, end: RunEnd): string
  verify: {
    /** Seconds within which it must hold. */
    within_s: number
    says: (facts: Facts) => string
    holds(readers: Readers, facts: Facts, params: Params): Promise<Verdict>
  }
}

/** Of a recipe that asks for nothing. */
export const noParams = z.strictObject({})

/** Types a recipe by inference: the facts of `diagnose` flow into everything below it. */
export function defineRecipe<Facts extends JsonObject, Schema extends z.ZodType<JsonObject>>(
  recipe: Omit<Recipe<Facts, z.output<Schema>>, 'params'> & { params: Schema },
): Recipe<Facts, z.output<Schema>> {
  return recipe as unknown as Recipe<Facts, z.output<Schema>>
}

/**
 * What of a recipe its digest covers: everything that a person reads before trusting it, and its version.
 * Code cannot be hashed in a way that survives a compiler; the version stands for it, and a spec holds the two together.
 * A recipe that is data is covered whole.
 */
export function recipeIdentity(recipe: Recipe): JsonObject {
  return {
    id: recipe.id,
    version: recipe.version,
    title: recipe.title,
    page: recipe.page,
    meaning: recipe.meaning,
    impact: recipe.impact,
    stage: recipe.stage,
    approval: { tier: recipe.approval.tier, roles: [...recipe.approval.roles], people: recipe.approval.people },
    params: paramsSchema(recipe),
    // Only where it is so: the digests of all other recipes stay what they were.
    ...(recipe.contains ? { contains: true } : {}),
    stop_if: recipe.stopIf.map((stop) => stop.because),
    verify_within_s: recipe.verify.within_s,
    ...(recipe.content === undefined ? {} : { content: recipe.content }),
  }
}

/** The parameters as JSON Schema (draft 2020-12): what forms draw and tools validate against. */
export function paramsSchema(recipe: Recipe): JsonObject {
  return z.toJSONSchema(recipe.params, { target: 'draft-2020-12', io: 'input' }) as JsonObject
}

/** Reads `a.b.c` out of facts. */
export function factAt(facts: JsonObject, path: string): Json | undefined {
  return path
    .split('.')
    .reduce<Json | undefined>(
      (at, key) => (at !== null && typeof at === 'object' && !Array.isArray(at) ? at[key] : undefined),
      facts,
    )
}

/** One guard that no longer holds: what it was when the plan was made, and what it is now. */
export interface Moved {
  fact: string
  was: Json
  is: Json
}

/** Which guards no longer hold. A fact that is gone has moved. */
export function movedGuards(guards: readonly Guard[], then: JsonObject, now: JsonObject): Moved[] {
  return guards.flatMap((guard) => {
    const was = factAt(then, guard.fact) ?? null
    const is = factAt(now, guard.fact) ?? null
    return stands(guard, was, is) ? [] : [{ fact: guard.fact, was, is }]
  })
}

/** Whether two values say the same. Names may stand in another order: the record gives them back in its own. */
export function isSame(was: Json, is: Json): boolean {
  if (was === null || is === null || typeof was !== 'object' || typeof is !== 'object') return was === is
  if (Array.isArray(was) !== Array.isArray(is)) return false
  const [then, now] = [Object.entries(was), Object.entries(is)]
  return (
    then.length === now.length && now.every(([name, value]) => Object.hasOwn(was, name) && isSame(at(was, name), value))
  )
}

const at = (of: object, name: string): Json => (of as Record<string, Json>)[name]!

function stands(guard: Guard, was: Json, is: Json): boolean {
  if ('same' in guard) return was !== null && isSame(was, is)
  return (
    typeof is === 'number' &&
    (guard.at_least === undefined || is >= guard.at_least) &&
    (guard.at_most === undefined || is <= guard.at_most)
  )
}
