import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { startSandbox, type Sandbox } from '../sandbox.js'

/*
 * What the sandbox does beyond the contract that it shares with a real API server: refusals on demand, its users, its
 * figures of speed, and what its controllers make of time.
 */
let dir: string
let sandbox: Sandbox
const tokens: Partial<Record<keyof Sandbox['kubeconfigs'], string>> = {}
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'firebreak-api-'))
  sandbox = await startSandbox({ dir, speed: 50 })
  for (const who of ['reader', 'hands', 'operator'] as const) {
    const config = parse(await readFile(sandbox.kubeconfigs[who], 'utf8')) as { users: { user: { token: string } }[] }
    tokens[who] = config.users[0]!.user.token
  }
})
afterAll(async () => {
  await sandbox.stop()
  await rm(dir, { recursive: true })
})

type Tree = Record<string, unknown>
interface Sent {
  method?: string
  body?: unknown
  type?: string
  who?: keyof Sandbox['kubeconfigs']
  headers?: Record<string, string>
}
const send = (
  path: string,
  { method = 'GET', body, type = 'application/json', who = 'operator', headers = {} }: Sent = {},
) =>
  fetch(sandbox.url + path, {
    method,
    headers: { authorization: `Bearer ${tokens[who]}`, 'content-type': type, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  })
const get = async (path: string, sent?: Sent) => (await (await send(path, sent)).json()) as Tree
const merge = (path: string, body: unknown, who: Sent['who'] = 'operator') =>
  send(path, { method: 'PATCH', body, type: 'application/merge-patch+json', who })

const prod = '/api/v1/namespaces/prod'
const apps = '/apis/apps/v1/namespaces/prod'
const batch = '/apis/batch/v1/namespaces/prod'
const waiting = { timeout: 20_000, interval: 10 }
const items = async (path: string) =>
  (await get(path)).items as { metadata: { name: string }; spec: Tree; status: Tree }[]

test.each([
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'NotFound'],
  [409, 'Conflict'],
  [410, 'Expired'],
  [415, 'UnsupportedMediaType'],
  [422, 'Invalid'],
  [429, 'TooManyRequests'],
  [500, 'InternalError'],
  [503, 'ServiceUnavailable'],
  [504, 'Timeout'],
])('a test hears %i %s when it asks for it', async (code, reason) => {
  const answer = await send(`${apps}/deployments`, { headers: { 'x-firebreak-sandbox-answer': String(code) } })
  expect(answer.status).toBe(code)
  expect(await answer.json()).toMatchObject({ kind: 'Status', status: 'Failure', reason, code })
  if (code === 429) expect(answer.headers.get('retry-after')).toBe('1')
})

test('faults answer 429, 500 and 503 until they are mended', async () => {
  for (const [fault, code] of [
    ['throttled', 429],
    ['internal-error', 500],
    ['unavailable', 503],
  ] as const) {
    sandbox.break(fault)
    expect((await send(`${apps}/deployments`)).status).toBe(code)
    sandbox.mend(fault)
    expect((await send(`${apps}/deployments`)).status).toBe(200)
  }
})

test('rights follow the Roles, at once', async () => {
  const scale = () => merge(`${apps}/deployments/api/scale`, { spec: { replicas: 3 } }, 'hands')
  expect((await send(`${prod}/secrets`, { who: 'reader' })).status).toBe(403)
  expect((await send(`${prod}/pods`, { who: 'reader' })).status).toBe(200)
  expect((await scale()).status).toBe(200)
  const binding = '/apis/rbac.authorization.k8s.io/v1/namespaces/prod/rolebindings/firebreak-hands'
  expect((await send(binding, { method: 'DELETE' })).status).toBe(200)
  expect((await scale()).status).toBe(403)
  const role = {
    metadata: { name: 'scaler' },
    rules: [{ apiGroups: ['apps'], resources: ['*/scale'], verbs: ['patch'], resourceNames: ['api'] }],
  }
  const bound = {
    metadata: { name: 'scaler' },
    roleRef: { kind: 'Role', name: 'scaler' },
    subjects: [{ kind: 'User', name: 'firebreak-hands' }],
  }
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/prod'
  for (const [plural, body] of [
    ['roles', role],
    ['rolebindings', bound],
  ] as const)
    expect((await send(`${rbac}/${plural}`, { method: 'POST', body })).status).toBe(201)
  expect((await scale()).status).toBe(200)
  expect((await merge(`${apps}/deployments/batch/scale`, { spec: { replicas: 3 } }, 'hands')).status).toBe(403)
  sandbox.reset()
})

