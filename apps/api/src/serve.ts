import { hashWith } from '@firebreak/audit-log'
import { HouseDirectory, HouseError, houseLimits, houseScopes } from '@firebreak/house'
import { recipes as catalogue } from '@firebreak/catalog'
import { sources } from '@firebreak/sources'
import { newUuid, openKnownStore, PostgresLedger, PostgresTraces } from '@firebreak/store'
import { correlation, Following, openLog, openTracing, tellTheEnd } from '@firebreak/telemetry'
import crypto from 'node:crypto'
import { houseRules } from './alerts/house-rules.js'
import { createApp } from './app.js'
import { ConfigError, readConfig, readHouse } from './config.js'
import { seedPeople } from './people/seeding.js'
import { ringing } from './redis.js'
import { streamSettings } from './stream/stream.js'

/** As traces name it. */
const VERSION = '0.1.0'

/** Starts the API with what the environment says, and stops it on SIGTERM or SIGINT. */
export async function serve(): Promise<void> {
  try {
    await start()
  } catch (error) {
    // What the operator wrote wrong is said in lines, without a stack; anything else is ours.
    if (error instanceof ConfigError || error instanceof HouseError) process.stderr.write(`${error.message}\n`)
    else openLog({ name: 'api' }).fatal('could not start', { err: error })
    process.exit(1)
  }
}

async function start(): Promise<void> {
  const config = readConfig(process.env)
  const log = openLog({ name: 'api', level: config.logLevel })
  tellTheEnd(log)
  // Each alert's group is a digest, and where a request came from a commitment.
  hashWith(crypto)
  const tracing = await openTracing({ ...config.traces, version: VERSION })
  const { house, recipes } = await readHouse(config.houseFile, catalogue)
  const now = () => new Date()
  const newId = (prefix: string) => `${prefix}_${newUuid()}`

  const source = await openKnownStore(config.databaseUrl, { applicationName: 'firebreak api' })
  const ledger = new PostgresLedger(source, { now, account: correlation })
  const following = new Following(tracing, new PostgresTraces(source), (why) =>
    log.warn(`a trace is broken in two: ${String(why)}`),
  )
  const scopes = houseScopes(house)
  const limits = houseLimits(house)
  if (config.mode === 'sandbox') await seedPeople({ ledger, now, newId, scopes, limits }, config.peopleFile)

  const bells = ringing(config.redisUrl, (line) => log.warn(line), following)
  const app = await createApp({
    ...{ config, source, ledger, now, newId, recipes, scopes, limits, sources, log, tracing },
    ...{
      follower: following,
      doorbell: bells.doorbell,
      redis: bells.pulse,
      rules: houseRules(house, recipes),
      directory: new HouseDirectory(house),
      stream: streamSettings,
    },
  })
  await app.listen(config.port, config.host)
  log.info(`listens at ${await app.getUrl()} (${config.mode})`)

  let stopping = false
  const stop = async (signal: string) => {
    if (stopping) return
    stopping = true
    log.info(`stops on ${signal}`)
    await app.close()
    await bells.close()
    await source.destroy()
    await tracing.close()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(
      signal,
      () =>
        void stop(signal).catch(
          (error: unknown) => (log.fatal('could not stop in good order', { err: error }), process.exit(1)),
        ),
    )
  process.send?.({ ready: true })
}
