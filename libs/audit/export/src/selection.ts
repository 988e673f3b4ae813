import {
  classOf,
  MAX_BODY,
  selects,
  streamsNamed,
  text,
  typesFor,
  type EntryBody,
  type ExportFilter,
} from '@firebreak/audit-log'
import { entriesAt, entriesBetween, entriesFound, positionsOf, type Tx } from '@firebreak/audit-store'
import type { StoredEntry } from './bundle.js'

/** The entry in which the log counted the streams of an export of whole streams, and where it stands. */
export interface Claim {
  position: number
  streams: readonly { stream: string; count: number }[]
}

export interface Selection {
  filter: ExportFilter
  /** Of the checkpoint: what came later is not covered. */
  size: number
  /** Goes on at this position. */
  from?: number
  /** Of whole streams. */
  claim?: Claim
  /** Told up to which position has been looked, where few entries are found; what it throws ends the search. */
  looked?: (upTo: number) => void
}

/**
 * Clocks of writers are not the database's. An entry whose time differs from its record's by more than a day is not
 * looked for: the checker allows five minutes.
 */
const A_DAY = 24 * 3600 * 1000

/**
 * The entries that a filter finds, in the log's order, in constant memory (of whole streams: their positions, 8 bytes
 * each). What a column can exclude, the database excludes; the rest is decided on the bodies.
 */
export async function* selected(
  tx: Tx,
  { claim, filter, from = 0, looked, size }: Selection,
): AsyncGenerator<StoredEntry> {
  switch (classOf(filter)) {
    case 'FULL':
      return yield* entriesBetween(tx, from, size)
    case 'STREAM':
      return yield* wholeStreams(
        tx,
        claim?.streams.map(({ stream }) => stream) ?? streamsNamed(filter),
        from,
        size,
        claim,
      )
    case 'SELECTED':
      return yield* matching(tx, filter, from, size, looked)
  }
}

async function* wholeStreams(tx: Tx, streams: readonly string[], from: number, size: number, claim: Claim | undefined) {
  const end = claim?.position ?? size
  const positions = await positionsOf(tx, streams, from, end)
  if (claim && claim.position >= from) positions.push(claim.position)
  yield* entriesAt(tx, positions)
}

async function* matching(
  tx: Tx,
  filter: ExportFilter,
  from: number,
  size: number,
  looked: ((upTo: number) => void) | undefined,
) {
  const { positions, streams, time } = filter
  const [first, end] = [Math.max(from, positions?.from ?? 0), Math.min(size, positions?.to ?? size)]
  const recorded = time && {
    from: time.from === undefined ? undefined : new Date(Date.parse(time.from) - A_DAY),
    to: time.to === undefined ? undefined : new Date(Date.parse(time.to) + A_DAY),
  }
  const found = streams
    ? entriesAt(tx, await positionsOf(tx, streams, first, end))
    : entriesFound(tx, first, end, { types: typesFor(filter), recorded }, looked)
  for await (const { body, position } of found) {
    if (selects(filter, parsed(body), position)) yield { body, position }
  }
}

/** An entry that the log covers: the sequencer held it against its schema before it became one. */
export function parsed(body: Uint8Array): EntryBody {
  if (body.length > MAX_BODY) throw new RangeError('an entry beyond its bounds')
  return JSON.parse(text(body)) as EntryBody
}
