import { recipes } from '@firebreak/catalog'
import { createFirebreakClient, type FirebreakClient } from '@firebreak/client'
import { temporaryRedis } from '@firebreak/dev'
import { Loans, Planner, processActor, Runner, Tenures, type Actor, type Ledger, type World } from '@firebreak/flow'
import { FakeDoorbell } from '@firebreak/flow/testing'
import { HouseDirectory, houseLimits, houseScopes, loadHouse } from '@firebreak/house'
import {
  aService,
  FakeCluster,
  FakeDirectory,
  FakeEvidence,
  fakeHands,
  FakeMetrics,
  FakeObjectStore,
  aHouseOfThings,
  fakeReaders,
} from '@firebreak/kit/testing'
import { sources } from '@firebreak/sources'
import { openStore, newUuid, PostgresBacklog, PostgresLedger } from '@firebreak/store'
import { freshDatabase, type TestDatabase } from '@firebreak/store/testing'
import { correlation, Following, openLog, Tracing, type Level } from '@firebreak/telemetry'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import request from 'supertest'
import { expect } from 'vitest'
import type { z } from 'zod'
import { houseRules } from '../src/alerts/house-rules.js'
import { createApp } from '../src/app.js'
import { readConfig, type Config } from '../src/config.js'
import { problem } from '../src/http/view.js'
import { seedPeople } from '../src/people/seeding.js'
import { ringing } from '../src/redis.js'
import { streamSettings, type StreamSettings } from '../src/stream/stream.js'

const HOUSE = `
services:
  api:
    environment: prod
    deployment: prod/api
    p95_threshold_ms: 500
    max_replicas: 8
    metrics: { p95_ms: p95 }
classes:
  - { when: { alertname: HighApiLatency }, class: high-api-latency }
severities:
  - { when: { severity: critical }, severity: SEV2 }
recipes: { high-api-latency: [scale-api] }
pipelines:
  ingest: { targets: [deployment:prod/api, queue:batch] }
observe: { namespaces: [prod], interval_s: 2 }
budgets: [{ service: api, runs: 1, minutes: 60 }]
limits: { plan_expires_minutes: 30, resolve_window_minutes: 30, cooldown_minutes: 0 }
`

export interface StageOptions {
  database?: Pick<TestDatabase, 'url' | 'stop'>
  config?: Partial<Config>
  stream?: Partial<StreamSettings>
  /** From what on the operator reads lines; `warn` when left out. */
  level?: Level
  /** What the app gets for its record; the people are seeded in the real one. */
  record?: (ledger: Ledger) => Ledger
}