test('server-side apply of something new needs the right to create', async () => {
  const body = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'new' },
    spec: { maxReplicas: 2, scaleTargetRef: { kind: 'Deployment', name: 'api' } },
  }
  const path = '/apis/autoscaling/v2/namespaces/prod/horizontalpodautoscalers/new?fieldManager=x'
  const apply = (who: Sent['who'] & string) =>
    send(path, { method: 'PATCH', body, type: 'application/apply-patch+yaml', who })
  expect((await apply('hands')).status).toBe(403)
  expect((await apply('operator')).status).toBe(201)
  await send('/apis/autoscaling/v2/namespaces/prod/horizontalpodautoscalers/new', { method: 'DELETE' })
})

test('a watch with bookmarks tells how far it came, and initial events end with one', async () => {
  const path = `${prod}/configmaps?watch=true&allowWatchBookmarks=true&timeoutSeconds=1`
  const lines = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; object: { kind: string; metadata: Tree } })
  const quiet = lines(await (await send(path)).text())
  expect(quiet.at(-1)).toMatchObject({
    type: 'BOOKMARK',
    object: { kind: 'ConfigMap', metadata: { resourceVersion: expect.stringMatching(/^\d+$/) as string } },
  })
  const listed = lines(
    await (
      await send(
        `${apps}/deployments?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=1`,
      )
    ).text(),
  )
  const at = listed.findIndex(({ type }) => type === 'BOOKMARK')
  expect(listed.slice(0, at).every(({ type }) => type === 'ADDED')).toBe(true)
  expect(listed[at]!.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' })
})

test('a rollout whose pods never become ready runs out of time, and keeps what served', async () => {
  const path = `${apps}/deployments/api`
  sandbox.break('never-ready')
  await merge(path, { spec: { progressDeadlineSeconds: 5, template: { metadata: { annotations: { a: 'b' } } } } })
  await vi.waitFor(async () => {
    const { conditions } = (await get(path)).status as { conditions: Tree[] }
    expect(conditions).toContainEqual(
      expect.objectContaining({ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }),
    )
    expect(conditions).toContainEqual(expect.objectContaining({ type: 'Available', status: 'True' }))
  }, waiting)
  expect(sandbox.state().deployments.api!.ready).toBe(2)
  sandbox.mend('never-ready')
  await vi.waitFor(
    async () =>
      expect((await get(path)).status).toMatchObject({ updatedReplicas: 2, availableReplicas: 2, replicas: 2 }),
    waiting,
  )
})

test('an autoscaler takes back what was scaled by hand, and says why', async () => {
  sandbox.break('with-hpa')
  await merge(`${apps}/deployments/api/scale`, { spec: { replicas: 9 } })
  await vi.waitFor(() => expect(sandbox.state().deployments.api!.replicas).toBeLessThanOrEqual(3), waiting)
  const events = await items(`${prod}/events?fieldSelector=involvedObject.kind%3DHorizontalPodAutoscaler`)
  expect(events).toContainEqual(
    expect.objectContaining({
      reason: 'SuccessfulRescale',
      message: expect.stringContaining('above Spec.MaxReplicas') as string,
    }),
  )
  const { metadata } = (await get(`${apps}/deployments/api`)) as { metadata: { managedFields: Tree[] } }
  expect(metadata.managedFields).toContainEqual(
    expect.objectContaining({ manager: 'kube-controller-manager', subresource: 'scale' }),
  )
})

