import { z } from 'zod'

/** Where an object lies in the object storage. */
export const place = z.strictObject({ bucket: z.string().min(1), key: z.string().min(1) })
export type Place = z.output<typeof place>
