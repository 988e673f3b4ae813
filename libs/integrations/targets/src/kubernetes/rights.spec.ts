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
import { fakeHands, fakeReaders } from '@firebreak/kit/testing'
import {
  raiseAutoscalerFloor,
  restartDeployment,
  restartMark,
  scaleDeployment,
  setConfigKey,
  setDeploymentEnv,
  suspendCronJob,
  suspendJob,
  verbs,
} from '@firebreak/kit/verbs'
import { startSandbox, type Sandbox } from '@firebreak/sandbox'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { KubernetesHands } from './hands.js'
import { KubernetesReader } from './reader.js'
import { wire } from './testing/wire.js'

/*
 * The rights of infra/k8s/rbac.yaml, as the sandbox's API server holds Firebreak's two accounts to them: each verb has
 * what it needs, needs what it says, and the reader has none of it.
 */
let sandbox: Sandbox
let dir: string
let readers: Readers
const hands = (kubeconfig: string): Hands => fakeHands({ cluster: new KubernetesHands(kubeconfig) })

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'firebreak-rights-'))
  sandbox = await startSandbox({ dir, speed: 20 })
  readers = fakeReaders({ cluster: new KubernetesReader(sandbox.kubeconfigs.reader) })
})
afterAll(async () => {
  await sandbox.stop()
  await rm(dir, { recursive: true })
})

const REF = 'prod/api' as WorkloadRef
const operator = (method: string, path: string, body: object, type?: string) =>
  wire(sandbox.kubeconfigs.operator).call({ method, path, body, ...(type ? { type } : {}) })

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
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'work', image: 'work:1' }] } }
    const body = { metadata: { name: 'rights' }, spec: { template } }
    await operator('DELETE', '/apis/batch/v1/namespaces/prod/jobs/rights', {})
    await operator('POST', '/apis/batch/v1/namespaces/prod/jobs', body)
    const { uid } = (await readers.cluster.job('prod/rights'))!
    return suspendJob({ job: 'prod/rights', uid })
  },
  'suspend-cron-job': async () => {
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'work', image: 'work:1' }] } }
    const body = { metadata: { name: 'rights' }, spec: { schedule: '0 2 * * *', jobTemplate: { spec: { template } } } }
    await operator('DELETE', '/apis/batch/v1/namespaces/prod/cronjobs/rights', {})
    await operator('POST', '/apis/batch/v1/namespaces/prod/cronjobs', body)
    const { uid } = (await readers.cluster.cronJob('prod/rights'))!
    return suspendCronJob({ cron_job: 'prod/rights', uid })
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

describe.each(Object.keys(spoken))('%s', (id) => {
  const { needs } = verbs.get(id)!
  /** Does it once, from what is there now; a rollout or a controller may write in between. */
  const attempt = (kubeconfig: string) =>
    vi.waitFor(
      async () => {
        const { args } = await spoken[id]!()
        const said = verbs.get(id)!.do(hands(kubeconfig), readers, args)
        return said.then(
          () => 'done',
          (error: PortFailure) => {
            if (error.kind === 'conflict') throw error
            return error.kind
          },
        )
      },
      { timeout: 10_000, interval: 20 },
    )

  test('is done under the rights that were generated', async () => {
    expect(await attempt(sandbox.kubeconfigs.hands)).toBe('done')
  })

  test('is refused with the credentials that look', async () => {
    expect(await attempt(sandbox.kubeconfigs.reader)).toBe('forbidden')
  })

  test.each(needs.filter((need) => need.verbs.includes('patch')))('is refused without $resource', async (missing) => {
    const others = needsOf(verbs.values()).map((need) => (same(need, missing) ? { ...need, verbs: ['get'] } : need))
    await give(others)
    expect(await attempt(sandbox.kubeconfigs.hands)).toBe('forbidden')
    await give(needsOf(verbs.values()))
    expect(await attempt(sandbox.kubeconfigs.hands)).toBe('done')
  })
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
