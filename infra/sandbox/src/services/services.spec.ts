import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { faults, type Fault } from '../faults.js'
import { deployments, jobs, resources } from '../kubernetes/resources.js'
import { startSandbox, type Sandbox, type SandboxOptions } from '../sandbox.js'
import { Simulation } from '../simulation.js'
import { clusterView } from './cluster-view.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'firebreak-services-'))
  closing.push(() => rm(dir, { recursive: true }))
  return dir
}

/** A world whose time is in the test's hands. */
async function world(seed = 1, dir?: string) {
  const home = dir ?? (await folder())
  const simulation = new Simulation(home, seed, () => undefined)
  closing.push(() => simulation.services.stop())
  let now = 0
  return {
    ...{ dir: home, simulation },
    live: (seconds: number) => simulation.liveUntil((now += seconds * 1_000), () => undefined),
    /** The one figure of that name with those labels. */
    figure(name: string, labels: Record<string, string> = {}): number | undefined {
      const samples = simulation.measured().flatMap(({ samples }) => samples)
      const found = samples.filter(
        (sample) =>
          sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
      )
      expect(found.length).toBeLessThanOrEqual(1)
      return found[0]?.value
    },
  }
}
type World = Awaited<ReturnType<typeof world>>

async function start(options: Partial<SandboxOptions> = {}): Promise<Sandbox & { dir: string }> {
  const dir = await folder()
  const sandbox = await startSandbox({ dir, speed: 50, ...options })
  closing.push(() => sandbox.stop())
  return { ...sandbox, dir }
}

const call = async (sandbox: Sandbox, method: string, path: string, body?: unknown) => {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const response = await fetch(sandbox.url + path, { method, ...sent })
  return { code: response.status, body: (await response.json()) as Record<string, unknown> }
}

const waiting = { timeout: 20_000, interval: 20 }

/** What each fault moves, above what its alert tolerates, and where it is when all is well. */
const moved: Partial<Record<Fault, (world: World) => boolean>> = {
  slow: ({ figure }) => figure('api_request_duration_p95_milliseconds')! > 500,
  'hot-reload-thrash': ({ figure }) => figure('api_request_duration_p95_milliseconds')! > 500,
  'crash-loop': ({ figure }) => figure('api_request_duration_p95_milliseconds')! > 500,
  'batch-heavy': ({ figure }) => figure('api_request_duration_p95_milliseconds')! > 500,
  'bad-model': ({ figure }) => figure('model_error_rate_percent')! > 10,
  drift: ({ figure }) => figure('model_error_rate_percent')! > 10,
  'ocr-corrupt': ({ figure }) => figure('ocr_error_rate_percent', { engine: 'primary' })! > 10,
  'ocr-hung': ({ figure }) => figure('ocr_up', { engine: 'primary' }) === 0,
  'ocr-down': ({ figure }) => figure('ocr_up', { engine: 'primary' }) === 0,
  'batch-failing': ({ figure }) => figure('batch_failed_jobs', { queue: 'batch' })! > 3,
  'jobs-misspelt': ({ figure }) => figure('batch_failed_jobs', { queue: 'imports' })! > 3,
  'scans-misspelt': ({ figure }) => figure('batch_failed_jobs', { queue: 'scans' })! > 3,
  'storage-denied': ({ figure }) => figure('storage_errors_per_minute', { reason: 'denied' })! > 5,
  'storage-throttled': ({ figure }) => figure('storage_errors_per_minute', { reason: 'throttled' })! > 5,
  'storage-quota': ({ figure }) => figure('storage_errors_per_minute', { reason: 'quota' })! > 5,
  'storage-expired': ({ figure }) => figure('storage_errors_per_minute', { reason: 'denied' })! > 5,
  'storage-unavailable': ({ figure }) => figure('storage_errors_per_minute', { reason: 'unavailable' })! > 5,
  exfiltration: ({ figure }) => figure('egress_bytes_per_second')! > 1_000_000,
}

test('every fault is said, in one sentence', () => {
  for (const [fault, says] of Object.entries(faults)) expect(says, fault).toMatch(/^\S.{20,}[^.]$/)
})

