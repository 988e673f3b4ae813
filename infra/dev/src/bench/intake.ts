import { Agent, request } from 'node:http'
import { performance } from 'node:perf_hooks'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { withClient } from '../crash/database.js'
import { keyOf } from '../people-file.js'
import { freePort } from '../processes.js'
import { temporaryRedis } from '../redis.js'
import { ROOT } from '../root.js'
import { program } from '../service.js'
import { percentile, type Figure, type Subject } from './figure.js'
import { atHome, benchPostgres, type BenchPostgres } from './stage.js'

const CONNECTIONS = 32
const GROUPS = 20
const BURST_S = 5

/** What comes in: deliveries of one alert each, which is the worst that a monitor can do to us; and what people read of it. */
export const intake: Subject = {
  name: 'intake',
  async measure({ small, say }) {
    const size = { deliveries: small ? 500 : 4_000, reads: small ? 200 : 1_000, burst: small ? 1_000 : 5_000 }
    const redis = await temporaryRedis()
    const postgres = await benchPostgres()
    try {
      const bare = await twin(postgres)
      const twinStored = await (async () => {
        try {
          await load(bare, size.deliveries / 4, 'warm')
          const stored = await load(bare, size.deliveries, 'twin')
          const read = await reads(bare, '/v1/alerts', size.reads)
          return { stored, read }
        } finally {
          await bare.stop()
        }
      })()
      say(`the twin stores ${twinStored.stored.perSecond.toFixed(0)} deliveries a second`)

      const ours = await firebreak(postgres, redis.url)
      try {
        await load(ours, size.deliveries / 4, 'warm')
        const stored = await load(ours, size.deliveries, 'alone')
        say(`we store, sort in and audit ${stored.perSecond.toFixed(0)}`)
        const figures: Figure[] = [
          {
            ...{
              what: 'deliveries of one alert, stored and sorted in with their entries',
              kind: 'absolute',
              unit: '/s',
            },
            ...{ measured: stored.perSecond, reach: 500, better: 'more' },
            beside: { what: 'of a bare Fastify-and-pg twin', value: twinStored.stored.perSecond, unit: '/s' },
            note: `${size.deliveries} by ${CONNECTIONS} connections, p50 ${percentile(stored.times, 50).toFixed(0)} ms, p99 ${percentile(stored.times, 99).toFixed(0)} ms`,
          },
          {
            ...{ what: 'of what the twin stores', kind: 'ratio', unit: '', better: 'more', reach: 0.25 },
            measured: stored.perSecond / twinStored.stored.perSecond,
            note: stored.refused > 0 ? `${stored.refused} were refused first` : 'none was refused',
          },
          ...(await burst(ours, size.burst, say)),
        ]
        for (const path of ['/v1/alerts', '/v1/incidents', '/v1/plans', '/v1/runs']) {
          const read = await reads(ours, path, size.reads)
          figures.push({
            ...{ what: `GET ${path}, 50 of them`, kind: 'absolute', unit: '/s', better: 'more' },
            ...{ measured: read.perSecond, reach: 100 },
            beside: { what: 'of the twin’s one list', value: twinStored.read.perSecond, unit: '/s' },
            note: `p50 ${percentile(read.times, 50).toFixed(0)} ms, p99 ${percentile(read.times, 99).toFixed(0)} ms by ${CONNECTIONS} connections`,
          })
        }
        return figures
      } finally {
        await ours.stop()
      }
    } finally {
      await redis.stop()
      await postgres.stop()
    }
  },
}

/** Something that takes deliveries. */
interface Taker {
  url: URL
  headers: Record<string, string>
  reader: Record<string, string>
  /** Of the fingerprints that begin so: how many stand in its record, and how many of its deliveries wait. */
  known: (prefix: string) => Promise<{ alerts: number; pending: number }>
  stop: () => Promise<unknown>
}

async function twin(postgres: BenchPostgres): Promise<Taker> {
  const database = await postgres.database('twin')
  const port = await freePort()
  const url = new URL(`http://127.0.0.1:${port}`)
  const running = await program(
    {
      ...{ name: 'twin', args: ['infra/dev/dist/bench/bare-intake.js', String(port)] },
      ...{ env: { DATABASE_URL: database.url() }, ready: { http: `${url.href}v1/health` } },
    },
    join(postgres.folder, 'logs'),
  ).start(new AbortController().signal)
  return {
    url,
    headers: {},
    reader: {},
    known: () => Promise.resolve({ alerts: 0, pending: 0 }),
    stop: () => running.stop(),
  }
}

async function firebreak(postgres: BenchPostgres, redisUrl: string): Promise<Taker> {
  const database = await postgres.database('intake')
  await withClient(database.url(), atHome)
  const port = await freePort()
  const url = new URL(`http://127.0.0.1:${port}`)
  const people = join(postgres.folder, 'people.json')
  const api = await program(
    {
      name: 'api',
      args: ['apps/api/dist/main.js'],
      env: {
        ...{ DATABASE_URL: database.url('fb_api'), REDIS_URL: redisUrl, FIREBREAK_PORT: String(port) },
        ...{ FIREBREAK_MODE: 'sandbox', FIREBREAK_RATE: '0', FIREBREAK_CONFIG: join(ROOT, 'firebreak.yaml') },
        ...{ FIREBREAK_PEOPLE_FILE: people, FIREBREAK_BLOBS: join(postgres.folder, 'blobs') },
        FIREBREAK_CONSOLE: 'apps/console/dist',
      },
      ready: { http: `${url.href}v1/health` },
    },
    join(postgres.folder, 'logs'),
  ).start(new AbortController().signal)
  return {
    url,
    headers: { authorization: `Bearer ${keyOf('alertmanager', people)}` },
    reader: { authorization: `Bearer ${keyOf('sam', people)}` },
    known: (prefix) =>
      withClient(database.url(), async (client) => {
        const { rows } = await client.query<{ alerts: number; pending: number }>(
          `select (select count(*)::int from flow.alert where fingerprint like $1) as alerts,
             (select count(*)::int from flow.delivery where state = 'stored') as pending`,
          [`${prefix}-%`],
        )
        return rows[0]!
      }),
    stop: () => api.stop(),
  }
}