/** The API on a Postgres and a Redis of its own, with the sandbox's people, and a worker whose cluster is a fake. */
export class Stage {
  /** What the operator would have read. */
  readonly said: string[]
  private constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
    readonly folder: string,
    readonly database: Pick<TestDatabase, 'url' | 'stop'>,
    readonly redis: { url: string; stop: () => Promise<void> },
    readonly world: World,
    private readonly keys: ReadonlyMap<string, string>,
    private readonly offset: { ms: number },
    said: string[],
    private readonly closing: (() => Promise<unknown>)[],
  ) {
    this.said = said
  }

  static async set(options: StageOptions = {}): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'firebreak-api-'))
    const [database, redis] = await Promise.all([options.database ?? freshDatabase(), temporaryRedis()])
    const offset = { ms: 0 }
    const now = () => new Date(Date.now() + offset.ms)
    const newId = (prefix: string) => `${prefix}_${newUuid()}`
    const config: Config = {
      ...readConfig({ DATABASE_URL: database.url('fb_api'), REDIS_URL: redis.url, FIREBREAK_MODE: 'sandbox' }),
      ...{ peopleFile: join(folder, 'people.json'), blobs: join(folder, 'blobs'), console: join(folder, 'console') },
      ...options.config,
    }
    const said: string[] = []
    const log = openLog({ name: 'api', level: options.level ?? 'warn', write: (line) => said.push(line) })
    const tracing = new Tracing()
    const places = { keep: () => Promise.resolve(), find: () => Promise.resolve(undefined) }
    const following = new Following(tracing, places, () => undefined)
    const source = await openStore(config.databaseUrl, { applicationName: 'api e2e' }).initialize()
    const ledger = new PostgresLedger(source, { now, account: correlation })
    const house = loadHouse(HOUSE, 'firebreak.yaml')
    const scopes = houseScopes(house)
    const limits = houseLimits(house)
    const world: World = { ledger, now, newId, scopes, limits }
    await seedPeople(world, config.peopleFile)
    const bells = ringing(redis.url, (line) => log.warn(line), following)
    const app = await createApp({
      ...{
        config,
        source,
        ledger: options.record?.(ledger) ?? ledger,
        now,
        newId,
        recipes,
        scopes,
        limits,
        sources,
        log,
        tracing,
        follower: following,
      },
      ...{
        doorbell: bells.doorbell,
        redis: bells.pulse,
        rules: houseRules(house, recipes),
        directory: new HouseDirectory(house),
      },
      stream: { ...streamSettings, ...options.stream },
    })
    await app.listen(0, '127.0.0.1')
    const { people } = JSON.parse(await readFile(config.peopleFile, 'utf8')) as {
      people: { id: string; key: string }[]
    }
    return new Stage(
      app,
      await app.getUrl(),
      folder,
      database,
      redis,
      world,
      new Map(people.map(({ id, key }) => [id, key])),
      offset,
      said,
      [() => app.close(), () => bells.close(), () => source.destroy()],
    )
  }

  async strike(): Promise<void> {
    for (const close of this.closing) await close()
    await Promise.all([this.redis.stop(), this.database.stop()])
    await rm(this.folder, { recursive: true, force: true })
  }

  /** Time goes on without anybody waiting. */
  forward(ms: number): void {
    this.offset.ms += ms
  }

  key(person: string): string {
    const key = this.keys.get(person)
    if (!key) throw new Error(`${person} is not seeded`)
    return key
  }

  get nobody() {
    return request(this.url)
  }

  /** Speaks to the API with this person's key, as the page and the command line do: by the client made of its description. */
  by(person: string): FirebreakClient {
    return createFirebreakClient({ baseUrl: this.url, key: this.key(person) })
  }

  /** The same request by request, for what the client would not say: bad input, headers, bytes. */
  as(person: string) {
    return request.agent(this.url).set('authorization', `Bearer ${this.key(person)}`)
  }

  /** One delivery of Alertmanager. */
  alert(payload: object | string) {
    return this.as('alertmanager')
      .post('/v1/alerts/alertmanager')
      .type('json')
      .send(typeof payload === 'string' ? payload : JSON.stringify(payload))
  }

  /** Asks the record itself. */
  query<Row>(sql: string, params: unknown[] = []): Promise<Row[]> {
    return this.queryAs('fb_reader', sql, params)
  }

  /** The same with the rights of another process. */
  async queryAs<Row>(role: 'fb_reader' | 'fb_api' | 'fb_worker', sql: string, params: unknown[] = []): Promise<Row[]> {
    const source = await openStore(this.database.url(role), { applicationName: 'e2e', poolSize: 1 }).initialize()
    try {
      return await source.query(sql, params)
    } finally {
      await source.destroy()
    }
  }

  /** A worker with its own connection and a cluster in memory: two replicas and slow, fast from five on. */
  async worker() {
    const source = await openStore(this.database.url('fb_worker'), {
      applicationName: 'worker e2e',
      poolSize: 3,
    }).initialize()
    this.closing.unshift(() => source.destroy())
    const world: World = { ...this.world, ledger: new PostgresLedger(source, { now: this.world.now }) }
    const cluster = new FakeCluster()
    cluster.deploy('prod/api', { replicas: 2 })
    const p95 = () => ((cluster.at('prod/api')?.ready ?? 0) >= 5 ? 120 : 2_400)
    const metrics = new FakeMetrics().follow('p95', p95)
    const evidence = new FakeEvidence()
    const objects = new FakeObjectStore().bucket('documents').bucket('quarantine')
    const hands = fakeHands({ cluster: cluster.hands, evidence: evidence.hands, objects: objects.hands })
    const readers = fakeReaders({
      cluster: cluster.reader,
      metrics,
      evidence: evidence.reader,
      objects: objects.reader,
      directory: new FakeDirectory([aService({ metrics: { p95_ms: 'p95' } })], aHouseOfThings()),
    })
    const me: Actor = processActor('worker-1')
    const timers = { sleep: async (ms: number) => this.forward(ms), every: () => () => undefined }
    const tenures = new Tenures(world, 'worker-1', { seconds: 60 })
    return {
      cluster,
      metrics,
      objects,
      world,
      backlog: new PostgresBacklog(source),
      planner: new Planner(world, recipes, readers, me, { planExpiresMinutes: 30 }, new FakeDoorbell()),
      runner: new Runner(world, recipes, readers, hands, tenures, timers, me, {
        verifyEveryMs: 1_000,
        attempts: 3,
      }),
      loans: new Loans(world, readers, hands, tenures, timers, me),
    }
  }
}

/** What Alertmanager sends about a slow API. */
export function slowApi(
  change: {
    status?: 'firing' | 'resolved'
    fingerprint?: string
    labels?: Record<string, string>
    startsAt?: string | undefined
    endsAt?: string
  } = {},
) {
  const {
    status = 'firing',
    fingerprint = '9a7c1b4f2e6d8035',
    labels = {},
    startsAt = '2026-11-23T03:02:11.737Z',
    endsAt,
  } = change
  return {
    version: '4',
    receiver: 'firebreak',
    status,
    alerts: [
      {
        status,
        labels: { alertname: 'HighApiLatency', service: 'api', severity: 'critical', ...labels },
        annotations: { summary: 'API latency is high' },
        startsAt,
        endsAt: endsAt ?? (status === 'resolved' ? '2026-11-23T03:20:00.000Z' : '0001-01-01T00:00:00Z'),
        generatorURL: 'http://prometheus.example:9090/graph',
        fingerprint,
      },
    ],
  }
}

/** As the client answers. */
type Answer<Data> = Promise<{ data?: Data; error?: unknown; response: Response }>

/** What the client was told; where it was told another status than this one, the test shows with what. */
export async function told<Data>(ask: Answer<Data>, status = 200): Promise<NonNullable<Data>> {
  const { data, error, response } = await ask
  expect({ status: response.status, error }).toEqual({ status, error: undefined })
  return data!
}

/** With what the client was refused. */
export async function refused(ask: Answer<unknown>, status: number): Promise<z.output<typeof problem>> {
  const { data, error, response } = await ask
  expect({ status: response.status, data }).toEqual({ status, data: undefined })
  return problem.parse(error)
}

/** The parameters that stand in a path. */
export const at = <Path extends object>(path: Path) => ({ params: { path } })

/** What was answered, held against the schema that the API promises. */
export async function read<Schema extends z.ZodType>(
  schema: Schema,
  ask: request.Test,
): Promise<{ body: z.output<Schema>; headers: Record<string, string>; text: string }> {
  const answer = await ask
  return { body: schema.parse(answer.body), headers: answer.headers, text: answer.text }
}
