import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { startSandbox, type Sandbox, type SandboxOptions } from './sandbox.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const waiting = { timeout: 20_000, interval: 10 }

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'firebreak-sandbox-'))
  closing.push(() => rm(dir, { recursive: true }))
  return dir
}

async function start(options: Partial<SandboxOptions> = {}): Promise<Sandbox & { dir: string }> {
  const dir = options.dir ?? (await folder())
  const sandbox = await startSandbox({ dir, speed: 10, ...options })
  closing.push(() => sandbox.stop())
  return { ...sandbox, dir }
}

interface Delivery {
  authorization: string | undefined
  body: { status: string; alerts: { status: string; fingerprint: string; startsAt: string }[] }
}

/** Somebody who is told of alerts, and answers with `codes` in turn, then with 202. */
async function receiver(codes: number[] = []): Promise<{ url: string; deliveries: Delivery[] }> {
  const deliveries: Delivery[] = []
  const server = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      const body = JSON.parse(Buffer.concat(chunks as Buffer[]).toString()) as Delivery['body']
      deliveries.push({ authorization: request.headers.authorization, body })
      response.writeHead(codes.shift() ?? 202).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => (server.closeAllConnections(), server.close()))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/alerts/alertmanager`, deliveries }
}

async function token(kubeconfig: string): Promise<string> {
  return (parse(await readFile(kubeconfig, 'utf8')) as { users: { user: { token: string } }[] }).users[0]!.user.token
}

/** One call of the Kubernetes API, as plain as can be. */
async function call(sandbox: Sandbox, who: keyof Sandbox['kubeconfigs'], method: string, path: string, body?: unknown) {
  const response = await fetch(sandbox.url + path, {
    method,
    headers: {
      authorization: `Bearer ${await token(sandbox.kubeconfigs[who])}`,
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(5_000),
  })
  return { code: response.status, object: (await response.json()) as Record<string, unknown> }
}

const api = '/apis/apps/v1/namespaces/prod/deployments/api'
const scaleTo = (sandbox: Sandbox, replicas: number) =>
  call(sandbox, 'hands', 'PATCH', `${api}/scale`, { spec: { replicas } })

test('the story: it gets slow, the alert fires, five replicas help, the alert resolves', async () => {
  const { url, deliveries } = await receiver()
  const keyFile = join(await folder(), 'people.json')
  await writeFile(keyFile, JSON.stringify({ people: [{ id: 'alertmanager', name: 'A', roles: [], key: 'fbk_test' }] }))
  const sandbox = await start({ alertsUrl: url, keyFile })
  expect(sandbox.state()).toMatchObject({ p95_ms: 100, deployments: { api: { replicas: 2, ready: 2 } } })

  await fetch(`${sandbox.url}/break/slow`, { method: 'POST' })
  await vi.waitFor(() => expect(sandbox.state().p95_ms).toBeGreaterThan(500), waiting)
  await vi.waitFor(() => expect(deliveries.map(({ body }) => body.status)).toContain('firing'), waiting)
  expect(deliveries[0]!.authorization).toBe('Bearer fbk_test')

  expect((await scaleTo(sandbox, 5)).code).toBe(200)
  await vi.waitFor(() => expect(sandbox.state().deployments.api).toEqual({ replicas: 5, ready: 5 }), waiting)
  await vi.waitFor(() => expect(deliveries.at(-1)!.body.status).toBe('resolved'), waiting)
  expect(sandbox.state().p95_ms).toBeLessThan(500)
  const alerts = deliveries.flatMap(({ body }) => body.alerts)
  expect(new Set(alerts.map(({ fingerprint, startsAt }) => fingerprint + startsAt)).size).toBe(1)
  expect(sandbox.effects()).toEqual([
    expect.objectContaining({ user: 'firebreak-hands', path: `${api}/scale`, code: 200, effect: true }),
  ])
})

test('what fires is told again while it lasts', async () => {
  const { url, deliveries } = await receiver()
  const sandbox = await start({ alertsUrl: url, speed: 100 })
  sandbox.break('slow')
  await vi.waitFor(() => expect(deliveries.length).toBeGreaterThanOrEqual(3), waiting)
  expect(new Set(deliveries.map(({ body }) => body.status))).toEqual(new Set(['firing']))
})

test('a receiver that is in trouble is told again at once; one that refuses, when the group is looked at next', async () => {
  const troubled = await receiver([503, 500])
  const refusing = await receiver([400])
  const lines: string[] = []
  const one = await start({ alertsUrl: troubled.url, speed: 4, print: (line) => lines.push(line) })
  const two = await start({ alertsUrl: refusing.url, speed: 4, print: (line) => lines.push(line) })
  one.break('slow')
  two.break('slow')
  await vi.waitFor(() => expect(one.state().alerts[0]?.told).toBe('firing'), waiting)
  expect(troubled.deliveries).toHaveLength(3)
  await vi.waitFor(() => expect(lines.join()).toContain('answered 400; not trying again at once'), waiting)
  expect(lines.join()).toContain('answered 503; trying again')
  await vi.waitFor(() => expect(two.state().alerts[0]?.told).toBe('firing'), waiting)
  expect(refusing.deliveries).toHaveLength(2)
})

test('nobody there yet, and no key yet: nothing is lost', async () => {
  const { url, deliveries } = await receiver()
  const keyFile = join(await folder(), 'people.json')
  const lines: string[] = []
  const sandbox = await start({ alertsUrl: url, keyFile, print: (line) => lines.push(line) })
  sandbox.break('slow')
  await vi.waitFor(() => expect(lines.join()).toContain('no key file'), waiting)
  expect(deliveries).toEqual([])
  await writeFile(keyFile, JSON.stringify({ people: [{ id: 'alertmanager', key: 'fbk_late' }] }))
  await vi.waitFor(() => expect(deliveries[0]?.authorization).toBe('Bearer fbk_late'), waiting)
  expect(lines.join()).not.toContain('fbk_late')
})

test('a restart finds the world as it was: scaled, broken, alerting, the same credentials', async () => {
  const { url, deliveries } = await receiver()
  const before = await start({ alertsUrl: url })
  const [hands, { object: was }] = [await token(before.kubeconfigs.hands), await call(before, 'reader', 'GET', api)]
  before.break('slow')
  before.break('no-help')
  await scaleTo(before, 4)
  await vi.waitFor(() => expect(deliveries).not.toEqual([]), waiting)
  await vi.waitFor(() => expect(before.state().alerts[0]?.told).toBe('firing'), waiting)
  await before.stop()

  const after = await start({ alertsUrl: url, dir: before.dir })
  expect(after.state()).toMatchObject({ faults: ['slow', 'no-help'], deployments: { api: { replicas: 4 } } })
  expect(await token(after.kubeconfigs.hands)).toBe(hands)
  const { object: is } = await call(after, 'reader', 'GET', api)
  expect(metadata(is).uid).toBe(metadata(was).uid)
  expect(Number(metadata(is).resourceVersion)).toBeGreaterThan(Number(metadata(was).resourceVersion))
  after.mend('slow')
  await vi.waitFor(() => expect(deliveries.at(-1)!.body.status).toBe('resolved'), waiting)
  expect(new Set(deliveries.map(({ body }) => body.alerts[0]!.startsAt)).size).toBe(1)
})

const metadata = (object: Record<string, unknown>) => object.metadata as { uid: string; resourceVersion: string }

test('a change is on disk before it is answered', async () => {
  const sandbox = await start()
  await scaleTo(sandbox, 7)
  const saved = JSON.parse(await readFile(join(sandbox.dir, 'world.json'), 'utf8')) as {
    store: { objects: { object: { kind: string; metadata: { name: string }; spec?: { replicas?: number } } }[] }
  }
  const api = saved.store.objects.find(({ object }) => object.kind === 'Deployment' && object.metadata.name === 'api')
  expect(api?.object.spec?.replicas).toBe(7)
})

test('a reset is the beginning again', async () => {
  const sandbox = await start()
  sandbox.break('slow')
  sandbox.break('with-hpa')
  await scaleTo(sandbox, 5)
  await fetch(`${sandbox.url}/sandbox/reset`, { method: 'POST' })
  expect(sandbox.state()).toMatchObject({ faults: [], p95_ms: 100, deployments: { api: { replicas: 2, ready: 2 } } })
  expect(sandbox.effects()).toEqual([])
  const { object } = await call(
    sandbox,
    'reader',
    'GET',
    '/apis/autoscaling/v2/namespaces/prod/horizontalpodautoscalers',
  )
  expect(object.items).toEqual([])
})

test('pods that never become ready do not help', async () => {
  const sandbox = await start({ speed: 50 })
  sandbox.break('never-ready')
  await scaleTo(sandbox, 5)
  await vi.waitFor(async () => {
    const { object } = await call(sandbox, 'reader', 'GET', '/api/v1/namespaces/prod/pods?labelSelector=app%3Dapi')
    expect(
      (object.items as { status: { phase: string } }[]).filter(({ status }) => status.phase === 'Pending'),
    ).toHaveLength(3)
  }, waiting)
  expect(sandbox.state().deployments.api).toEqual({ replicas: 5, ready: 2 })
  sandbox.mend('never-ready')
  await vi.waitFor(() => expect(sandbox.state().deployments.api).toEqual({ replicas: 5, ready: 5 }), waiting)
})

test('an autoscaler holds the replicas at its bounds, whoever scales by hand', async () => {
  const sandbox = await start({ speed: 50 })
  sandbox.break('with-hpa')
  sandbox.break('slow')
  await scaleTo(sandbox, 5)
  await vi.waitFor(() => expect(sandbox.state().deployments.api).toEqual({ replicas: 3, ready: 3 }), waiting)
  const bounds = { spec: { minReplicas: 5, maxReplicas: 8 } }
  const path = '/apis/autoscaling/v2/namespaces/prod/horizontalpodautoscalers/api'
  expect((await call(sandbox, 'hands', 'PATCH', path, bounds)).code).toBe(200)
  await vi.waitFor(() => expect(sandbox.state().deployments.api!.ready).toBeGreaterThanOrEqual(5), waiting)
  await vi.waitFor(() => expect(sandbox.state().p95_ms).toBeLessThan(500), waiting)
})

test('a change that hangs takes effect, is never answered, and happens to one call only', async () => {
  const sandbox = await start()
  sandbox.break('hang')
  const lost = fetch(`${sandbox.url}${api}/scale`, {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${await token(sandbox.kubeconfigs.hands)}`,
      'content-type': 'application/merge-patch+json',
    },
    body: JSON.stringify({ spec: { replicas: 5 } }),
    signal: AbortSignal.timeout(1_500),
  })
  await expect(lost).rejects.toMatchObject({ name: 'TimeoutError' })
  expect(sandbox.effects()).toEqual([expect.objectContaining({ code: null, effect: true })])
  expect(sandbox.state()).toMatchObject({ faults: [], deployments: { api: { replicas: 5 } } })
  expect((await scaleTo(sandbox, 4)).code).toBe(200)
})

