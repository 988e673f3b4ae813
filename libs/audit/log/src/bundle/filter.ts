import { text } from '../bytes.js'
import { holds, wants, type Query } from '../controls/query.js'
import { nist80053 } from '../controls/nist-800-53.js'
import { soc2 } from '../controls/soc2.js'
import type { EntryBody } from '../entry.js'
import { canonical, type JsonValue } from '../json.js'
import { count, id, reference, time, z } from '../schema.js'
import { entryTypes, type EntryType } from '../types.js'

/** How much of the log an export holds, and so what may be concluded from what is not in it. */
export const completenessClass = z.enum([
  /** Every entry from the first up to the checkpoint. */
  'FULL',
  /** Every entry of the streams it names, as the log itself counted them. */
  'STREAM',
  /** Entries that stand in the log. Nothing is said of those that are not there. */
  'SELECTED',
])
export type Completeness = z.infer<typeof completenessClass>

/** What each control of each pack looks at: `soc2/CC8.1`. */
const queries: ReadonlyMap<string, Query> = new Map(
  [nist80053, soc2].flatMap(({ controls, name }) => controls.map(({ id, query }) => [`${name}/${id}`, query])),
)

const stream = z.union([reference, z.literal('log')])

/**
 * What was asked for. Where only whole streams are named (`streams`, `run`, `plan`, `incident`) the answer is all of
 * them; any other filter selects, and then each of its fields must hold.
 */
export const exportFilter = z
  .strictObject({
    /** By the writers' clocks; from the first instant on, up to but not with the second. */
    time: z.strictObject({ from: time, to: time }).partial(),
    /** Indices in the log, from 0; `to` is not among them. */
    positions: z.strictObject({ from: count, to: count }).partial(),
    /** Who did it: the id of a person, a service or a process. */
    actor: id,
    types: z
      .array(z.enum(Object.keys(entryTypes) as [EntryType, ...EntryType[]]))
      .min(1)
      .max(100),
    target: reference,
    streams: z.array(stream).min(1).max(100),
    run: id,
    plan: id,
    incident: id,
    freeze: id,
    outcome: z.enum(['ok', 'failed', 'refused', 'unknown']),
    /** What a control of a pack looks at, as `soc2/CC8.1`. */
    control: z.enum([...queries.keys()] as [string, ...string[]]),
  })
  .partial()
export type ExportFilter = z.infer<typeof exportFilter>

/** A filter in its one spelling, for people and for the log. */
export const filterText = (filter: ExportFilter): string => text(canonical(filter as JsonValue))

const WHOLE_STREAMS: readonly string[] = ['streams', 'run', 'plan', 'incident'] satisfies (keyof ExportFilter)[]

/** How complete the answer to a filter can be. */
export function classOf(filter: ExportFilter): Completeness {
  const asked = Object.keys(filter)
  if (asked.length === 0) return 'FULL'
  return asked.every((field) => WHOLE_STREAMS.includes(field)) ? 'STREAM' : 'SELECTED'
}

/** The streams that a filter of whole streams names itself; those that belong to them, only the record knows. */
export const streamsNamed = ({ incident, plan, run, streams = [] }: ExportFilter): string[] => [
  ...streams,
  ...(incident === undefined ? [] : [`incident:${incident}`]),
  ...(plan === undefined ? [] : [`plan:${plan}`]),
  ...(run === undefined ? [] : [`run:${run}`]),
]

/** The types that a filter can find at all; undefined: any. */
export function typesFor({ control, types }: ExportFilter): readonly string[] | undefined {
  const query = control === undefined ? undefined : queries.get(control)
  return types ?? (query === undefined || query.types === 'every' ? undefined : query.types)
}

/** Whether an entry is one of those that a filter selects. */
export function selects(filter: ExportFilter, entry: EntryBody, index: number): boolean {
  const { actor, control, outcome, positions, streams, target, time, types } = filter
  return (
    (!positions || within(index, positions)) &&
    (!time || within(entry.ts, time)) &&
    (!types || types.includes(entry.type)) &&
    (!streams || streams.includes(entry.stream)) &&
    (actor === undefined || entry.actor.id === actor) &&
    (target === undefined || entry.target === target) &&
    (outcome === undefined || entry.outcome === outcome) &&
    (control === undefined || asks(queries.get(control), entry)) &&
    KINDS.every((kind) => filter[kind] === undefined || names(entry, kind, filter[kind]))
  )
}

const asks = (query: Query | undefined, entry: EntryBody): boolean =>
  query !== undefined && wants(query, entry.type) && holds(query, entry)

const KINDS = ['run', 'plan', 'incident', 'freeze'] as const

/** In its stream, as the row that it accounts for, or in its detail. */
function names(entry: EntryBody, kind: (typeof KINDS)[number], id: string): boolean {
  const reference = `${kind}:${id}`
  const detail = (entry.detail ?? {}) as Partial<Record<string, unknown>>
  return entry.stream === reference || entry.about === reference || detail[kind] === id
}

function within<T extends number | string>(
  value: T,
  { from, to }: { from?: T | undefined; to?: T | undefined },
): boolean {
  return (from === undefined || value >= from) && (to === undefined || value < to)
}
