import crypto, { randomUUIDv7 } from 'node:crypto'
import { hashWith, KEY_TYPE } from '@firebreak/audit-log'
import { HttpCosigner, readKeyFile, readVkeyFile, Sequencer, type Session } from '@firebreak/audit-store'
import { openLog, tellTheEnd } from '@firebreak/telemetry'
import pg from 'pg'
import { endBecause } from './environment.js'
import { readEnvironment, sequencerEnvironment } from './settings.js'

/**
 * The sequencer; what it reads from its environment stands in `settings.ts`.
 * Runs until SIGTERM, through any absence of Postgres or notary; ends by itself, with 1 and a sentence, only where going on
 * would be wrong (`LogRefused`).
 */
async function main(): Promise<void> {
  hashWith(crypto)
  const env = readEnvironment(sequencerEnvironment, process.env)
  const log = openLog({ name: 'sequencer', level: env.FIREBREAK_LOG_LEVEL })
  tellTheEnd(log)
  const key = readKeyFile(env.FIREBREAK_LOG_KEY_FILE, KEY_TYPE.log)
  const oldKeyFile = env.FIREBREAK_LOG_OLD_KEY_FILE
  const oldKey = oldKeyFile ? readKeyFile(oldKeyFile, KEY_TYPE.log) : undefined
  const vkeyFile = env.FIREBREAK_NOTARY_VKEY_FILE
  const cosigner = new HttpCosigner(env.FIREBREAK_NOTARY_URL)
  const url = env.DATABASE_URL

  const stop = new AbortController()
  process.once('SIGTERM', () => stop.abort())
  process.once('SIGINT', () => stop.abort())

  const sequencer = new Sequencer({
    connect: () => connect(url),
    key,
    oldKey,
    notary: () => ({ vkey: readVkeyFile(vkeyFile), cosigner }),
    now: () => new Date(),
    newId: () => randomUUIDv7(),
    report: (line) => log.info(line),
  })
  await sequencer.run(stop.signal, () => process.send?.({ ready: true }))
  if (process.connected) process.disconnect()
}

async function connect(url: string): Promise<Session> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'firebreak sequencer',
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
  })
  // Whoever waits on a query hears of a lost connection; between two queries nobody does, and the next one fails.
  client.on('error', () => undefined)
  await client.connect()
  return client
}

main().catch((error: unknown) => endBecause('sequencer', error))