test('the API server refuses in the words of Kubernetes', async () => {
  const sandbox = await start()
  const patch = { spec: { replicas: 5 } }
  const stale = { metadata: { resourceVersion: '1' }, ...patch }
  const refusals = [
    [await call(sandbox, 'reader', 'PATCH', `${api}/scale`, patch), 403, 'Forbidden'],
    [await call(sandbox, 'reader', 'PATCH', api, patch), 403, 'Forbidden'],
    [await call(sandbox, 'hands', 'PATCH', '/api/v1/namespaces/prod/serviceaccounts/default', {}), 403, 'Forbidden'],
    [await call(sandbox, 'hands', 'DELETE', '/api/v1/namespaces/prod/pods/api-x'), 403, 'Forbidden'],
    [await call(sandbox, 'hands', 'PATCH', `${api}/scale`, stale), 409, 'Conflict'],
    [await call(sandbox, 'hands', 'PATCH', `${api}/scale`, { spec: { replicas: -1 } }), 422, 'Invalid'],
    [await call(sandbox, 'hands', 'PATCH', `${api}/scale`, { spec: { replicas: 1e9 } }), 422, 'Invalid'],
    [await call(sandbox, 'hands', 'PATCH', `${api}/scale`, 'nonsense'), 400, 'BadRequest'],
    [await call(sandbox, 'operator', 'PATCH', api, { spec: { template: null } }), 422, 'Invalid'],
    [await call(sandbox, 'operator', 'PATCH', api, { spec: { selector: 1 } }), 422, 'Invalid'],
    [await call(sandbox, 'operator', 'PATCH', api, { spec: null }), 422, 'Invalid'],
    [await call(sandbox, 'operator', 'PUT', api, {}), 400, 'BadRequest'],
    [await call(sandbox, 'operator', 'PUT', api), 400, 'BadRequest'],
    [await call(sandbox, 'reader', 'GET', '/apis/apps/v1/namespaces/prod/deployments/nobody'), 404, 'NotFound'],
    [await call(sandbox, 'reader', 'GET', '/apis/apps/v1/namespaces/prod/statefulsets'), 404, 'NotFound'],
    [await call(sandbox, 'operator', 'POST', '/api/v1/namespaces/prod/pods', {}), 405, 'MethodNotAllowed'],
    [await call(sandbox, 'hands', 'POST', '/apis/apps/v1/namespaces/prod/deployments', {}), 403, 'Forbidden'],
    [await call(sandbox, 'operator', 'POST', '/apis/apps/v1/namespaces/prod/deployments', {}), 400, 'BadRequest'],
  ] as const
  for (const [answer, code, reason] of refusals)
    expect(answer).toMatchObject({ code, object: { kind: 'Status', status: 'Failure', reason, code } })
  const unknown = await fetch(`${sandbox.url}/api/v1/pods`, { headers: { authorization: 'Bearer nobody' } })
  expect(unknown.status).toBe(401)
  expect(sandbox.state().deployments.api).toEqual({ replicas: 2, ready: 2 })
  expect(sandbox.effects().every(({ effect }) => !effect)).toBe(true)
})

