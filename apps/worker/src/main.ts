import crypto from 'node:crypto'
import 'reflect-metadata'
import { hashWith } from '@firebreak/audit-log'
import { HouseError } from '@firebreak/house'
import { NestLog, openLog, openTracing, tellTheEnd } from '@firebreak/telemetry'
import { NestFactory } from '@nestjs/core'
import { ConfigError, readConfig, type WorkerConfig } from './config.js'
import { WorkerModule } from './worker.module.js'

if (Number(process.versions.node.split('.')[0]) < 22) {
  console.error('The worker needs Node 22 or newer: run it through `npm start`.')
  process.exit(1)
}

function configOrExit(): WorkerConfig {
  try {
    return readConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof HouseError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}

// Exports hash every entry twice.
hashWith(crypto)

const config = configOrExit()
const log = openLog({ name: 'worker', level: config.logLevel })
tellTheEnd(log)
try {
  const tracing = await openTracing({ ...config.traces, version: '0.1.0' })
  const app = await NestFactory.createApplicationContext(WorkerModule.of(config, { log, tracing }), {
    logger: new NestLog(log),
    abortOnError: false,
  })
  app.enableShutdownHooks()
  process.send?.({ ready: true })
} catch (error) {
  log.fatal('could not start', { err: error })
  process.exit(1)
}
