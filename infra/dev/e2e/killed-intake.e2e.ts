import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeDatabase, withClient, type Database } from '../src/crash/database.js'
import { Victim } from '../src/crash/victim.js'
import { keyOf } from '../src/people-file.js'
import { temporaryPostgres } from '../src/postgres.js'
import { freePort } from '../src/processes.js'
import { temporaryRedis } from '../src/redis.js'
import { ROOT } from '../src/root.js'
import { sees } from '../src/several.js'
import { HttpApi } from '../src/story-api.js'

const PATIENCE = 120_000
const WAVE = 150

const folder = mkdtempSync(join(tmpdir(), 'firebreak-killed-intake-'))
const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
let database: Database
let api: Victim
let monitor: HttpApi, hannah: HttpApi

beforeAll(async () => {
  mkdirSync(join(folder, 'logs'))
  const [postgres, redis] = await Promise.all([temporaryPostgres(), temporaryRedis()])
  closing.push(() => postgres.stop(), () => redis.stop()) // prettier-ignore
  database = await makeDatabase(postgres.url, 'firebreak')
  const port = await freePort()
  const people = join(folder, 'people.json')
  const env = {
    ...{ DATABASE_URL: database.url('fb_api'), REDIS_URL: redis.url, FIREBREAK_PORT: String(port) },
    ...{ FIREBREAK_MODE: 'sandbox', FIREBREAK_PEOPLE_FILE: people, FIREBREAK_BLOBS: join(folder, 'blobs') },
    FIREBREAK_CONFIG: join(ROOT, 'firebreak.yaml'),
  }
  api = new Victim({ name: 'api', args: ['apps/api/dist/main.js'], env }, join(folder, 'logs'))
  closing.push(() => api.stop())
  await api.start()
  const as = (person: string) => new HttpApi(`http://127.0.0.1:${port}`, keyOf(person, people))
  ;[monitor, hannah] = [as('alertmanager'), as('hannah')]
}, PATIENCE)
afterAll(async () => {
  for (const close of closing.reverse()) await close()
}, PATIENCE)

/** Nobody knows these: they become incidents, and nothing is planned. */
const alertOf = (nth: number) => ({
  ...{ version: '4', receiver: 'firebreak', status: 'firing' },
  alerts: [
    {
      status: 'firing',
      labels: { alertname: `Storm${nth % 7}`, instance: String(nth) },
      annotations: { summary: 'One of many' },
      ...{ startsAt: '2026-11-23T03:02:11.737Z', endsAt: '0001-01-01T00:00:00Z' },
      ...{ generatorURL: 'http://prometheus.example:9090/graph', fingerprint: `storm-${nth}` },
    },
  ],
})

test(
  'killed twice in a storm of alerts, the API has lost none that it answered, and told each alert once',
  async () => {
    const answered: string[] = []
    let unanswered = 0
    /** As Alertmanager does, which comes again until it is answered. */
    const send = async (nth: number) => {
      for (;;) {
        const path = '/v1/alerts/alertmanager'
        const taken = await monitor.post<{ delivery: string }>(path, alertOf(nth)).catch(() => void unanswered++)
        if (taken) return void answered.push(taken.delivery)
        await sleep(100)
      }
    }
    const sent: Promise<void>[] = []
    for (const wave of [0, 1, 2]) {
      sent.push(...Array.from({ length: WAVE }, (_, nth) => send(wave * WAVE + nth)))
      await sees('an answer', async () => answered.length > wave * WAVE || undefined)
      if (wave < 2) api.kill()
    }
    await Promise.all(sent)
    expect(unanswered).toBeGreaterThan(0)

    await sees('what was stored alone to be sorted in', async () => (await left()) === 0 || undefined)
    const said = await saidOf()
    for (const id of answered) expect(said.get(id), id).toBe('delivery.stored delivery.processed')
    const fired = await query<{ fingerprint: string }>(
      `select convert_from(body, 'utf8')::json -> 'detail' ->> 'fingerprint' as fingerprint from audit.entry where type = 'alert.fired'`,
    )
    const all = Array.from({ length: 3 * WAVE }, (_, nth) => `storm-${nth}`).sort()
    expect(fired.map(({ fingerprint }) => fingerprint).sort()).toEqual(all)
    expect(await query('select fingerprint from flow.alert')).toHaveLength(all.length)
    expect(await hannah.get('/v1/alerts/ledger')).toMatchObject({ adds_up: true, items: [{ pending: 0, refused: 0 }] })
  },
  PATIENCE,
)

const query = <Row>(sql: string): Promise<Row[]> =>
  withClient(database.url(), async (client) => (await client.query(sql)).rows as Row[])

const left = async () =>
  (await query<{ n: number }>(`select count(*)::int as n from flow.delivery where state = 'stored'`))[0]!.n

/** What the log says of each delivery, in its order. */
async function saidOf(): Promise<Map<string, string>> {
  const rows = await query<{ id: string; types: string }>(
    `select substr(stream_id, 10) as id, string_agg(type, ' ' order by stream_seq) as types
     from audit.entry where stream_id like 'delivery:%' group by stream_id`,
  )
  return new Map(rows.map(({ id, types }) => [id, types]))
}
