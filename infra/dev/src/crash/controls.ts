import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { randomUUIDv7 } from 'node:crypto'
import { generateKey } from '@firebreak/audit-log'
import { Notary, notaryServer, openNotaryFolder, Sequencer, HttpCosigner, type Session } from '@firebreak/audit-store'
import pg from 'pg'
import { until } from '../processes.js'
import { makeDatabase, withClient } from './database.js'
import type { Dice } from './dice.js'
import { gather } from './evidence.js'
import { Load } from './load.js'
import { judge, type Judged } from './verdict.js'
import { Witness } from './witness.js'

/**
 * Programs that are wrong in a way that is easy to write, played without any crash: the checker of this suite must find
 * each out. Were it silent, its silence about the real ones would say nothing.
 */
export interface Control {
  what: string
  /** The check that has to fail, by its words. */
  mustFail: string
  /** What comes of that fault and may fail too. */
  alsoFail: readonly string[]
  naive: boolean
  lateLock: boolean
}

export const CONTROLS: readonly Control[] = [
  {
    what: 'a sequencer that asks for id > last',
    mustFail: 'acknowledged entries are in the log',
    alsoFail: ['every entry has one leaf, every leaf its entry', 'streams have no gap and stand in their order'],
    naive: true,
    lateLock: false,
  },
  {
    what: 'writers that lock their stream after they wrote',
    mustFail: 'streams have no gap and stand in their order',
    alsoFail: [],
    naive: false,
    lateLock: true,
  },
]

const WRITERS = 8
/** Entries in which each fault shows itself many times over. */
const ENOUGH = 1_500
const LONG_ENOUGH_MS = 15_000

/** Plays one control, in a database of this name, until it has written enough; answers everything that the checker said of it. */
export async function play(
  { naive, lateLock }: Control,
  name: string,
  superuserUrl: string,
  folder: string,
  dice: Dice,
): Promise<Judged[]> {
  const home = join(folder, `control-${name}`)
  mkdirSync(join(home, 'logs'), { recursive: true })
  const database = await makeDatabase(superuserUrl, `control_${name}`)
  const key = generateKey('crash.example/control', crypto.getRandomValues(new Uint8Array(32)))
  const { key: notaryKey, memory } = await openNotaryFolder(join(home, 'notary'), 'crash.example/notary')
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
  const witness = new Witness(`http://127.0.0.1:${(notary.address() as AddressInfo).port}`, key)
  const cosigner = new HttpCosigner(await witness.listen())
  const open = async () => {
    const client = new pg.Client({ connectionString: database.url('fb_sequencer') })
    client.on('error', () => undefined)
    await client.connect()
    return client
  }
  const sequencer = new Sequencer({
    connect: naive ? async () => naively(await open()) : open,
    key,
    notary: () => ({ vkey: notaryKey, cosigner }),
    now: () => new Date(),
    newId: () => randomUUIDv7(),
    report: () => undefined,
    lookEvery: 5,
  })
  const env = { CRASH_HURRY: '1', ...(lateLock ? { CRASH_LATE_LOCK: '1' } : {}) }
  const load = new Load(database.url('fb_api'), home, { writers: WRITERS, seed: 1, env })
  const stop = new AbortController()
  const running = sequencer.run(stop.signal)
  try {
    await load.start()
    await until(() => load.acknowledged.size >= ENOUGH, LONG_ENOUGH_MS)
    await load.stop()
    stop.abort()
    await running
    // Whatever is left for it to take, it takes now.
    while ((await sequencer.step()) !== 'idle') continue
    await sequencer.close()
    return await withClient(database.url(), async (client) =>
      judge(await gather(client, load.promised, witness, { log: key, notary: notaryKey }, [], dice)),
    )
  } finally {
    stop.abort()
    await load.stop()
    await running.catch(() => undefined)
    witness.close()
    notary.close()
    notary.closeAllConnections()
  }
}

/** What the sequencer says, and what the wrong one says in its place; parameters are named so that Postgres knows their types. */
const WRONG = [
  ['(era, xid, id) > ($1::int, $2::xid8, $3::bigint)', 'id > $3::bigint and num_nulls($1::int, $2::xid8) = 0'],
  ['(xid < pg_snapshot_xmin(pg_current_snapshot()) or era < $4::int)', 'num_nulls($4::int) = 0'],
  ['order by era, xid, id', 'order by id'],
] as const

/** The real sequencer, but for its question: whatever is visible and has a higher number than the last one. */
function naively(client: pg.Client): Session {
  return {
    query(sql: string, params?: unknown[]) {
      if (!sql.includes('from audit.entry') || !sql.includes('limit $5')) return client.query(sql, params)
      for (const [right] of WRONG)
        if (!sql.includes(right))
          throw new Error(`the sequencer no longer says "${right}": this control has to follow it`)
      return client.query(
        WRONG.reduce((text, [right, wrong]) => text.replaceAll(right, wrong), sql),
        params,
      )
    },
    end: () => client.end(),
  }
}
