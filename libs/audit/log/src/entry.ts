import { canonical, digestOf, parseCanonical, Unreadable, type JsonValue } from './json.js'
import { count, digest, facts, flag, id, reference, said, sha256Hex, time, uuidV7, word, z } from './schema.js'
import { quickly } from './quick.js'
import { entryTypes, type EntryDetail, type EntryType } from './types.js'

/** tlog-tiles gives the length of an entry two bytes. */
export const MAX_BODY = 65_535

const state = z.strictObject({ digest, summary: facts.optional() })

const body = z.strictObject({
  v: z.literal(1),
  entry_id: uuidV7,
  /** What happened in one thing's life, told in order: `kind:id`, or `log`. */
  stream: z.union([reference, z.literal('log')]),
  /** From 0, without gaps. */
  stream_seq: count,
  type: z.enum(Object.keys(entryTypes) as [EntryType, ...EntryType[]]),
  /** When the change was decided, by the writer's clock. */
  ts: time,
  /** The row that this entry accounts for: `kind:id`. */
  about: reference,
  actor: z.strictObject({
    kind: z.enum(['person', 'service', 'process']),
    id,
    /** How they proved who they are: `session`, `key`, `oidc`, … */
    auth: word.optional(),
    roles: z.array(word).max(50).optional(),
    /** A commitment to the address, never the address. */
    ip: sha256Hex.optional(),
  }),
  reason: said.optional(),
  request_id: id.optional(),
  trace_id: id.optional(),
  target: reference.optional(),
  recipe: z.strictObject({ id, version: count, digest }).optional(),
  plan_digest: digest.optional(),
  idempotency_key: id.optional(),
  before: state.optional(),
  after: state.optional(),
  approvals: z
    .array(z.strictObject({ id, by: id, over: digest }))
    .max(50)
    .optional(),
  freeze: z
    .strictObject({
      scopes: z.array(said).max(500),
      epochs: z.record(z.string().max(200), count).optional(),
      decision: z.enum(['allowed', 'denied', 'passed']),
      pass: id.optional(),
      read: flag.optional(),
    })
    .optional(),
  outcome: z.enum(['ok', 'failed', 'refused', 'unknown']).optional(),
  output: z
    .array(z.strictObject({ sha256: sha256Hex, size: count, media_type: said }))
    .max(100)
    .optional(),
  /** Entry ids of what led here. */
  causes: z.array(uuidV7).max(100).optional(),
  detail: z.unknown().optional(),
})

type Common = Omit<z.input<typeof body>, 'type' | 'detail'>

/** One line of the log. `detail` has the form that `entryTypes` gives for `type`. */
export type EntryBody<Type extends EntryType = EntryType> = {
  [T in Type]: Common & { type: T; detail?: EntryDetail<T> | undefined }
}[Type]

export type EntryErrorCode = 'unreadable' | 'malformed' | 'too-large'

/** A body that may not stand in the log. */
export class EntryError extends Error {
  constructor(
    readonly code: EntryErrorCode,
    /** Where, as a JSON pointer; empty for the whole. */
    readonly pointer: string,
    sentence: string,
  ) {
    super(sentence)
    this.name = 'EntryError'
  }
}

/** The bytes to store and hash: validated, canonical, at most 65,535. Throws EntryError. */
export function encodeEntry(entry: EntryBody): Uint8Array {
  validate(entry)
  let bytes
  try {
    bytes = canonical(entry as unknown as JsonValue)
  } catch (error) {
    throw new EntryError('malformed', '', (error as Error).message)
  }
  if (bytes.length > MAX_BODY) {
    throw new EntryError(
      'too-large',
      '',
      `an entry has at most ${MAX_BODY} bytes, this one ${bytes.length}; larger outputs belong in a blob`,
    )
  }
  return bytes
}

/** The entry in stored bytes, which must be canonical and fit the schema of its type. Throws EntryError. */
export function decodeEntry(bytes: Uint8Array): EntryBody {
  if (bytes.length > MAX_BODY) throw new EntryError('too-large', '', `longer than ${MAX_BODY} bytes`)
  let value
  try {
    value = parseCanonical(bytes)
  } catch (error) {
    if (error instanceof Unreadable) throw new EntryError('unreadable', '', error.message)
    throw error
  }
  return validate(value)
}

function validate(value: unknown): EntryBody {
  if (fits(value)) return value
  const fault = schemaFault(value)
  if (fault) throw fault
  return value as EntryBody
}

/** What the schemas have against a value; undefined: nothing. */
export function schemaFault(value: unknown): EntryError | undefined {
  const common = body.safeParse(value)
  if (!common.success) return malformed(common.error, '')
  const { type, detail } = common.data
  const particular = detail === undefined ? undefined : entryTypes[type].safeParse(detail)
  return particular?.success === false ? malformed(particular.error, '/detail') : undefined
}

const commonFits = quickly(body)
const detailFits = new Map(Object.entries(entryTypes).map(([type, schema]) => [type, quickly(schema)]))

/** Without a doubt, and without a word about it where not: the schemas have the last one. */
function fits(value: unknown): value is EntryBody {
  if (!commonFits(value)) return false
  const { detail, type } = value as EntryBody
  return detail === undefined || detailFits.get(type)!(detail)
}

function malformed(error: z.ZodError, under: string): EntryError {
  const issue = error.issues[0]
  const pointer = under + (issue?.path ?? []).map((part) => `/${String(part)}`).join('')
  return new EntryError('malformed', pointer, `${pointer || 'the entry'}: ${issue?.message ?? 'malformed'}`)
}

/** The digest that stands in `before` and `after`. */
export const stateDigest = (state: JsonValue): string => digestOf(state)
