import {
  CompactRange,
  cosignedAt,
  decodeEntry,
  hex,
  leafHash,
  parseNote,
  verifyConsistency,
  verifyNote,
  type VerifierKey,
} from '@firebreak/audit-log'
import { entriesBetween, proofReader } from '@firebreak/audit-store'
import type pg from 'pg'
import type { Dice } from './dice.js'
import type { Evidence, Line, Published } from './verdict.js'
import type { Witness } from './witness.js'

export interface Promised {
  acknowledged: ReadonlySet<string>
  rolledBack: ReadonlySet<string>
}

/** Pairs of checkpoints, besides every neighbour of every other, whose consistency is proven. */
const PAIRS = 300

/** Reads everything that can be told about a log that has come to rest, as the superuser. */
export async function gather(
  client: pg.Client,
  promised: Promised,
  witness: Witness,
  keys: { log: VerifierKey; notary: VerifierKey },
  refusals: readonly string[],
  dice: Dice,
): Promise<Evidence> {
  const one = async <Row>(sql: string) => (await client.query(sql)).rows[0] as Row
  const counts = await one<Pick<Evidence, 'entries' | 'leaves' | 'unpaired' | 'rowsAlone' | 'entriesAlone'>>(COUNTS)
  const rows = (
    await client.query<{ size: string; root: Buffer; cosigned: string }>(
      'select size, root, cosigned from audit.checkpoint order by size',
    )
  ).rows
  const published = rows.map(({ size, root, cosigned }): Published & { bytes: Uint8Array } => {
    const note = parseNote(cosigned)
    return {
      size: Number(size),
      root: hex(root),
      bytes: root,
      signed: verifyNote(note, [keys.log]).length === 1,
      cosigned: cosignedAt(note, keys.notary) !== undefined,
    }
  })
  const { log, roots } = await readLog(
    client,
    counts.leaves,
    new Set([...witness.signed.keys(), ...published.map(({ size }) => size)]),
  )

  const proofs = { made: 0, broken: [] as string[] }
  const reader = proofReader(client)
  const prove = async (a: (typeof published)[number], b: (typeof published)[number]) => {
    const grown = { size1: a.size, size2: b.size, root1: a.bytes, root2: b.bytes }
    const proof = await reader.consistency(a.size, b.size).catch(() => undefined)
    proofs.made++
    if (!proof || !verifyConsistency({ ...grown, proof })) proofs.broken.push(`${a.size} to ${b.size}`)
  }
  for (const [at, checkpoint] of published.entries()) if (at > 0) await prove(published[at - 1]!, checkpoint)
  for (let nth = 0; nth < Math.min(PAIRS, published.length ** 2); nth++) {
    const [a, b] = [dice.between(0, published.length - 1), dice.between(0, published.length - 1)].sort((x, y) => x - y)
    await prove(published[a!]!, published[b!]!)
  }
  return {
    ...promised,
    ...counts,
    log,
    roots,
    published,
    signed: witness.signed,
    cosigned: witness.cosigned,
    proofs,
    refusals,
  }
}

async function readLog(client: pg.Client, size: number, sizes: ReadonlySet<number>) {
  const log: Line[] = []
  const roots = new Map<number, string>()
  const range = new CompactRange()
  for await (const { body } of entriesBetween(client, 0, size)) {
    const { entry_id, stream, stream_seq, about } = decodeEntry(body)
    log.push({ id: entry_id, stream, seq: stream_seq, about })
    range.append(leafHash(body))
    if (sizes.has(range.size)) roots.set(range.size, hex(range.root()))
  }
  return { log, roots }
}

const ACCOUNTED = `(select substr(about, 7)::uuid as id from audit.entry where about like 'thing:%')`

const COUNTS = `
  select (select count(*) from audit.entry)::int as entries,
         (select count(*) from audit.leaf)::int as leaves,
         (select count(*) from audit.entry e full join audit.leaf l on (l.era, l.xid, l.id) = (e.era, e.xid, e.id)
          where l.position is null or e.entry_id is null or e.entry_id <> l.entry_id)::int as unpaired,
         (select count(*) from crash.thing t left join ${ACCOUNTED} a on a.id = t.id where a.id is null)::int as "rowsAlone",
         (select count(*) from ${ACCOUNTED} a left join crash.thing t on t.id = a.id where t.id is null)::int as "entriesAlone"`