interface Loaded {
  perSecond: number
  times: number[]
  /** Told to come again. */
  refused: number
}

/** As many as it takes, `CONNECTIONS` at a time. */
async function load(taker: Taker, count: number, prefix: string): Promise<Loaded> {
  const sender = new Sender(taker)
  const times: number[] = []
  let [next, refused] = [0, 0]
  const began = performance.now()
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (next < count) {
        const sent = await sender.deliver(`${prefix}-${next++}`)
        times.push(sent.ms)
        refused += sent.refused
      }
    }),
  )
  sender.close()
  return { perSecond: (count / (performance.now() - began)) * 1_000, times, refused }
}

/** A thousand a second whatever becomes of them, as monitors do when everything breaks; whoever is told to comes again. */
async function burst(taker: Taker, count: number, say: (line: string) => void): Promise<Figure[]> {
  const sender = new Sender(taker, 256)
  const began = performance.now()
  const sent = await Promise.all(
    Array.from({ length: count }, async (_, nth) => {
      await sleep((nth / count) * BURST_S * 1_000)
      return sender.deliver(`burst-${nth}`)
    }),
  )
  const answered = (performance.now() - began) / 1_000
  sender.close()
  const deadline = performance.now() + 60_000
  let known = await taker.known('burst')
  while (known.pending > 0 && performance.now() < deadline) {
    await sleep(250)
    known = await taker.known('burst')
  }
  const refused = sent.reduce((sum, one) => sum + one.refused, 0)
  say(`${count} in ${BURST_S} s were all answered after ${answered.toFixed(1)} s`)
  return [
    {
      ...{ what: `of ${count} in ${BURST_S} s, lost`, kind: 'count', unit: '', measured: count - known.alerts, reach: 0, better: 'less' },
      note: `answered within ${answered.toFixed(1)} s, p99 ${(percentile(sent.map(({ ms }) => ms), 99) / 1_000).toFixed(1)} s; told to come again: ${refused}`,
    },
    { what: 'stored and not sorted in afterwards', kind: 'count', unit: '', measured: known.pending, reach: 0, better: 'less' },
  ] // prettier-ignore
}

async function reads(taker: Taker, path: string, count: number): Promise<Loaded> {
  const sender = new Sender(taker)
  const times: number[] = []
  let next = -CONNECTIONS
  let began = performance.now()
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (next < count) {
        if (next++ === 0) began = performance.now()
        const at = performance.now()
        const { status } = await sender.ask('GET', path, taker.reader)
        if (status !== 200) throw new Error(`${path} answered ${status}`)
        times.push(performance.now() - at)
      }
    }),
  )
  sender.close()
  return { perSecond: (count / (performance.now() - began)) * 1_000, times, refused: 0 }
}

class Sender {
  private readonly agent: Agent

  constructor(
    private readonly taker: Taker,
    connections = CONNECTIONS,
  ) {
    this.agent = new Agent({ keepAlive: true, maxSockets: connections })
  }

  /** One alert, until it is taken: as Alertmanager does, which comes again when it hears 503. */
  async deliver(fingerprint: string): Promise<{ ms: number; refused: number }> {
    const body = alertOf(fingerprint)
    const began = performance.now()
    for (let refused = 0; ; refused++) {
      const { status } = await this.ask('POST', '/v1/alerts/alertmanager', this.taker.headers, body)
      if (status === 202) return { ms: performance.now() - began, refused }
      if (status !== 503) throw new Error(`a delivery was answered ${status}`)
      await sleep(500)
    }
  }

  ask(method: string, path: string, headers: Record<string, string>, body = ''): Promise<{ status: number }> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.taker.url
      const json = body === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      const sent = request(
        { agent: this.agent, host: hostname, port, method, path, headers: { ...headers, ...json } },
        (answer) => {
          answer.resume()
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0 }))
          answer.on('error', reject)
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  }

  close(): void {
    this.agent.destroy()
  }
}

/** What Alertmanager sends of one alert. Some twenty problems take turns: alerts of one find the same incident. */
const alertOf = (fingerprint: string): string =>
  JSON.stringify({
    ...{ version: '4', receiver: 'firebreak', status: 'firing', groupKey: '{}', truncatedAlerts: 0 },
    ...{ groupLabels: {}, commonLabels: {}, commonAnnotations: {}, externalURL: 'http://alertmanager.example:9093' },
    alerts: [
      {
        status: 'firing',
        labels: {
          ...{ alertname: 'BenchAlert', severity: 'warning', instance: fingerprint },
          service: `bench-${Number(fingerprint.split('-')[1]) % GROUPS}`,
        },
        annotations: { summary: 'Something is slow, and this is a sentence that says so at some length.' },
        ...{ startsAt: '2026-11-23T03:02:11.737Z', endsAt: '0001-01-01T00:00:00Z', fingerprint },
        generatorURL: 'http://prometheus.example:9090/graph',
      },
    ],
  })