test('an hour in which nothing is broken moves no figure over its threshold', async () => {
  const one = await world()
  for (let minute = 0; minute < 60; minute++) {
    one.live(9)
    for (const [fault, is] of Object.entries(moved)) expect(is(one), fault).toBe(false)
  }
})

test.each(Object.entries(moved))('%s is broken by one call and mended by one', async (fault, is) => {
  const one = await world()
  one.live(5)
  one.simulation.break(fault as Fault)
  one.live(8)
  expect(is(one)).toBe(true)
  one.simulation.mend(fault as Fault)
  // Crashed pods come back, and p95 with them.
  for (let waited = 0; is(one) && waited < 120; waited += 5) one.live(5)
  expect(is(one)).toBe(false)
  expect(one.simulation.faults.list()).toEqual([])
})

test('the same seed is the same day, figure by figure; another seed is another', async () => {
  const day = async (seed: number) => {
    const one = await world(seed)
    const seen: unknown[] = []
    for (const fault of ['bad-model', 'batch-failing', 'crash-loop', 'exfiltration'] as const) {
      one.simulation.break(fault)
      one.live(6)
      seen.push(one.simulation.measured())
    }
    return seen
  }
  const first = await day(7)
  expect(await day(7)).toEqual(first)
  expect(await day(8)).not.toEqual(first)
})

test('a restart finds every service as it was', async () => {
  const one = await world()
  one.simulation.break('bad-model')
  one.simulation.break('batch-failing')
  one.live(8)
  const failed = one.figure('batch_failed_jobs', { queue: 'batch' })
  const version = one.simulation.services.called('model')!
  await one.simulation.services.stop()
  one.simulation.save()

  const again = await world(1, one.dir)
  again.live(8)
  expect(again.figure('model_error_rate_percent', { version: '7' })).toBeGreaterThan(30)
  expect(again.figure('batch_failed_jobs', { queue: 'batch' })).toBeGreaterThanOrEqual(failed!)
  expect(again.simulation.services.called('model')!.save!()).toMatchObject({
    bad: (version.save!() as { bad: string[] }).bad,
  })
  again.simulation.mend('bad-model')
  again.live(8)
  expect(again.figure('model_error_rate_percent')).toBeLessThan(5)
})

describe('api', () => {
  test('scaling does not end a hot-reload thrash, the setting does', async () => {
    const one = await world()
    one.simulation.break('hot-reload-thrash')
    one.live(8)
    expect(one.figure('api_hot_reloads_total')).toBeGreaterThan(5)
    const { simulation } = one
    const api = simulation.store.get(deployments, 'prod', 'api')!
    const more = simulation.store.put(deployments, { ...api, spec: { ...api.spec, replicas: 5 } })
    one.live(8)
    expect(simulation.cluster.replicas('api').ready).toBe(5)
    expect(one.figure('api_request_duration_p95_milliseconds')).toBeGreaterThan(1_000)

    const { template } = more.spec
    const env = [{ name: 'MODEL_HOT_RELOAD', value: 'off' }]
    const containers = template.spec.containers.map((container) => ({ ...container, env }))
    const still = { ...template, spec: { ...template.spec, containers } }
    simulation.store.put(deployments, { ...more, spec: { ...more.spec, template: still } })
    one.live(8)
    expect(one.figure('api_request_duration_p95_milliseconds')).toBeLessThan(500)
  })

  test('crashing pods are restarts in the cluster, and in the counter', async () => {
    const one = await world()
    one.simulation.break('crash-loop')
    one.live(8)
    const restarts = one.simulation.cluster
      .podsOf('api')
      .reduce((sum, { status }) => sum + (status.containerStatuses?.[0]?.restartCount ?? 0), 0)
    expect(restarts).toBeGreaterThan(0)
    expect(one.figure('api_pod_restarts_total')).toBe(restarts)
  })

  test('a suspended Job takes nothing from api', async () => {
    const one = await world()
    one.simulation.break('batch-heavy')
    one.live(8)
    expect(one.figure('api_request_duration_p95_milliseconds')).toBeGreaterThan(500)
    const job = one.simulation.store.get(jobs, 'prod', 'nightly-report')!
    one.simulation.store.put(jobs, { ...job, spec: { ...job.spec, suspend: true } })
    one.live(8)
    expect(one.figure('api_request_duration_p95_milliseconds')).toBeLessThan(500)
  })
})