const job = (name: string, annotations: Tree, spec: Tree = {}) => ({
  metadata: { name },
  spec: {
    template: {
      metadata: { annotations },
      spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'sandbox.invalid/c:1' }] },
    },
    ...spec,
  },
})
const make = async (path: string, body: unknown) =>
  expect((await send(path, { method: 'POST', body })).status).toBe(201)

test('a job that fails tries again, then gives up; what its pods said is there', async () => {
  const failing = {
    'sandbox.firebreak.dev/run-seconds': '0.1',
    'sandbox.firebreak.dev/exit-code': '3',
    'sandbox.firebreak.dev/log': 'bad pointer',
  }
  await make(`${batch}/jobs`, job('failing', failing, { backoffLimit: 2 }))
  await vi.waitFor(async () => {
    const { status } = (await get(`${batch}/jobs/failing`)) as { status: Tree }
    expect(status).toMatchObject({ failed: 3 })
    expect(status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Failed', reason: 'BackoffLimitExceeded' }),
    )
  }, waiting)
  const [pod] = await items(`${prod}/pods?labelSelector=job-name%3Dfailing&fieldSelector=status.phase%3DFailed`)
  expect(pod!.status.containerStatuses).toMatchObject([{ state: { terminated: { exitCode: 3, reason: 'Error' } } }])
  expect(await (await send(`${prod}/pods/${pod!.metadata.name}/log?tailLines=1`)).text()).toBe('bad pointer\n')
})

test('a schedule makes jobs as time passes, and none while it is suspended', async () => {
  const template = job('x', { 'sandbox.firebreak.dev/run-seconds': '1' })
  const minutely = { schedule: '* * * * *', jobTemplate: { spec: template.spec } }
  await make(`${batch}/cronjobs`, { metadata: { name: 'minutely' }, spec: minutely })
  const made = async () =>
    (await items(`${batch}/jobs`)).filter(({ metadata }) => metadata.name.startsWith('minutely-'))
  await vi.waitFor(async () => expect((await made()).length).toBeGreaterThan(0), waiting)
  await merge(`${batch}/cronjobs/minutely`, { spec: { suspend: true } })
  const { status } = (await get(`${batch}/cronjobs/minutely`)) as { status: Tree }
  expect(status.lastScheduleTime).toBeDefined()
  await send(`${batch}/cronjobs/minutely`, { method: 'DELETE' })
  await vi.waitFor(async () => expect(await made()).toEqual([]), waiting)
})

test('what a deployment made is orphaned when it is deleted so, and goes with it otherwise', async () => {
  const path = `${apps}/deployments/checkout`
  await send(path, { method: 'DELETE', body: { propagationPolicy: 'Orphan' } })
  expect(await items(`${apps}/replicasets?labelSelector=app%3Dcheckout`)).toHaveLength(1)
  await send(`${apps}/deployments/batch`, { method: 'DELETE' })
  await vi.waitFor(async () => expect(await items(`${prod}/pods?labelSelector=app%3Dbatch`)).toEqual([]), waiting)
  expect(await items(`${prod}/pods?labelSelector=app%3Dcheckout`)).toHaveLength(2)
})

test('a log is followed until its pod goes', async () => {
  const [pod] = await items(`${prod}/pods?labelSelector=app%3Dcheckout`)
  const path = `${prod}/pods/${pod!.metadata.name}`
  const following = await send(`${path}/log?follow=true`)
  await send(path, { method: 'DELETE' })
  expect(await following.text()).toContain('simulator')
  expect((await send(`${path}/log`)).status).toBe(404)
})

