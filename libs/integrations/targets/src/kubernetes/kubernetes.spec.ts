import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PortFailure } from '@firebreak/kit'
import { apiServerContract, clusterContract } from '@firebreak/kit/testing'
import { startSandbox, type Sandbox } from '@firebreak/sandbox'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { KubernetesHands } from './hands.js'
import { KubernetesReader } from './reader.js'
import { wire } from './testing/wire.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const folder = async () => {
  const dir = await mkdtemp(join(tmpdir(), 'firebreak-kubernetes-'))
  closing.push(() => rm(dir, { recursive: true }))
  return dir
}

async function sandbox(): Promise<Sandbox> {
  const started = await startSandbox({ dir: await folder(), speed: 20 })
  closing.push(() => started.stop())
  return started
}

clusterContract('the Kubernetes adapter on the sandbox', async () => {
  const world = await sandbox()
  const operator = {
    reader: new KubernetesReader(world.kubeconfigs.operator),
    hands: new KubernetesHands(world.kubeconfigs.operator),
  }
  return {
    reader: new KubernetesReader(world.kubeconfigs.reader),
    hands: new KubernetesHands(world.kubeconfigs.hands, { timeoutMs: 2_000 }),
    deployment: 'prod/api',
    elsewhere: async () => {
      const { resource_version } = (await operator.reader.deployment('prod/api'))!
      await operator.hands.scale('prod/api', 3, resource_version)
    },
    autoscale: async () => {
      world.break('with-hpa')
      return 'prod/api'
    },
    ...made(world),
    events: async () => {
      const { resource_version } = (await operator.reader.deployment('prod/api'))!
      await operator.hands.scale('prod/api', 3, resource_version)
    },
    crash: async () => world.break('crash-loop'),
    effects: async () => world.effects().filter(({ user, effect }) => effect && user === 'firebreak-hands').length,
    loseNextAnswer: async () => world.break('hang'),
    forbid: async () => world.break('forbid'),
    takeDown: async () => world.break('unavailable'),
  }
})

/** Puts objects there as an operator does. */
function made(world: Sandbox) {
  const { call } = wire(world.kubeconfigs.operator)
  let jobs = 0
  const put = async (api: string, plural: string, body: { metadata: { name: string } }) => {
    const { code } = await call({ method: 'POST', path: `${api}/namespaces/prod/${plural}`, body })
    expect(code).toBe(201)
    return `prod/${body.metadata.name}` as const
  }
  const template = (log: string, exitCode?: number) => ({
    metadata: {
      annotations: {
        'sandbox.firebreak.dev/log': log,
        'sandbox.firebreak.dev/run-seconds': exitCode === undefined ? '86400' : '0',
        'sandbox.firebreak.dev/exit-code': String(exitCode ?? 0),
      },
    },
    spec: { restartPolicy: 'Never', containers: [{ name: 'work', image: 'work:1' }] },
  })
  return {
    job: ({ log = '', exitCode }: { log?: string; exitCode?: number }) =>
      put('/apis/batch/v1', 'jobs', {
        metadata: { name: `work-${++jobs}` },
        ...{ spec: { backoffLimit: 1, template: template(log, exitCode) } },
      }),
    cronJob: () =>
      put('/apis/batch/v1', 'cronjobs', {
        metadata: { name: 'nightly' },
        ...{ spec: { schedule: '0 2 * * *', jobTemplate: { spec: { template: template('') } } } },
      }),
    config: (data: Record<string, string>) =>
      put('/api/v1', 'configmaps', { metadata: { name: 'config' }, ...{ data } }),
    quota: (hard: Record<string, string>) =>
      put('/api/v1', 'resourcequotas', { metadata: { name: 'quota' }, ...{ spec: { hard } } }),
  }
}

apiServerContract('the sandbox', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'firebreak-kubernetes-'))
  const world = await startSandbox({ dir, speed: 20 })
  const close = async () => {
    await world.stop()
    await rm(dir, { recursive: true })
  }
  return { ...wire(world.kubeconfigs.operator), namespace: 'prod', settles: true, close }
})