describe('model', () => {
  test('a rollback of the image ends what a bad model does, while the fault is on', async () => {
    const one = await world()
    one.simulation.break('bad-model')
    one.live(10)
    expect(one.figure('model_error_rate_percent', { version: '7' })).toBeGreaterThan(30)
    // What `kubectl set image` does.
    clusterView(one.simulation.store, one.simulation.cluster).setImage('model', 'sandbox.invalid/invoice-classifier:5')
    one.live(10)
    expect(one.figure('model_error_rate_percent', { version: '7' })).toBeUndefined()
    expect(one.figure('model_error_rate_percent', { version: '5' })).toBeLessThan(5)
  })

  test('health says the version, smoke tests tell a bad one, and another can be tried beforehand', async () => {
    const sandbox = await start()
    expect(await call(sandbox, 'GET', '/service/model/v1/health')).toMatchObject({
      code: 200,
      body: { ok: true, version: '6' },
    })
    expect((await call(sandbox, 'POST', '/service/model/v1/smoke')).body).toMatchObject({ version: '6', failed: 0 })
    sandbox.break('bad-model')
    await vi.waitFor(async () => {
      expect((await call(sandbox, 'GET', '/service/model/v1/health')).body).toMatchObject({
        version: '7',
        versions: ['7'],
      })
    }, waiting)
    const { failed, total } = (await call(sandbox, 'POST', '/service/model/v1/smoke')).body as Record<string, number>
    expect(failed! / total!).toBeGreaterThan(0.3)
    expect((await call(sandbox, 'POST', '/service/model/v1/smoke?version=5')).body).toMatchObject({
      version: '5',
      failed: 0,
    })
    expect((await call(sandbox, 'POST', '/service/model/v1/smoke?version=99')).code).toBe(404)
    expect((await call(sandbox, 'POST', '/service/model/v1/predict', { text: 'a purchase order' })).code).toBe(200)
    expect((await call(sandbox, 'POST', '/service/model/v1/predict', [])).code).toBe(400)
  })
})

describe('ocr', () => {
  test('diverted, the fallback copes with what the primary fails on', async () => {
    const one = await world()
    one.simulation.break('ocr-corrupt')
    one.live(8)
    expect(one.figure('ocr_error_rate_percent', { engine: 'primary' })).toBeGreaterThan(10)
    const kind = resources.find(({ plural }) => plural === 'configmaps')!
    const map = one.simulation.store.get(kind, 'prod', 'ocr-routing')!
    one.simulation.store.put(kind, { ...map, data: { engine: 'fallback' } } as typeof map)
    one.live(8)
    expect(one.figure('ocr_error_rate_percent', { engine: 'primary' })).toBeLessThan(1)
    expect(one.figure('ocr_error_rate_percent', { engine: 'fallback' })).toBeLessThan(10)
  })

  test('a share of the documents goes to the fallback, which then fails at some, too', async () => {
    const one = await world()
    const kind = resources.find(({ plural }) => plural === 'configmaps')!
    const figures = (name: string) => ['primary', 'fallback'].map((engine) => one.figure(name, { engine }))
    const share = (fallback_percent: string) => {
      const map = one.simulation.store.get(kind, 'prod', 'ocr-routing')!
      one.simulation.store.put(kind, { ...map, data: { engine: 'primary', fallback_percent } } as typeof map)
      one.live(8)
      return figures('ocr_share_percent')
    }
    one.simulation.break('ocr-fallback-weak')
    expect(share('0')).toEqual([100, 0])
    expect(figures('ocr_error_rate_percent')).toEqual([1.5, 0])
    expect(share('10')).toEqual([90, 10])
    expect(figures('ocr_error_rate_percent')).toEqual([1.5, 34])
    expect(share('100')).toEqual([0, 100])
    expect(figures('ocr_error_rate_percent')).toEqual([0, 34])
    // What is no share diverts nothing.
    for (const none of ['many', '101', '-1', '']) expect(share(none)).toEqual([100, 0])
  })

  test('an engine that is down answers nobody; the other one reads', async () => {
    const sandbox = await start()
    sandbox.break('ocr-down')
    const sample = await (await fetch(`${sandbox.url}/service/ocr/samples/0.png`)).arrayBuffer()
    const read = (path: string) => fetch(`${sandbox.url}/service/ocr/${path}`, { method: 'POST', body: sample })
    expect((await read('primary/v1/recognise')).status).toBe(503)
    expect((await read('v1/recognise')).status).toBe(503)
    expect(await (await read('fallback/v1/recognise')).json()).toMatchObject({
      engine: 'fallback',
      text: 'INVOICE 4711',
    })
    sandbox.break('ocr-fallback-astray')
    expect(await (await read('fallback/v1/recognise')).json()).toMatchObject({ text: 'IIIIIII 4711' })
    // Where there is a ConfigMap, it decides.
    expect((await call(sandbox, 'PUT', '/service/ocr/routing', { engine: 'fallback' })).code).toBe(409)
  })
})

