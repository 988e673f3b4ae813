import { z } from 'zod'

const position = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const size = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER)

/** `size` of the tree; left out: of the newest checkpoint. */
export const InclusionQuery = z.strictObject({ position, size: size.optional() })
/** RFC 6962 audit path: the nearest sibling first, each hash base64. */
export const InclusionProof = z
  .object({ position: z.int(), size: z.int(), leaf_hash: z.string(), hashes: z.array(z.string()) })
  .meta({ id: 'InclusionProof' })

/** From the tree of the first `from` entries to that of the first `to`; `to` left out: the newest checkpoint. */
export const ConsistencyQuery = z.strictObject({ from: size, to: size.optional() })
/** RFC 6962 consistency proof, each hash base64. The two roots are those of the checkpoints that are compared. */
export const ConsistencyProof = z
  .object({ from: z.int(), to: z.int(), hashes: z.array(z.string()) })
  .meta({ id: 'ConsistencyProof' })
