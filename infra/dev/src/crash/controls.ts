import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { randomUUIDv7 } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKey } from '@firebreak/audit-log'
import { Notary, notaryServer, openNotaryFolder, Sequencer, HttpCosigner, type Session } from '@firebreak/audit-store'
import pg from 'pg'
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

/** Plays one control for a while; answers everything that the checker said of it. */
export async function play(
  { naive, lateLock }: Control,
  number: number,
  superuserUrl: string,
  folder: string,
  ms: number,
  dice: Dice,
): Promise<Judged[]> {
  const home = join(folder, `control-${number}`)
  mkdirSync(join(home, 'logs'), { recursive: true })
  const database = await makeDatabase(superuserUrl, `control_${number}`)
  const key = generateKey('crash.example/control', crypto.getRandomValues(new Uint8Array(32)))
  const { key: notaryKey, memory } = await openNotaryFolder(join(home, 'notary'), 'crash.example/notary')
  const notary = notaryServer(
    new Notary(
      notaryKey,
      () => [key],
      memory,
      () => new Date(),
    ),
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
    await sleep(ms)
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

const HORIZON =
  /where \(era, xid, id\) > \(\$1::int, \$2::xid8, \$3::bigint\)\s+and \(xid < [^\n]+\)\s+order by era, xid, id/

/** The real sequencer, but for its question: whatever is visible and has a higher number than the last one. */
function naively(client: pg.Client): Session {
  return {
    query(sql: string, params?: unknown[]) {
      if (!sql.includes('from audit.entry') || !sql.includes('limit $5')) return client.query(sql, params)
      const wrong = sql.replace(
        HORIZON,
        'where id > $3::bigint and num_nulls($1::int, $2::xid8, $4::int) = 0 order by id',
      )
      if (wrong === sql)
        throw new Error('the sequencer asks for its entries in other words now: this control has to follow it')
      return client.query(wrong.replaceAll('order by era, xid, id', 'order by id'), params)
    },
    end: () => client.end(),
  }
}
