import { classes, roles } from '@firebreak/kit'
import { z } from 'zod'
import { at, json } from '../http/view.js'

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
    stage: z.enum(['watch', 'propose', 'auto']),
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
  })
  .meta({ id: 'Recipe' })
export const RecipePage = z
  .object({ items: z.array(RecipeView), next: z.string().nullable() })
  .meta({ id: 'RecipePage' })
