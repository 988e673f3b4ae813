import { z } from 'zod'

export const RunbookIndex = z
  .object({ items: z.array(z.object({ page: z.string(), title: z.string(), recipes: z.array(z.string()) })) })
  .meta({ id: 'RunbookIndex' })

/** `markdown` is our own text, but a reader treats it like any: no HTML in it is to be run. */
export const RunbookPage = z
  .object({ page: z.string(), title: z.string(), recipes: z.array(z.string()), markdown: z.string() })
  .meta({ id: 'RunbookPage' })
