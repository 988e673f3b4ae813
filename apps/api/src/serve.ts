import { queues, Doorbell } from '@firebreak/flow'
import { HouseError } from '@firebreak/house'
import { recipes } from '@firebreak/catalog'
import { BullDoorbell, queueKey, queueOptions } from '@firebreak/queue'
import { sources } from '@firebreak/sources'
import { openStore, PostgresLedger } from '@firebreak/store'
import Queue from 'bull'
import { v7 as uuidv7 } from 'uuid'
import { houseRules } from './alerts/house-rules.js'
import { createApp } from './app.js'
import { ConfigError, readConfig, readHouse } from './config.js'
import { RedisPulse } from './health/health.js'
import { seedPeople } from './people/seeding.js'
import { streamSettings } from './stream/stream.js'

const say = (line: string) => void process.stderr.write(`${new Date().toISOString()} api ${line}\n`)

/** Starts the API with what the environment says, and stops it on SIGTERM or SIGINT. */
export async function serve(): Promise<void> {
  try {
    await start()
  } catch (error) {
    // What the operator wrote wrong is said in lines, without a stack; anything else is ours.
    const lines = error instanceof ConfigError || error instanceof HouseError ? error.message : ((error as Error).stack ?? String(error))
    process.stderr.write(`${lines}\n`)
    process.exit(1)
  }
}

async function start(): Promise<void> {
  const config = readConfig(process.env)
  const house = await readHouse(config.houseFile, recipes.keys())
  const now = () => new Date()
  const newId = (prefix: string) => `${prefix}_${uuidv7()}`

  const source = await openStore(config.databaseUrl, { applicationName: 'firebreak api' }).initialize()
  const ledger = new PostgresLedger(source, { now })
  if (config.mode === 'sandbox') await seedPeople({ ledger, now, newId }, config.peopleFile)

  const bells = ringing(config.redisUrl)
  const app = await createApp({
    ...{ config, source, ledger, now, newId, recipes, sources, say },
    ...{ doorbell: bells.doorbell, redis: bells.pulse, rules: houseRules(house, recipes), stream: streamSettings },
  })
  await app.listen(config.port, config.host)
  say(`listens at ${await app.getUrl()} (${config.mode})`)

  let stopping = false
  const stop = async (signal: string) => {
    if (stopping) return
    stopping = true
    say(`stops on ${signal}`)
    await app.close()
    await bells.close()
    await source.destroy()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => void stop(signal).catch((error: unknown) => (say(String(error)), process.exit(1))))
  process.send?.({ ready: true })
}

/** The doorbell, and whether Redis hears it. A Redis that is away is said once, not with every try. */
export function ringing(redisUrl: string): { doorbell: Doorbell; pulse: RedisPulse; close: () => Promise<void> } {
  const bells = new Map(queues.map((name) => [name, new Queue(queueKey(name), queueOptions(redisUrl))]))
  const quiet = new Set<string>()
  for (const [name, bell] of bells) {
    bell.on('error', (error) => {
      if (!quiet.has(name)) say(`Redis (${name}): ${error.message}`)
      quiet.add(name)
    })
    bell.client.on('ready', () => quiet.delete(name))
  }
  const pulse = new (class extends RedisPulse {
    override ping = () => bells.get('plan')!.client.ping()
  })()
  const doorbell = new BullDoorbell(bells, (queue, id, why) => say(`nobody heard the bell of ${queue} for ${id} (${why}); the sweep will find it`))
  const close = async () => void (await Promise.allSettled([...bells.values()].map((bell) => bell.close(true))))
  return { doorbell, pulse, close }
}
