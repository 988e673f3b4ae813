import type { Job } from 'bull'
import { z } from 'zod'

const payload = z.strictObject({ id: z.string().min(1).max(100) })

/** The id that a job carries. Redis is outside: what is in it is parsed, and is never an instruction. */
export const idOf = (job: Job<unknown>): string => payload.parse(job.data).id
