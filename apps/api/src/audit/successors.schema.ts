import { z } from 'zod'
import { at, may, page, paging, who } from '../http/view.js'

const vkey = z.string().max(500)
const signature = z.string().max(200)

export const NewSuccessor = z.strictObject({
  /** The newest checkpoint of this log that anybody holds: a signed note. From the notary, an auditor, an export. */
  checkpoint: z.string().max(20_000),
  /** The name of the log that is to follow. */
  new_origin: z.string().min(1).max(180),
  reason: z.string().min(1).max(2000),
  /** What the entries `log.key-rotated` said, where the key was changed after this copy of the database was made. */
  rotations: z
    .array(z.strictObject({ old: vkey, new: vkey, signed_by_old: signature, signed_by_new: signature }))
    .max(20)
    .default([]),
})

export const NewVote = z.strictObject({
  /** Of the request that you read. */
  digest: z.string().max(200),
  decision: z.enum(['yes', 'no']),
  note: z.string().max(2000).default(''),
})

export const SuccessorView = z
  .object({
    id: z.string(),
    state: z.enum(['asked', 'refused', 'approved', 'succeeded']),
    asked_by: who,
    reason: z.string(),
    asked_at: at,
    old_origin: z.string(),
    /** How far the old log was known to reach. What this database has less than that is lost. */
    old_size: z.int(),
    old_root: z.string(),
    new_origin: z.string(),
    /** What is approved: SHA-256 over all of the above but the state and the times. */
    digest: z.string(),
    votes: z.array(z.object({ by: who, decision: z.enum(['yes', 'no']), note: z.string(), at })),
    may: z.object({ approve: may }),
  })
  .meta({ id: 'Successor' })
export const SuccessorPage = page(SuccessorView, 'SuccessorPage')
export const SuccessorQuery = z.strictObject(paging)