test.each(['?container=nobody', '?previous=true', '?tailLines=x', '?sinceTime=yesterday'])(
  'a log cannot be read with %s',
  async (query) => {
    const [pod] = await items(`${prod}/pods?labelSelector=app%3Dcheckout`)
    expect((await send(`${prod}/pods/${pod!.metadata.name}/log${query}`)).status).toBe(400)
  },
)

test('nobody gets into a container, and the answer says why', async () => {
  const [pod] = await items(`${prod}/pods?labelSelector=app%3Dapi`)
  for (const door of ['exec', 'attach', 'portforward']) {
    const refused = await send(`${prod}/pods/${pod!.metadata.name}/${door}`, { method: 'POST' })
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({
      kind: 'Status',
      message: expect.stringContaining('simulator') as string,
    })
  }
})

test("kubectl's protobuf is read where kubectl insists on it, and refused where it breaks off", async () => {
  const text = (field: number, content: Buffer | string) =>
    Buffer.concat([Buffer.from([(field << 3) | 2, content.length]), Buffer.from(content)])
  const body = (kind: string, raw: Buffer) =>
    Buffer.concat([Buffer.from('k8s\0'), text(1, Buffer.concat([text(1, 'v1'), text(2, kind)])), text(2, raw)])
  const post = (path: string, bytes: Buffer) =>
    fetch(sandbox.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.operator}`, 'content-type': 'application/vnd.kubernetes.protobuf' },
      body: new Uint8Array(bytes),
    })
  const entry = Buffer.concat([text(1, 'key'), text(2, 'value')])
  const made = await post(
    `${prod}/configmaps`,
    body('ConfigMap', Buffer.concat([text(1, text(1, 'from-protobuf')), text(2, entry)])),
  )
  expect(await made.json()).toMatchObject({ metadata: { name: 'from-protobuf' }, data: { key: 'value' } })
  expect((await post(`${prod}/configmaps`, body('ConfigMap', text(1, 'x')).subarray(0, -1))).status).toBe(400)
  expect((await post(`${batch}/jobs`, body('Job', text(1, text(1, 'x'))))).status).toBe(415)
})

test('an object that no controller can read stops one controller, which says so; the API and the others go on', async () => {
  const odd = { metadata: { name: 'odd' }, spec: { ports: [{ port: 1, targetPort: 'x' }], selector: { app: 'api' } } }
  await make(`${prod}/services`, odd)
  const path = `${apps}/deployments/checkout2`
  const labels = { app: 'checkout2' }
  const containers = [{ name: 'c', image: 'i', ports: [null] }]
  const template = { metadata: { labels: { ...labels, side: 'odd' } }, spec: { containers } }
  await make(`${apps}/deployments`, {
    metadata: { name: 'checkout2' },
    spec: { selector: { matchLabels: labels }, template },
  })
  await merge(`${prod}/services/odd`, { spec: { selector: labels } })
  await vi.waitFor(async () => {
    const events = await items('/api/v1/namespaces/default/events')
    expect(events).toContainEqual(
      expect.objectContaining({ reason: 'ControllerStuck', message: expect.stringContaining('services') as string }),
    )
  }, waiting)
  await vi.waitFor(async () => expect((await get(path)).status).toMatchObject({ availableReplicas: 1 }), waiting)
  for (const gone of [path, `${prod}/services/odd`]) await send(gone, { method: 'DELETE' })
})

test.each([
  ['/api/v1/namespaces/prod/events', { metadata: { name: 'e' }, involvedObject: 5 }],
  ['/api/v1/namespaces/prod/endpoints', { metadata: { name: 'e' }, subsets: [5] }],
  [
    '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    { metadata: { name: 'e' }, roleRef: { kind: 'ClusterRole', name: 'x' }, subjects: 5 },
  ],
  ['/apis/rbac.authorization.k8s.io/v1/clusterroles', { metadata: { name: 'e' }, rules: [{ verbs: 'all' }] }],
])('%s does not take %j', async (path, body) => {
  expect((await send(path, { method: 'POST', body })).status).toBe(422)
})
