import { Doorbell, Ledger, noLimits, Scopes } from '@firebreak/flow'
import { recipes } from '@firebreak/catalog'
import { HouseDirectory } from '@firebreak/house'
import { noThings } from '@firebreak/kit'
import { sources } from '@firebreak/sources'
import { openStore } from '@firebreak/store'
import { silent, Tracing } from '@firebreak/telemetry'
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createApp } from './app.js'
import { readConfig } from './config.js'
import { breaks } from './contract/breaks.js'
import type { Document } from './contract/openapi-document.js'
import { OpenApiText } from './description.js'
import { RedisPulse } from './health/health.js'
import { streamSettings } from './stream/stream.js'

const ROOT = resolve(import.meta.dirname, '../../..')

/** The description as it was last released: what clients out there were written for. */
export const RELEASED = resolve(ROOT, 'apps/api/openapi.released.json')

/** What is generated, and where it stands. `npm run openapi` writes both; a spec fails when they are stale. */
export const generated = {
  description: resolve(ROOT, 'apps/api/openapi.json'),
  client: resolve(ROOT, 'libs/client/src/schema.ts'),
}

/** The API's description and the client's types, made from the code alone: no Postgres, no Redis, no house. */
export async function generate(): Promise<{ description: string; client: string }> {
  const off = () => Promise.reject(new Error('there is no record here'))
  const config = readConfig({
    DATABASE_URL: 'postgres://localhost/none',
    REDIS_URL: 'redis://localhost',
    FIREBREAK_MODE: 'sandbox',
  })
  const app = await createApp({
    ...{
      config: { ...config, console: '' },
      recipes,
      sources,
      log: silent,
      tracing: new Tracing(),
      now: () => new Date(0),
      newId: (prefix) => prefix,
      scopes: new Scopes([], []),
      limits: noLimits,
    },
    source: openStore(config.databaseUrl, { applicationName: 'openapi' }),
    ledger: new (class extends Ledger {
      override read = off
      override write = off
    })(),
    doorbell: new (class extends Doorbell {
      override ring = off
    })(),
    redis: new (class extends RedisPulse {
      override ping = off
      override waiting = off
    })(),
    rules: {
      classify: () => 'unclassified',
      severityOf: () => 'SEV3',
      suggestionsFor: () => [],
      environmentOf: () => undefined,
      resolveWindowMinutes: 0,
    },
    directory: new HouseDirectory({
      services: new Map(),
      things: noThings,
      evidence: { ids: {}, hide: [], workloads: {} },
    }),
    stream: streamSettings,
  })
  const { document } = app.get(OpenApiText)
  await app.close()
  const description = `${JSON.stringify(document, null, 2)}\n`
  // Only here: what serves has no use for a generator of types.
  const { default: openapiTS, astToString } = await import('openapi-typescript')
  const types = astToString(await openapiTS(description, { defaultNonNullable: false, alphabetize: true }))
  return { description, client: `/* Generated from apps/api/openapi.json by \`npm run openapi\`. */\n\n${types}` }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const made = await generate()
  for (const what of ['description', 'client'] as const) {
    const old = await readFile(generated[what], 'utf8').catch(() => '')
    if (old !== made[what]) await writeFile(generated[what], made[what])
    process.stdout.write(`${old === made[what] ? 'unchanged' : 'written'}  ${generated[what]}\n`)
  }
  const broken = breaks(
    JSON.parse(await readFile(RELEASED, 'utf8')) as Document,
    JSON.parse(made.description) as Document,
  )
  for (const sentence of broken) process.stdout.write(`breaks  ${sentence}\n`)
  if (broken.length > 0) process.exitCode = 1
  else if (process.argv.includes('--release')) {
    await writeFile(RELEASED, made.description)
    process.stdout.write(`released  ${RELEASED}\n`)
  }
}
