import { parseStrict, Unreadable } from './json.js'
import { count, flag, word, z } from './schema.js'

const rule = z.strictObject({
  /** How many people must have said yes. */
  people: count,
  /** Whose yes counts. */
  roles: z.array(word).min(1).max(50),
  /** Whether who asked for the plan may be one of them. */
  asker_may: flag,
  /** Whether a standing approval, given before there was a plan, counts as one of them. */
  in_advance: flag.optional(),
  /** Whether a break-glass pass over a missing approval counts as one of them, by whoever granted it. */
  break_glass: flag.optional(),
})

const rules = z.strictObject({
  v: z.literal(1),
  /** A role must have been held this long before the yes that it was used for. */
  youngest_role_hours: count.max(24 * 366),
  tiers: z.strictObject({ T0: rule.optional(), T1: rule, T2: rule, T3: rule }),
})

/** What an auditor asks of approvals, whatever the log's own plans asked: the file `approval-rules.json` beside the policy. */
export type ApprovalRules = z.infer<typeof rules>

/** Rules that cannot be used. */
export class ApprovalRulesError extends Error {
  constructor(sentence: string) {
    super(`approval-rules.json: ${sentence}`)
    this.name = 'ApprovalRulesError'
  }
}

/** More than anybody writes by hand. */
const MOST_BYTES = 65_536

/** Rules from their file: JSON with one reading only, in any layout. Throws ApprovalRulesError. */
export function parseApprovalRules(bytes: Uint8Array): ApprovalRules {
  if (bytes.length > MOST_BYTES) throw new ApprovalRulesError(`longer than ${MOST_BYTES} bytes`)
  let value
  try {
    value = parseStrict(withoutEnd(bytes))
  } catch (error) {
    if (error instanceof Unreadable) throw new ApprovalRulesError(error.message)
    throw error
  }
  const parsed = rules.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const pointer = (issue?.path ?? []).map((part) => `/${String(part)}`).join('')
  throw new ApprovalRulesError(`${pointer || 'the whole'}: ${issue?.message ?? 'malformed'}`)
}

/** An editor ends a file with a newline; the log's own parser takes nothing after the value. */
function withoutEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && SPACE.has(bytes[end - 1]!)) end--
  return bytes.subarray(0, end)
}

const SPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d])