/** A server that answers every request in one way, and a kubeconfig that points at it. */
async function answering(listener: RequestListener): Promise<string> {
  const server = createHttpServer(listener)
  const port = await listening(server)
  closing.push(() => (server.closeAllConnections(), server.close()))
  return kubeconfigFor(`http://127.0.0.1:${port}`)
}

async function kubeconfigFor(server: string): Promise<string> {
  const file = join(await folder(), 'kubeconfig.yaml')
  const config = {
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token: 'secret-token' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }
  await writeFile(file, JSON.stringify(config))
  return file
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const failing = async (call: Promise<unknown>): Promise<PortFailure> =>
  call.then(
    () => expect.unreachable('expected a failure'),
    (failure: PortFailure) => failure,
  )

describe('what an answer means', () => {
  test.each([
    [400, 'invalid'],
    [401, 'forbidden'],
    [403, 'forbidden'],
    [409, 'conflict'],
    [410, 'invalid'],
    [422, 'invalid'],
    [429, 'throttled'],
    [500, 'unreachable'],
    [503, 'unreachable'],
    [504, 'timeout'],
  ] as const)('%i is %s', async (code, kind) => {
    const body = JSON.stringify({ kind: 'Status', status: 'Failure', message: 'because', code })
    const kubeconfig = await answering((_, response) =>
      response.writeHead(code, { 'content-type': 'application/json' }).end(body),
    )
    const looking = await failing(new KubernetesReader(kubeconfig).deployment('prod/api'))
    const acting = await failing(new KubernetesHands(kubeconfig).scale('prod/api', 3, '1'))
    expect([looking.kind, acting.kind]).toEqual([kind, kind])
    if (code !== 401) expect(acting.message).toContain('because')
  })

  test('an answer that is no Kubernetes object is invalid, and not zero replicas', async () => {
    const kubeconfig = await answering((_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"kind":"Deployment"}'),
    )
    const failure = await failing(new KubernetesReader(kubeconfig).deployment('prod/api'))
    expect(failure).toMatchObject({ kind: 'invalid', retryable: false })
  })

  test('a list that has no end is invalid, and half of it is not taken for all', async () => {
    let asked = 0
    const items = Array.from({ length: 500 }, () => ({}))
    const kubeconfig = await answering((_, response) => {
      asked++
      const list = { kind: 'JobList', apiVersion: 'batch/v1', metadata: { continue: `page-${asked}` }, items }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(list))
    })
    const failure = await failing(new KubernetesReader(kubeconfig).jobs('prod'))
    expect(failure).toMatchObject({ kind: 'invalid', message: 'list the jobs of prod: there are more than 2000' })
    expect(asked).toBe(5)
  })

  test('a log that is longer than was asked for is cut here too', async () => {
    const kubeconfig = await answering((_, response) =>
      response.writeHead(200, { 'content-type': 'text/plain' }).end('0123456789\n'.repeat(1_000)),
    )
    const log = await new KubernetesReader(kubeconfig).logs('prod/api-0', { tail: 2, limit_bytes: 40 })
    expect(log).toEqual({ lines: ['0123456789', '0123456'], cut: true })
  })

  test('a server that accepts and never answers is a time-out', async () => {
    const kubeconfig = await answering(() => undefined)
    const failure = await failing(new KubernetesReader(kubeconfig, { timeoutMs: 100 }).deployment('prod/api'))
    expect(failure).toMatchObject({ kind: 'timeout', ambiguous: true })
  })

  test('a body that never ends is a time-out', async () => {
    const kubeconfig = await answering((_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"kind":'),
    )
    const failure = await failing(new KubernetesHands(kubeconfig, { timeoutMs: 100 }).scale('prod/api', 3, '1'))
    expect(failure).toMatchObject({ kind: 'timeout', ambiguous: true })
  })

  test('a connection that breaks is unreachable, and a change may have happened', async () => {
    const kubeconfig = await answering((request) => request.socket.destroy())
    const failure = await failing(new KubernetesHands(kubeconfig).scale('prod/api', 3, '1'))
    expect(failure).toMatchObject({ kind: 'unreachable', ambiguous: true })
  })

  test('nobody there is unreachable', async () => {
    const server = createServer()
    const port = await listening(server)
    await new Promise((resolve) => server.close(resolve))
    const failure = await failing(
      new KubernetesReader(await kubeconfigFor(`http://127.0.0.1:${port}`)).deployment('prod/api'),
    )
    expect(failure.kind).toBe('unreachable')
    expect(failure.message).toContain('ECONNREFUSED')
  })

  test('no failure shows the token', async () => {
    const kubeconfig = await answering((_, response) =>
      response.writeHead(403).end(JSON.stringify({ status: 'Failure', message: 'no' })),
    )
    const failure = await failing(new KubernetesReader(kubeconfig).deployments('prod'))
    expect(JSON.stringify(failure) + failure.message + failure.stack).not.toContain('secret-token')
  })
})

test('calls over TLS share a connection', async () => {
  const world = await sandbox()
  let connections = 0
  const proxy = createServer((socket) => {
    connections++
    const through = connect(world.port, '127.0.0.1')
    socket.pipe(through).pipe(socket)
    socket.on('error', () => through.destroy()).on('close', () => through.destroy())
    through.on('error', () => socket.destroy())
  })
  const port = await listening(proxy)
  const file = join(await folder(), 'kubeconfig.yaml')
  const written = await readFile(world.kubeconfigs.reader, 'utf8')
  expect(written).toContain(`https://127.0.0.1:${world.port}`)
  await writeFile(file, written.replace(`:${world.port}`, `:${port}`))
  closing.push(() => proxy.close())

  const reader = new KubernetesReader(file)
  for (let call = 0; call < 20; call++) expect(await reader.deployment('prod/api')).toMatchObject({ replicas: 2 })
  expect(connections).toBeLessThanOrEqual(2)
})

test("the reader's credentials cannot scale", async () => {
  const world = await sandbox()
  const { resource_version } = (await new KubernetesReader(world.kubeconfigs.reader).deployment('prod/api'))!
  const failure = await failing(new KubernetesHands(world.kubeconfigs.reader).scale('prod/api', 5, resource_version))
  expect(failure.kind).toBe('forbidden')
  expect(world.state().deployments.api).toEqual({ replicas: 2, ready: 2 })
})

test('pods that a quota keeps out block a rollout, in the words of the cluster', async () => {
  const world = await sandbox()
  const reader = new KubernetesReader(world.kubeconfigs.reader)
  world.break('tight-quota')
  const quota = async () => (await reader.quotas('prod')).find(({ ref }) => ref === 'prod/tight')?.limits[0]
  await vi.waitFor(async () => expect(await quota()).toMatchObject({ resource: 'pods' }), { timeout: 10_000 })
  const { hard, used } = (await quota())!
  expect(used).toBe(hard)
  const { resource_version } = (await reader.deployment('prod/api'))!
  await new KubernetesHands(world.kubeconfigs.hands).scale('prod/api', 3, resource_version)
  const blocked = await vi.waitFor(
    async () => {
      const found = (await reader.rollout('prod/api'))!
      expect(found.state).toBe('blocked')
      return found
    },
    { timeout: 10_000 },
  )
  expect(blocked.why).toMatch(/exceeded quota: tight, requested: pods=1, used: pods=\d+, limited: pods=\d+/)
  expect(blocked.asks.requests).toEqual({ cpu_millis: 250, memory_bytes: 256 * 2 ** 20 })
  world.mend('tight-quota')
  await vi.waitFor(
    async () => expect(await reader.rollout('prod/api')).toMatchObject({ state: 'complete', why: null, available: 3 }),
    { timeout: 20_000 },
  )
})
