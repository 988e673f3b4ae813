import type { DataSource } from 'typeorm'
import { select } from '../http/select.js'
import type { z } from 'zod'
import type { StreamEvent } from './stream.schema.js'

/**
 * A place in the order in which the sequencer takes entries, too. An id alone would not do: who got the lower id may
 * commit later, and whoever had passed it by then would never see it.
 */
export interface Cursor {
  era: number
  xid: string
  id: string
}

export interface Told {
  cursor: Cursor
  event: z.infer<typeof StreamEvent>
}

export const cursorText = ({ era, xid, id }: Cursor): string => `${era}.${xid}.${id}`

/** Undefined for what is no cursor of ours. A client may send anything. */
export function readCursor(text: string | undefined): Cursor | undefined {
  const parts = /^(\d{1,9})\.(\d{1,19})\.(\d{1,18})$/.exec(text ?? '')
  return parts ? { era: Number(parts[1]), xid: parts[2]!, id: parts[3]! } : undefined
}

/** Reads what was appended, in the commit-safe order: nothing at or beyond the oldest transaction that is still open. */
export class LogTail {
  constructor(private readonly source: DataSource) {}

  /** Where the log ends for us now. */
  async end(): Promise<Cursor> {
    const [row] = await select<Cursor>(
      this.source,
      `select e.era, e.xid::text, e.id::text from audit.entry e where e.xid < pg_snapshot_xmin(pg_current_snapshot())
       order by e.era desc, e.xid desc, e.id desc limit 1`,
    )
    return row ?? { era: 0, xid: '0', id: '0' }
  }

  /** What comes after, oldest first, at most `limit`; but for reads of the log and refusals, which nobody shall read because of. */
  async after({ era, xid, id }: Cursor, limit: number): Promise<Told[]> {
    const rows = await select<Cursor & { type: string; stream_id: string; stream_seq: string; about: string }>(
      this.source,
      `select era, xid::text as xid, id::text as id, type, stream_id, stream_seq::text as stream_seq, about
       from audit.entry e
       where e.type not in ('log.read', 'access.refused') and (e.era, e.xid, e.id) > ($1::int, $2::text::xid8, $3::bigint) and e.xid < pg_snapshot_xmin(pg_current_snapshot())
       order by e.era, e.xid, e.id limit $4`,
      [era, xid, id, limit],
    )
    return rows.map(({ type, stream_id, stream_seq, about, ...cursor }) => ({
      cursor,
      event: { type, id: stream_id, version: Number(stream_seq), about },
    }))
  }
}