test('what is no JSON is refused, and the journal has it', async () => {
  const sandbox = await start()
  const authorization = `Bearer ${await token(sandbox.kubeconfigs.operator)}`
  const sent = async (type: string, body: string) => {
    const headers = { authorization, 'content-type': type }
    return (await fetch(sandbox.url + api, { method: 'PATCH', headers, body })).status
  }
  expect(await sent('application/apply-patch+yaml', 'spec: {}')).toBe(422)
  expect(await sent('application/vnd.kubernetes.protobuf', 'k8s')).toBe(415)
  expect(await sent('application/json', '{}')).toBe(415)
  expect(await sent('application/merge-patch+json', '{')).toBe(400)
  expect(await sent('application/merge-patch+json', ' '.repeat(1_048_577))).toBe(413)
  expect(sandbox.effects().map(({ code, effect }) => [code, effect])).toEqual([
    [422, false],
    [415, false],
    [415, false],
    [400, false],
  ])
})

test('what an operator makes lives and goes, and one made again is another thing', async () => {
  const sandbox = await start({ speed: 50 })
  const { object: manifest } = await call(sandbox, 'operator', 'GET', api)
  const one = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'api' }, spec: manifest.spec }
  const [team, deployments] = ['/api/v1/namespaces', '/apis/apps/v1/namespaces/team/deployments']
  expect((await call(sandbox, 'operator', 'POST', deployments, one)).code).toBe(404)
  expect((await call(sandbox, 'operator', 'POST', team, { metadata: { name: 'team' } })).code).toBe(201)
  const first = await call(sandbox, 'operator', 'POST', deployments, one)
  expect(first.code).toBe(201)
  expect((await call(sandbox, 'operator', 'POST', deployments, one)).object).toMatchObject({ reason: 'AlreadyExists' })
  await vi.waitFor(async () => {
    const { object } = await call(sandbox, 'operator', 'GET', `${deployments}/api`)
    expect(object.status).toMatchObject({ readyReplicas: 2 })
  }, waiting)
  await call(sandbox, 'operator', 'DELETE', `${deployments}/api`)
  await vi.waitFor(async () => {
    expect((await call(sandbox, 'operator', 'GET', `${team}/team/pods`)).object.items).toEqual([])
  }, waiting)
  const second = await call(sandbox, 'operator', 'POST', deployments, one)
  expect(metadata(second.object).uid).not.toBe(metadata(first.object).uid)
  await call(sandbox, 'operator', 'DELETE', `${team}/team`)
  expect((await call(sandbox, 'operator', 'GET', deployments)).object.items).toEqual([])
  expect(sandbox.state().deployments.api).toEqual({ replicas: 2, ready: 2 })
})

