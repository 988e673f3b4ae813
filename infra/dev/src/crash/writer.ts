import { randomUUID, randomUUIDv7 } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { append, lockStreams, type Draft } from '@firebreak/audit-store'
import pg from 'pg'
import { Dice } from './dice.js'

/** What a writer tells of a transaction once it knows how it ended. Of one that broke at the commit nobody knows. */
export interface Told {
  /** Ids of entries; which of the two they are for. */
  committed?: string[]
  rolledBack?: string[]
}

/**
 * A writer of the crash suite, a process of its own: business transactions that change a row and append entries, some left
 * open for a while, some rolled back. CRASH_SEED, CRASH_WRITER (its number), DATABASE_URL. CRASH_LATE_LOCK makes it the control that
 * takes its streams' locks after its first write, as nobody may.
 */
const url = process.env['DATABASE_URL']!
const me = Number(process.env['CRASH_WRITER'])
const late = process.env['CRASH_LATE_LOCK'] === '1'
const hurry = process.env['CRASH_HURRY'] === '1'
const dice = new Dice(Number(process.env['CRASH_SEED']) * 1_000 + me)
const actor = { kind: 'service' as const, id: `writer-${me}` }
let stopped = false
process.once('SIGTERM', () => (stopped = true))

const tell = (told: Told) => process.send?.(told)

async function connected(): Promise<pg.Client> {
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return client
    } catch (error) {
      if (stopped) throw error
      await sleep(50)
    }
  }
}

/** One business transaction: rows and their entries, together or not at all. */
async function transaction(client: pg.Client): Promise<void> {
  // Some streams are everybody's, so that writers wait for each other; some are their own.
  const streams = new Set(
    Array.from({ length: dice.between(1, 2) }, () =>
      dice.chance(0.6) ? `incident:shared_${dice.between(1, 4)}` : `incident:own_${me}`,
    ),
  )
  const things = [...streams].flatMap((stream) =>
    Array.from({ length: dice.between(1, 3) }, () => ({ stream, id: randomUUID() })),
  )
  const drafts = things.map(({ stream, id }): Draft => ({
    stream,
    type: 'note.added',
    about: `thing:${id}`,
    actor,
    outcome: 'ok',
  }))
  await client.query('begin')
  if (!late) await lockStreams(client, [...streams])
  await client.query('insert into crash.thing (id) select unnest($1::uuid[])', [things.map(({ id }) => id)])
  if (late) {
    await sleep(dice.between(0, 8))
    for (const stream of [...streams].sort())
      await client.query('select pg_advisory_xact_lock(99, hashtext($1))', [stream])
  }
  const written = (await append(client, drafts, { now: new Date(), newId: () => randomUUIDv7() })).map(
    ({ entry_id }) => entry_id,
  )
  // Most are done at once; some stay open for a while, and a few for longer than anybody may.
  const open = dice.next()
  if (open < (hurry ? 0.6 : 0.3)) await sleep(dice.between(1, 40))
  else if (open > 0.99 && !hurry) await sleep(dice.between(500, 2_000))
  if (dice.chance(0.12)) {
    await client.query('rollback')
    tell({ rolledBack: written })
    return
  }
  await client.query('commit')
  tell({ committed: written })
}

async function main(): Promise<void> {
  let client = await connected()
  process.send?.({ ready: true })
  while (!stopped) {
    try {
      await transaction(client)
    } catch {
      await client.end().catch(() => undefined)
      client = await connected()
    }
    await sleep(hurry ? dice.between(0, 4) : dice.between(10, 140))
  }
  await client.end()
  if (process.connected) process.disconnect()
}

main().catch((error: unknown) => {
  if (!stopped) console.error(error)
  process.exit(stopped ? 0 : 1)
})
