import crypto, { randomUUIDv7 } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { formatVkey, generateKey, hashWith, leafHash } from '@firebreak/audit-log'
import {
  entriesBetween,
  HttpCosigner,
  newestCheckpoint,
  Notary,
  notaryServer,
  openNotaryFolder,
  Sequencer,
} from '@firebreak/audit-store'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { withClient } from '../crash/database.js'
import type { BenchDatabase } from './stage.js'

/** A large log, filled past the writers and covered by the sequencer itself. */
export interface LargeLog {
  size: number
  /** Leaves a second while it was covered, tiles and cursor included, and how many could be hashed a second without. */
  drained: { perSecond: number; hashedPerSecond: number }
  checkpoint: string
  /** The auditor's policy file. */
  policy: string
}

/** How many bodies are hashed alone, to stand beside. */
const HASHED = 100_000

export async function fillLog(database: BenchDatabase, size: number, folder: string): Promise<LargeLog> {
  await withClient(database.url(), async (client) => {
    // By one statement each, as the superuser: what is measured comes after. The bodies are canonical, key by key.
    for (let from = 0; from < size; from += 100_000)
      await client.query(FILL, [from, Math.min(size, from + 100_000) - 1])
    await client.query('vacuum analyze audit.entry')
  })
  const key = generateKey('bench.example/log', new Uint8Array(crypto.randomBytes(32)))
  const { key: notaryKey, memory } = await openNotaryFolder(join(folder, 'notary-of-large-log'), 'bench.example/notary')
  const notary = notaryServer(
    new Notary(
      notaryKey,
      () => [key],
      memory,
      () => new Date(),
    ),
    (line) => console.error(line),
  ).listen(0, '127.0.0.1')
  await once(notary, 'listening')
  const cosigner = new HttpCosigner(`http://127.0.0.1:${(notary.address() as AddressInfo).port}`)
  const sequencer = new Sequencer({
    async connect() {
      const client = new pg.Client({ connectionString: database.url('fb_sequencer') })
      await client.connect()
      return client
    },
    key,
    notary: () => ({ vkey: notaryKey, cosigner }),
    now: () => new Date(),
    newId: () => randomUUIDv7(),
    report: () => undefined,
  })
  // As the sequencer's own program does.
  hashWith(crypto)
  const began = performance.now()
  while ((await sequencer.step()) !== 'idle') continue
  const perSecond = size / ((performance.now() - began) / 1_000)
  await sequencer.close()
  notary.close()
  notary.closeAllConnections()
  return withClient(database.url('fb_worker'), async (client) => {
    const checkpoint = await newestCheckpoint(client)
    if (checkpoint?.size !== size) throw new Error(`the log was covered to ${checkpoint?.size} of ${size}`)
    const policy = `log ${formatVkey(key)}\nwitness notary ${formatVkey(notaryKey)}\nquorum notary\n`
    const drained = { perSecond, hashedPerSecond: await hashedAlone(client, Math.min(HASHED, size)) }
    return { size, drained, checkpoint: checkpoint.cosigned, policy }
  })
}

async function hashedAlone(client: pg.Client, many: number): Promise<number> {
  const bodies: Uint8Array[] = []
  for await (const { body } of entriesBetween(client, 0, many)) bodies.push(body)
  const began = performance.now()
  for (const body of bodies) leafHash(body)
  return many / ((performance.now() - began) / 1_000)
}

/**
 * 60 streams a batch of 1,000 entries, each stream counted from 0; about 500 bytes a body, as a step's entry has.
 * `materialized`: an id that is made once, and stands in the column and in the body.
 */
const FILL = `
  with made as materialized (
    select n, uuidv7() as id, 'run:large_' || n / 50 as stream, n % 50 as seq,
           to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ts
    from generate_series($1::int, $2::int) as n
  )
  insert into audit.entry (entry_id, stream_id, stream_seq, type, about, body)
  select id, stream, seq, 'note.added', 'note:large_' || n, convert_to(
    '{"about":"note:large_' || n || '","actor":{"auth":"process","id":"bench","kind":"process","roles":[]},' ||
    '"detail":{"digest":"sha256:' || encode(sha256(convert_to(n::text, 'UTF8')), 'hex') || '","incident":"inc_' || n / 50 ||
    '","text":"Looked at the deployment prod/api again, found it as the plan had left it, and wrote that down here for whoever reads this."},' ||
    '"entry_id":"' || id || '","outcome":"ok","reason":"the bench","stream":"' || stream || '","stream_seq":' || seq ||
    ',"ts":"' || ts || '","type":"note.added","v":1}', 'UTF8')
  from made order by n`