test('a rehearsal of a change changes nothing, and the same again is no change', async () => {
  const sandbox = await start()
  const { object } = await call(sandbox, 'hands', 'PATCH', `${api}/scale?dryRun=All`, { spec: { replicas: 5 } })
  expect(object.spec).toEqual({ replicas: 5 })
  await scaleTo(sandbox, 2)
  expect(sandbox.effects().map(({ effect }) => effect)).toEqual([false, false])
  expect(sandbox.state().deployments.api).toEqual({ replicas: 2, ready: 2 })
})

test('a watch tells what changes, and who comes too late must list again', async () => {
  const sandbox = await start()
  const authorization = `Bearer ${await token(sandbox.kubeconfigs.operator)}`
  const deployments = `${sandbox.url}/apis/apps/v1/namespaces/prod/deployments`
  const { object } = await call(sandbox, 'reader', 'GET', api)
  const stop = new AbortController()
  const from = `watch=true&fieldSelector=metadata.name%3Dapi&resourceVersion=${metadata(object).resourceVersion}`
  const watching = await fetch(`${deployments}?${from}`, { headers: { authorization }, signal: stop.signal })
  await scaleTo(sandbox, 3)
  const { value } = await watching.body!.pipeThrough(new TextDecoderStream()).getReader().read()
  expect(JSON.parse(value!.split('\n')[0]!)).toMatchObject({
    type: 'MODIFIED',
    object: { kind: 'Deployment', spec: { replicas: 3 } },
  })
  stop.abort()
  for (let change = 0; change < 520; change++) await scaleTo(sandbox, 2 + (change % 2))
  const late = await fetch(`${deployments}?watch=true&resourceVersion=2`, { headers: { authorization } })
  expect(JSON.parse(await late.text())).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } })
}, 120_000)

