import { classes, roles } from '@firebreak/kit'
import { z } from 'zod'
import { at, json, may, who } from '../http/view.js'

const stage = z.enum(['watch', 'propose', 'auto'])

export const RecipeView = z
  .object({
    id: z.string(),
    version: z.int(),
    digest: z.string(),
    title: z.string(),
    /** The class of incidents that it is for, and so its page of the runbook. */
    page: z.enum(classes),
    meaning: z.string(),
    impact: z.string(),
    /** In force: where its file says, or where people moved it. */
    stage,
    /** Where its file says that it begins. */
    written_stage: stage,
    approval: z.object({ tier: z.enum(['T0', 'T1', 'T2', 'T3']), roles: z.array(z.enum(roles)), people: z.int() }),
    /** JSON Schema, draft 2020-12. */
    params: json,
    stop_if: z.array(z.string()),
    verify_within_s: z.int(),
    record: z.object({
      plans: z.int(),
      runs: z.int(),
      succeeded: z.int(),
      needed_a_person: z.int(),
      last_run_at: at.nullable(),
    }),
    /** `approve_in_advance` says what holds for every target; moving it to another stage stands with its graduations. */
    may: z.object({ plan: may, approve_in_advance: may }),
  })
  .meta({ id: 'Recipe' })
export const RecipePage = z
  .object({ items: z.array(RecipeView), next: z.string().nullable() })
  .meta({ id: 'RecipePage' })

/** What one version has come to: looks that would have done something, plans, and runs with their outcomes. */
const record = z
  .object({
    watched: z.int(),
    stopped: z.int(),
    proposed: z.int(),
    refused: z.int(),
    runs: z.int(),
    succeeded: z.int(),
    undone: z.int(),
    needed_a_person: z.int(),
  })
  .meta({ id: 'RecipeRecord' })

/** One decision, with the record as it was then. */
export const GraduationView = z
  .object({
    id: z.string(),
    recipe: z.string(),
    version: z.int(),
    digest: z.string(),
    from: stage,
    to: stage,
    record,
    by: who,
    reason: z.string(),
    at,
  })
  .meta({ id: 'Graduation' })

export const GraduationsView = z
  .object({
    recipe: z.string(),
    version: z.int(),
    digest: z.string(),
    stage,
    /** Of this version, now: what a decision is taken by. */
    record,
    /** Where it may go from here, and where not, and why. */
    to: z.array(z.object({ stage, may })),
    /** What was decided so far, newest first. */
    items: z.array(GraduationView),
  })
  .meta({ id: 'Graduations' })

export const NewGraduation = z.strictObject({
  /** Of the recipe that was read. */
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hex digits'),
  to: stage,
  reason: z.string().trim().min(1).max(2000),
})
