import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  needsOf,
  rightsFor,
  type Hands,
  type Need,
  type PortFailure,
  type Readers,
  type Step,
  type WorkloadRef,
} from '@firebreak/kit'
import {
  aHouseOfThings,
  FakeDirectory,
  fakeHands,
  FakeMetrics,
  FakeObjectStore,
  FakeOcr,
  fakeReaders,
} from '@firebreak/kit/testing'
import {
  raiseAutoscalerFloor,
  requeueJob,
  restartDeployment,
  restartMark,
  scaleDeployment,
  setConfigKey,
  setDeploymentEnv,
  setOcrShare,
  suspendCronJob,
  suspendJob,
  verbs,
} from '@firebreak/kit/verbs'
import { startSandbox, type Sandbox } from '@firebreak/sandbox'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { KubernetesHands } from './hands.js'
import { KubernetesJobsHands, KubernetesJobsReader } from './job-queue/queues.js'
import { KubernetesReader } from './reader.js'
import { wire } from './testing/wire.js'

/*
 * The rights of infra/k8s/rbac.yaml, as the sandbox's API server holds Firebreak's two accounts to them: each verb has
 * what it needs, needs what it says, and the reader has none of it.
 */
let sandbox: Sandbox
let dir: string
let readers: Readers
/** Rights are tried here, and not how quick a busy machine is. */
const patient = { timeoutMs: 30_000 }
const waiting = { timeout: 25_000, interval: 20 }
const queues = new Map([['imports', { namespace: 'prod', labels: { app: 'rights' } }]])
let jobs: KubernetesJobsReader
const hands = (kubeconfig: string): Hands =>
  fakeHands({
    cluster: new KubernetesHands(kubeconfig, patient),
    queues: new KubernetesJobsHands(kubeconfig, jobs, patient),
  })

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'firebreak-rights-'))
  sandbox = await startSandbox({ dir, speed: 20 })
  jobs = new KubernetesJobsReader(sandbox.kubeconfigs.reader, queues, patient)
  readers = fakeReaders({
    cluster: new KubernetesReader(sandbox.kubeconfigs.reader, patient),
    queues: jobs,
    ...aroundOcr(),
    directory: new FakeDirectory([], aHouseOfThings()),
  })
})
afterAll(async () => {
  await sandbox.stop()
  await rm(dir, { recursive: true })
})

const REF = 'prod/api' as WorkloadRef
const operator = (method: string, path: string, body: object, type?: string) =>
  wire(sandbox.kubeconfigs.operator).call({ method, path, body, ...(type ? { type } : {}) })

/** Two engines that read their sample, and fail on nothing: what speaks against sending documents is not tried here. */
function aroundOcr() {
  const [route] = aHouseOfThings().ocr
  const { bucket, key, text } = route!.samples[0]!
  const [objects, ocr, metrics, image] = [new FakeObjectStore(), new FakeOcr(), new FakeMetrics(), new Uint8Array([1])]
  objects.bucket('outputs').bucket(bucket).place(bucket, key, image)
  for (const { engine, error_rate_percent } of [route!.primary, route!.fallback]) {
    ocr.engine(engine).teach(engine, image, text)
    metrics.set(error_rate_percent, 0)
  }
  return { objects: objects.reader, ocr, metrics }
}