describe('storage', () => {
  test('who has no key, or one that nobody knows, is refused as S3 does', async () => {
    const sandbox = await start()
    const ask = async (id: string) => {
      const credential = `Credential=${id}/20260101/us-east-1/s3/aws4_request`
      const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=${'0'.repeat(64)}`
      const response = await fetch(`${sandbox.url}/s3/documents?list-type=2`, { headers: { authorization } })
      return [response.status, /<Code>(\w+)</.exec(await response.text())?.[1]]
    }
    expect((await fetch(`${sandbox.url}/s3/`)).status).toBe(403)
    expect(await ask('NOBODY')).toEqual([403, 'InvalidAccessKeyId'])
    const file = join(sandbox.dir, 's3-credentials.json')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const old = (JSON.parse(await readFile(file, 'utf8')) as { reader: { accessKeyId: string } }).reader.accessKeyId
    expect(await ask(old)).toEqual([200, undefined])
    sandbox.break('storage-expired')
    expect(await ask(old)).toEqual([400, 'ExpiredToken'])
    const { body } = await call(sandbox, 'POST', '/service/storage/keys/reader')
    expect(await ask(body['accessKeyId'] as string)).toEqual([200, undefined])
    expect(await ask(old)).toEqual([400, 'ExpiredToken'])
  })
})

describe('config', () => {
  test('a rollout is a commit, and a rollback another; git itself reads them', async (it) => {
    const sandbox = await start()
    const there = await call(sandbox, 'GET', '/service/config/')
    if (there.code === 503) return it.skip('git is not on PATH')
    sandbox.break('bad-model')
    await vi.waitFor(async () => expect((await log()).length).toBe(2), waiting)
    sandbox.mend('bad-model')
    await vi.waitFor(async () => expect((await log()).length).toBe(3), waiting)
    expect((await log())[0]).toBe('Roll back the model')
    const show = ['--git-dir', join(sandbox.dir, 'config.git'), 'show', 'main~1:infra/k8s/deployment.yaml']
    expect((await promisify(execFile)('git', show)).stdout).toContain('image: sandbox.invalid/invoice-classifier:7')

    async function log(): Promise<string[]> {
      const { stdout } = await promisify(execFile)('git', [
        '--git-dir',
        join(sandbox.dir, 'config.git'),
        'log',
        '--format=%s',
        'main',
      ])
      return stdout.trim().split('\n')
    }
  })
})

test('a service that is not there is said, with those that are', async () => {
  const sandbox = await start()
  expect(await call(sandbox, 'GET', '/service/nobody/x')).toMatchObject({
    code: 404,
    body: { services: expect.arrayContaining(['api', 'model', 'ocr', 'storage', 'batch']) as unknown },
  })
})
