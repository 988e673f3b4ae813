import { performance } from 'node:perf_hooks'
import { join } from 'node:path'
import { temporaryRedis } from '../redis.js'
import { program } from '../service.js'
import { freePort } from '../processes.js'
import { withClient } from '../crash/database.js'
import { Dice } from '../crash/dice.js'
import { keyOf } from '../people-file.js'
import { ROOT } from '../root.js'
import { percentile, type Figure, type Subject } from './figure.js'
import { FULL, fillRecord, type LargeRecord, type RecordSize } from './large-record.js'
import { benchPostgres } from './stage.js'

const ASKED = 200
const WARM = 20

/** As the API makes them (`apps/api/src/http/cursor.ts`): nobody else should, but it would take a thousand pages to get there. */
const cursorAfter = (id: string) => Buffer.from(`after ${id}`).toString('base64url')

/** What screens and tools ask for, of a record of years: through the API's own program, one request after the other. */
const questions = (record: LargeRecord): Record<string, (dice: Dice) => string> => {
  const any = (ids: readonly string[], dice: Dice) => ids[dice.between(0, ids.length - 1)]!
  // Cursors begin anywhere: the pages that nobody has opened for long are as fast as the first.
  const deep = (list: string, ids: readonly string[]) => (dice: Dice) =>
    `${list}${list.includes('?') ? '&' : '?'}after=${cursorAfter(any(ids, dice))}`
  return {
    alerts: () => '/v1/alerts',
    'alerts, 200 of them': () => '/v1/alerts?limit=200',
    'alerts from anywhere': deep('/v1/alerts', record.alerts),
    'alerts that fire': () => '/v1/alerts?state=firing',
    'alerts of an incident': (dice) => `/v1/alerts?incident=${any(record.incidents, dice)}`,
    'the ledger of alerts': () => '/v1/alerts/ledger',
    incidents: () => '/v1/incidents',
    'incidents, 200 of them': () => '/v1/incidents?limit=200',
    'incidents from anywhere': deep('/v1/incidents', record.incidents),
    'incidents that are active': () => '/v1/incidents?state=active',
    'incidents that are active, from anywhere': deep('/v1/incidents?state=active', record.incidents),
    'incidents that are resolved': () => '/v1/incidents?state=resolved',
    'incidents of a class': () => '/v1/incidents?class=ocr-failures',
    'incidents of a class and a severity': () => '/v1/incidents?class=ocr-failures&severity=SEV1',
    'incidents by urgency, 1,000 of them': () => '/v1/incidents?order=urgency&limit=1000',
    'incidents by urgency that are active, of a service': () =>
      '/v1/incidents?order=urgency&state=active&service=api-7',
    'timeline of an incident': (dice) => `/v1/incidents/${any(record.incidents, dice)}/timeline`,
    'suggestions of an incident': (dice) => `/v1/incidents/${any(record.incidents, dice)}/suggestions`,
    plans: () => '/v1/plans',
    'plans from anywhere': deep('/v1/plans', record.plans),
    'plans of an incident': (dice) => `/v1/plans?incident=${any(record.incidents, dice)}`,
    runs: () => '/v1/runs',
    'runs from anywhere': deep('/v1/runs', record.runs),
    'runs that need a person': () => '/v1/runs?state=needs-a-person',
    'runs that were undone': () => '/v1/runs?state=undone',
    'runs of a recipe': () => '/v1/runs?recipe=scale-api',
    'runs of an incident': (dice) => `/v1/runs?incident=${any(record.incidents, dice)}`,
    'runs of a plan': (dice) => `/v1/runs?plan=${any(record.plans, dice)}`,
    loans: () => '/v1/loans',
    'loans that are out': () => '/v1/loans?state=out',
    'loans of a run': (dice) => `/v1/loans?run=${any(record.runs, dice)}`,
    targets: () => '/v1/targets',
    freezes: () => '/v1/freezes',
    exports: () => '/v1/audit/exports',
    recipes: () => '/v1/recipes',
  }
}

/** Every list of the API over a million alerts, a hundred thousand incidents and a million steps. */
export const lists: Subject = {
  name: 'lists',
  async measure({ small, say }) {
    const size: RecordSize = small ? { ...FULL, incidents: FULL.incidents / 20 } : FULL
    const postgres = await benchPostgres()
    const redis = await temporaryRedis()
    try {
      const database = await postgres.database('lists')
      const record = await withClient(database.url(), (client) => fillRecord(client, size, say))
      say(`${record.rows.toLocaleString('en')} rows are there`)
      const port = await freePort()
      const url = `http://127.0.0.1:${port}`
      const people = join(postgres.folder, 'people.json')
      const api = await program(
        {
          name: 'api',
          args: ['apps/api/dist/main.js'],
          env: {
            DATABASE_URL: database.url('fb_api'),
            REDIS_URL: redis.url,
            FIREBREAK_PORT: String(port),
            FIREBREAK_MODE: 'sandbox',
            FIREBREAK_RATE: '0',
            FIREBREAK_CONFIG: join(ROOT, 'firebreak.yaml'),
            FIREBREAK_PEOPLE_FILE: people,
            FIREBREAK_BLOBS: join(postgres.folder, 'blobs'),
            FIREBREAK_CONSOLE: 'apps/console/dist',
          },
          ready: { http: `${url}/v1/health` },
        },
        join(postgres.folder, 'logs'),
      ).start(new AbortController().signal)
      try {
        const key = keyOf('sam', people)
        const figures: Figure[] = []
        for (const [what, path] of Object.entries(questions(record)))
          figures.push(await asked(what, (dice) => `${url}${path(dice)}`, key))
        return figures
      } finally {
        await api.stop()
      }
    } finally {
      await redis.stop()
      await postgres.stop()
    }
  },
}

async function asked(what: string, path: (dice: Dice) => string, key: string): Promise<Figure> {
  const dice = new Dice(7)
  const times: number[] = []
  let items = 0
  for (let nth = -WARM; nth < ASKED; nth++) {
    const url = path(dice)
    const began = performance.now()
    const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } })
    const body = (await response.json()) as { items?: unknown[] }
    if (nth >= 0) times.push(performance.now() - began)
    if (!response.ok || !body.items) throw new Error(`${url} answered ${response.status}: ${JSON.stringify(body)}`)
    items = Math.max(items, body.items.length)
  }
  return {
    what: `${what}, p95`,
    kind: 'absolute',
    unit: 'ms',
    measured: percentile(times, 95),
    reach: 50,
    better: 'less',
    note: `p50 ${percentile(times, 50).toFixed(1)} ms; ${ASKED} requests, up to ${items} items`,
  }
}
