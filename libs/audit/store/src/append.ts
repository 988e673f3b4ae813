import { randomBytes } from 'node:crypto'
import { commitment, encodeEntry, SALT, type Disclosure, type EntryBody, type PersonalPath } from '@firebreak/audit-log'
import { rows, type Tx } from './connection.js'

type Without<T, Keys extends PropertyKey> = T extends unknown ? Omit<T, Keys> : never

/** An entry as its author says it; number, id and time are given when it is appended. */
export type Draft = Without<EntryBody, 'v' | 'entry_id' | 'stream_seq' | 'ts'> & { personal?: Personal }

/**
 * Personal values by the path in the entry where their commitments belong. The entry gets the commitments; values and
 * salts get rows of their own, which can be deleted.
 */
export type Personal = { readonly [Path in PersonalPath]?: string }

/** The clock and the dice of the caller. `newId` makes UUIDv7. */
export interface AppendContext {
  now: Date
  newId: () => string
  /** 32 bytes that nobody can guess. */
  newSalt?: () => Uint8Array
  /** How many entries each stream has, where the caller has asked under its lock. */
  lengths?: ReadonlyMap<string, number>
}

/** What was appended. `body` are the exact bytes that the log will hash. */
export interface Appended {
  entry_id: string
  stream: string
  /** From 0, without gaps. */
  stream_seq: number
  body: Uint8Array
}

/**
 * Appends entries in the caller's transaction, as one insert, in the order given. The caller has locked every stream with
 * `lockStreams` before its first write; a stream that was not locked fails on its unique number when somebody else was faster.
 *
 * Never through another connection than the one that makes the change: the two would commit apart, and a pool whose every
 * connection waits for a second one stands still.
 *
 * @throws what `encodeEntry` throws where a draft does not fit the schema of its type; the transaction is then the caller's to roll back
 */
export async function append(tx: Tx, drafts: readonly Draft[], context: AppendContext): Promise<Appended[]> {
  if (drafts.length === 0) return []
  const next = new Map(context.lengths ?? (await streamLengths(tx, [...new Set(drafts.map((draft) => draft.stream))])))
  const ts = context.now.toISOString()
  const disclosures: Disclosure[] = []
  const entries = drafts.map(({ personal, ...draft }) => {
    const stream_seq = next.get(draft.stream) ?? 0
    next.set(draft.stream, stream_seq + 1)
    const entry = { ...draft, v: 1 as const, entry_id: context.newId(), stream_seq, ts } as EntryBody
    const { newSalt = () => new Uint8Array(randomBytes(SALT)) } = context
    const sealed = disclosuresOf(entry.entry_id, personal, newSalt)
    disclosures.push(...sealed)
    return sealed.reduce(withCommitment, entry)
  })
  const bodies = entries.map((entry) => encodeEntry(entry))
  await tx.query(
    `insert into audit.entry (entry_id, stream_id, stream_seq, type, about, body)
     select entry_id, stream_id, stream_seq, type, about, body
     from unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::bytea[])
       with ordinality as draft (entry_id, stream_id, stream_seq, type, about, body, place)
     order by place`,
    [
      entries.map((entry) => entry.entry_id),
      entries.map((entry) => entry.stream),
      entries.map((entry) => entry.stream_seq),
      entries.map((entry) => entry.type),
      entries.map((entry) => entry.about),
      bodies.map((body) => Buffer.from(body.buffer, body.byteOffset, body.byteLength)),
    ],
  )
  if (disclosures.length > 0) await disclose(tx, disclosures)
  const outputs = entries.flatMap(({ output = [] }) => output)
  if (outputs.length > 0) await listBlobs(tx, outputs)
  return entries.map(({ entry_id, stream, stream_seq }, i) => ({ entry_id, stream, stream_seq, body: bodies[i]! }))
}

function disclosuresOf(entry_id: string, personal: Personal | undefined, newSalt: () => Uint8Array): Disclosure[] {
  return Object.entries(personal ?? {}).map(([path, value]) => ({ entry_id, path, salt: newSalt(), value }))
}

function withCommitment(entry: EntryBody, disclosure: Disclosure): EntryBody {
  switch (disclosure.path as PersonalPath) {
    case '/actor/ip':
      return { ...entry, actor: { ...entry.actor, ip: commitment(disclosure) } }
  }
}

/** The list of what entries name by digest. The same bytes may have been named before. */
async function listBlobs(tx: Tx, all: NonNullable<EntryBody['output']>): Promise<void> {
  await tx.query(
    `insert into audit.blob (sha256, size, media_type)
     select * from unnest($1::text[], $2::bigint[], $3::text[]) on conflict (sha256) do nothing`,
    [all.map(({ sha256 }) => sha256), all.map(({ size }) => size), all.map(({ media_type }) => media_type)],
  )
}

async function disclose(tx: Tx, all: readonly Disclosure[]): Promise<void> {
  await tx.query(
    `insert into audit.disclosure (entry_id, path, salt, value)
     select * from unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[])`,
    [
      all.map(({ entry_id }) => entry_id),
      all.map(({ path }) => path),
      all.map(({ salt }) => Buffer.from(salt)),
      all.map(({ value }) => value),
    ],
  )
}

/**
 * How many entries each stream has, which is the number of its next one. Stays true for whoever holds the streams' locks.
 * One backward step on the index per stream, however long the stream is; max() with group by would read all of it.
 */
export async function streamLengths(tx: Tx, streams: readonly string[]): Promise<Map<string, number>> {
  // A statement each: one over a list is planned anew each time, for as many as there are.
  const lengths = streams.map(async (stream) => {
    const [last] = await rows<{ stream_seq: string }>(
      tx,
      'select stream_seq from audit.entry where stream_id = $1 order by stream_seq desc limit 1',
      [stream],
    )
    return [stream, last ? Number(last.stream_seq) + 1 : 0] as const
  })
  return new Map(await Promise.all(lengths))
}
