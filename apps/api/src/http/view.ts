import { z } from 'zod'
import { keyIn } from './cursor.js'

/** RFC 3339 in UTC with milliseconds. */
export const at = z.iso.datetime().meta({ description: 'RFC 3339, UTC' })

/** Whether this person may do something now; `reason` and `who` say why not and who may. Not there: not known yet. */
export const may = z
  .object({
    ok: z.boolean(),
    code: z.string().optional(),
    reason: z.string().optional(),
    who: z.array(z.string()).optional(),
  })
  .meta({ id: 'May' })

/** A person as others see them. */
export const who = z.object({ id: z.string(), name: z.string() }).meta({ id: 'Who' })

/** Any JSON object: facts, parameters, states. */
export const json = z.record(z.string(), z.unknown())

/** A page of a list; `next` is the cursor of the next page. */
export const page = <Item extends z.ZodType>(item: Item, id: string) =>
  z.object({ items: z.array(item), next: z.string().nullable() }).meta({ id })

/** RFC 9457, with a code of the closed list and JSON pointers to what is wrong. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    instance: z.string().optional(),
    request_id: z.string(),
    errors: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' })

/** What every list takes. `after` is the `next` of the page before; what stands in it is ours alone. */
export const paging = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  after: z
    .string()
    .max(1_000)
    .refine((cursor) => keyIn(cursor) !== undefined, 'is no `next` of this API')
    .transform((cursor) => keyIn(cursor)!)
    .optional(),
}