test('credentials and state are for their owner alone', async () => {
  const { dir, kubeconfigs } = await start()
  const files = [...Object.values(kubeconfigs), join(dir, 'identity.json'), join(dir, 'world.json')]
  for (const file of files) expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test('a page in a browser can neither break nor read it', async () => {
  const { url } = await start()
  const foreign = await fetch(`${url}/break/slow`, { method: 'POST', headers: { origin: 'http://elsewhere.test' } })
  expect(foreign.status).toBe(403)
  expect(((await (await fetch(`${url}/sandbox`)).json()) as { faults: string[] }).faults).toEqual([])
})

test('the service answers as slowly as it is, and everything says that it is a simulator', async () => {
  const { url } = await start({ speed: 50 })
  const served = await fetch(`${url}/service/api/v1/things`)
  expect(await served.json()).toMatchObject({ simulator: true, service: 'api', path: '/v1/things' })
  expect(served.headers.get('server')).toContain('simulator')
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('simulator')
  const unknown = await fetch(`${url}/break/everything`, { method: 'POST' })
  expect(unknown.status).toBe(404)
  expect(await unknown.json()).toMatchObject({ faults: { slow: expect.any(String) as string } })
})

test('a world that cannot be read is not overwritten: the start fails, says which file, and frees the port', async () => {
  const before = await start()
  const { dir, port } = before
  await before.stop()
  await writeFile(join(dir, 'world.json'), '{')
  await expect(startSandbox({ dir, port })).rejects.toThrow(join(dir, 'world.json'))
  expect(await readFile(join(dir, 'world.json'), 'utf8')).toBe('{')
  await start({ port })
})

test('two sandboxes on one port: the second fails and says so', async () => {
  const { port } = await start()
  await expect(startSandbox({ port, dir: await folder() })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