let nth = 0
/** The words of the catalogue, each about something that is there. */
const spoken: Record<string, () => Promise<Step>> = {
  'scale-deployment': async () => {
    const { uid, replicas } = (await readers.cluster.deployment(REF))!
    return scaleDeployment({ deployment: REF, uid, from: replicas, to: replicas + 1 })
  },
  'raise-autoscaler-floor': async () => {
    sandbox.break('with-hpa')
    const { ref, uid, min, max } = (await readers.cluster.autoscalerOf(REF))!
    return raiseAutoscalerFloor({
      autoscaler: ref,
      deployment: REF,
      uid,
      from: { min, max },
      to: { min: min + 1, max: max + 1 },
    })
  },
  'restart-deployment': async () => {
    const found = (await readers.cluster.rollout(REF))!
    return restartDeployment({ deployment: REF, uid: found.uid, from: found.restart_mark, to: restartMark(found) })
  },
  'set-deployment-env': async () => {
    const { uid, containers } = (await readers.cluster.rollout(REF))!
    const from = containers[0]!.env['RIGHTS'] ?? null
    const to = String(Number(from ?? 0) + 1)
    return setDeploymentEnv({ deployment: REF, uid, container: containers[0]!.name, name: 'RIGHTS', from, to })
  },
  'suspend-job': async () => {
    // It would have ended before a busy machine comes to suspend it.
    const annotations = { 'sandbox.firebreak.dev/run-seconds': '86400' }
    const template = {
      metadata: { annotations },
      spec: { restartPolicy: 'Never', containers: [{ name: 'work', image: 'work:1' }] },
    }
    const body = { metadata: { name: 'rights' }, spec: { template } }
    await operator('DELETE', '/apis/batch/v1/namespaces/prod/jobs/rights', {})
    await operator('POST', '/apis/batch/v1/namespaces/prod/jobs', body)
    const { uid } = (await readers.cluster.job('prod/rights'))!
    return suspendJob({ job: 'prod/rights', uid })
  },
  'requeue-job': async () => {
    const annotations = { 'sandbox.firebreak.dev/exit-code': '1', 'sandbox.firebreak.dev/run-seconds': '0' }
    const template = {
      metadata: { annotations },
      spec: { restartPolicy: 'Never', containers: [{ name: 'work', image: 'work:1' }] },
    }
    const id = `rights-${++nth}`
    const body = { metadata: { name: id, labels: { app: 'rights' } }, spec: { backoffLimit: 0, template } }
    await operator('POST', '/apis/batch/v1/namespaces/prod/jobs', body)
    const { failed_ms } = await vi.waitFor(async () => {
      const found = await jobs.failedJob('imports', id)
      if (!found) throw new Error(`${id} has not failed yet`)
      return found
    }, waiting)
    const output = { bucket: 'outputs', key: id }
    return requeueJob({ queue: 'imports', id, failed_ms, input: null, pointer: null, output, after: [] })
  },
  'suspend-cron-job': async () => {
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'work', image: 'work:1' }] } }
    const body = { metadata: { name: 'rights' }, spec: { schedule: '0 2 * * *', jobTemplate: { spec: { template } } } }
    await operator('DELETE', '/apis/batch/v1/namespaces/prod/cronjobs/rights', {})
    await operator('POST', '/apis/batch/v1/namespaces/prod/cronjobs', body)
    const { uid } = (await readers.cluster.cronJob('prod/rights'))!
    return suspendCronJob({ cron_job: 'prod/rights', uid })
  },
  'set-ocr-share': async () => {
    const { uid, data } = (await readers.cluster.configMap('prod/ocr-routing'))!
    const from = Number(data['fallback_percent'])
    const key = 'fallback_percent'
    return setOcrShare({ ocr: 'documents', config: 'prod/ocr-routing', uid, key, from, to: from + 1 })
  },
  'set-config-key': async () => {
    const { uid, data } = (await readers.cluster.configMap('prod/ocr-routing'))!
    const from = data['engine']!
    const to = from === 'primary' ? 'fallback' : 'primary'
    return setConfigKey({ config: 'prod/ocr-routing', uid, key: 'engine', from, to })
  },
}

/** Verbs of the watched cluster: those that need a right there. */
const clusterVerbs = [...verbs.values()].filter(({ needs }) => needs.length > 0).map(({ id }) => id)

test('every verb that needs a right in the cluster is tried here', () => {
  expect(Object.keys(spoken).sort()).toEqual(clusterVerbs.sort())
})

const CHANGES = ['patch', 'create']

describe.each(Object.keys(spoken))('%s', (id) => {
  const { needs } = verbs.get(id)!
  /** Does it once, from what is there now; a rollout or a controller may write in between. */
  const attempt = (kubeconfig: string) =>
    vi.waitFor(async () => {
      const { args } = await spoken[id]!()
      const said = verbs.get(id)!.do(hands(kubeconfig), readers, args)
      return said.then(
        () => 'done',
        (error: PortFailure) => {
          if (error.kind === 'conflict') throw error
          return error.kind
        },
      )
    }, waiting)

  test('is done under the rights that were generated', async () => {
    expect(await attempt(sandbox.kubeconfigs.hands)).toBe('done')
  })

  test('is refused with the credentials that look', async () => {
    expect(await attempt(sandbox.kubeconfigs.reader)).toBe('forbidden')
  })

  test.each(needs.filter((need) => need.verbs.some((verb) => CHANGES.includes(verb))))(
    'is refused without $resource',
    async (missing) => {
      const others = needsOf(verbs.values()).map((need) => (same(need, missing) ? { ...need, verbs: ['get'] } : need))
      await give(others)
      expect(await attempt(sandbox.kubeconfigs.hands)).toBe('forbidden')
      await give(needsOf(verbs.values()))
      expect(await attempt(sandbox.kubeconfigs.hands)).toBe('done')
    },
  )
})

const same = (a: Need, b: Need) => a.group === b.group && a.resource === b.resource

/** The hands have these rights from now on. */
async function give(needs: readonly Need[]): Promise<void> {
  const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles/firebreak-hands'
  const { code } = await operator('PATCH', path, { rules: rightsFor(needs) }, 'application/merge-patch+json')
  expect(code).toBe(200)
}

test('out of the namespaces of the house both are forbidden', async () => {
  await operator('POST', '/api/v1/namespaces', { metadata: { name: 'elsewhere' } })
  await expect(readers.cluster.deployments('elsewhere')).rejects.toMatchObject({ kind: 'forbidden' })
  const far = hands(sandbox.kubeconfigs.hands).cluster.scale('elsewhere/api', 9, '1')
  await expect(far).rejects.toMatchObject({ kind: 'forbidden' })
})
