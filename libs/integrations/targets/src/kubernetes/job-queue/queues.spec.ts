import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JobsOfQueue } from '@firebreak/kit'
import { jobQueuesContract } from '@firebreak/kit/testing'
import { startSandbox } from '@firebreak/sandbox'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { wire } from '../testing/wire.js'
import { KubernetesJobsHands, KubernetesJobsReader } from './queues.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const JOBS = '/apis/batch/v1/namespaces/prod/jobs'
const waiting = { timeout: 20_000, interval: 20 }

/** A sandbox whose Jobs wait until somebody lets them run. */
async function opened(jobs: JobsOfQueue = { namespace: 'prod', cron_job: 'import', labels: {} }) {
  const dir = await mkdtemp(join(tmpdir(), 'firebreak-jobs-'))
  closing.push(() => rm(dir, { recursive: true }))
  const sandbox = await startSandbox({ dir, speed: 20 })
  closing.push(() => sandbox.stop())
  const { call } = wire(sandbox.kubeconfigs.operator)
  const operator = async (method: string, path: string, body?: object, type?: string) => {
    const answer = await call({ method, path, ...(body ? { body } : {}), ...(type ? { type } : {}) })
    if (answer.code >= 300) throw new Error(`${method} ${path}: ${answer.code} ${JSON.stringify(answer.body)}`)
    return answer.body as { metadata: { uid: string }; items: unknown[] }
  }
  const containers = [{ name: 'import', image: 'import:1', env: [{ name: 'KEY', value: 'none' }] }]
  const template = { metadata: { labels: { app: 'import' } }, spec: { restartPolicy: 'Never', containers } }
  const jobTemplate = { metadata: { labels: { app: 'import' } }, spec: { backoffLimit: 0, template } }
  // It would otherwise clear away all but one of those that failed.
  const spec = { schedule: '0 2 * * *', suspend: true, failedJobsHistoryLimit: 100, successfulJobsHistoryLimit: 100, jobTemplate } // prettier-ignore
  const cron = await operator('POST', '/apis/batch/v1/namespaces/prod/cronjobs', { metadata: { name: 'import' }, spec })

  /** A Job as its CronJob makes it. */
  const make = (
    name: string,
    data: Record<string, string>,
    { fails, after = 0 }: { fails?: string; after?: number } = {},
  ) =>
    operator('POST', JOBS, {
      metadata: {
        name,
        labels: { app: 'import' },
        ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'import', uid: cron.metadata.uid, controller: true }], // prettier-ignore
      },
      spec: {
        backoffLimit: after,
        template: {
          metadata: {
            labels: { app: 'import' },
            annotations: fails === undefined ? {} : { 'sandbox.firebreak.dev/exit-code': '1', 'sandbox.firebreak.dev/run-seconds': '0.1', 'sandbox.firebreak.dev/log': fails }, // prettier-ignore
          },
          spec: {
            restartPolicy: 'Never',
            containers: [{ ...containers[0], env: Object.entries(data).map(([key, value]) => ({ name: key, value })) }],
          },
        },
      },
    })

  const queues = new Map([['imports', jobs]])
  const reader = new KubernetesJobsReader(sandbox.kubeconfigs.reader, queues)
  return {
    sandbox,
    operator,
    make,
    reader,
    /** The rights of the catalogue's verbs have no `delete`. */
    owner: new KubernetesJobsHands(sandbox.kubeconfigs.operator, reader),
    hands: new KubernetesJobsHands(sandbox.kubeconfigs.hands, reader, { timeoutMs: 1_000 }),
    hold: () => sandbox.break('never-ready'),
    go: () => sandbox.mend('never-ready'),
  }
}
type World = Awaited<ReturnType<typeof opened>>

/** Failed, and in another second than whatever fails next. */
async function failed({ reader }: World, id: string, than = 0): Promise<void> {
  await vi.waitFor(async () => {
    const found = await reader.failedJob('imports', id)
    expect(found?.failed_ms ?? 0).toBeGreaterThan(than)
  }, waiting)
  await new Promise((resolve) => setTimeout(resolve, 1_000))
}

interface Pod {
  metadata: { name: string; labels: Record<string, string> }
  status: { phase: string }
  spec: { containers: { env?: { name: string; value: string }[] }[] }
}

jobQueuesContract('Jobs of the sandbox', async () => {
  const world = await opened()
  const podsOf = async () => (await world.operator('GET', '/api/v1/namespaces/prod/pods?labelSelector=job-name')).items as Pod[] // prettier-ignore
  return {
    reader: world.reader,
    hands: {
      retry: (...args) => (world.hold(), world.hands.retry(...args)),
      submit: (...args) => (world.hold(), world.hands.submit(...args)),
      remove: (...args) => world.owner.remove(...args),
    },
    queue: 'imports',
    flat: true,
    fail: async (id, data, reason) => {
      world.go()
      await world.make(id, data as Record<string, string>, { fails: reason })
      await failed(world, id)
    },
    failNext: async (reason) => {
      const pod = await vi.waitFor(async () => {
        const found = (await podsOf()).find(({ status }) => status.phase === 'Pending')
        expect(found).toBeDefined()
        return found!
      }, waiting)
      const annotations = { 'sandbox.firebreak.dev/exit-code': '1', 'sandbox.firebreak.dev/log': reason, 'sandbox.firebreak.dev/run-seconds': '0.1' } // prettier-ignore
      await world.operator('PATCH', `/api/v1/namespaces/prod/pods/${pod.metadata.name}`, { metadata: { annotations } }, 'application/merge-patch+json') // prettier-ignore
      world.go()
      const [job] = [pod.metadata.labels['job-name']!.replace(/-again-\d+$/, '')]
      await failed(world, job)
      return Object.fromEntries((pod.spec.containers[0]!.env ?? []).map(({ name, value }) => [name, value]))
    },
    takeDown: async () => world.sandbox.break('unavailable'),
    close: async () => {},
  }
})

describe('a Job that is made anew', () => {
  test('is named after the first, says whose it is, and belongs to the same CronJob', async () => {
    const world = await opened()
    await world.make('import-7', { KEY: 'wrong', MORE: 'x' }, { fails: 'NoSuchKey: wrong' })
    await failed(world, 'import-7')
    await world.hands.retry('imports', 'import-7', { KEY: 'right', MORE: 'x' })
    const made = (await world.operator('GET', `${JOBS}/import-7-again-1`)) as unknown as {
      metadata: { labels: Record<string, string>; annotations: object; ownerReferences: object[] }
      spec: { template: { spec: { containers: { env: object[] }[] } } }
    }
    expect(made.metadata).toMatchObject({
      labels: { app: 'import', 'firebreak.dev/attempt-of': 'import-7', 'firebreak.dev/attempt': '1' },
      annotations: { 'cronjob.kubernetes.io/instantiate': 'manual' },
      ownerReferences: [{ kind: 'CronJob', name: 'import' }],
    })
    expect(made.spec.template.spec.containers[0]!.env).toEqual([{ name: 'KEY', value: 'right' }, { name: 'MORE', value: 'x' }]) // prettier-ignore
    // The pods of the first are not those of the second.
    await failed(world, 'import-7', 1)
    expect(await world.reader.failedJob('imports', 'import-7')).toMatchObject({ name: 'import-7-again-1', attempts: 2 })
    await world.hands.retry('imports', 'import-7')
    expect(await world.operator('GET', `${JOBS}/import-7-again-2`)).toBeDefined()
  })

  test('is made once: of two who ask at the same time one is told that it is there, and a lost answer is found', async () => {
    const world = await opened()
    world.go()
    await world.make('import-8', { KEY: 'a' }, { fails: 'no' })
    await failed(world, 'import-8')
    world.hold()
    const both = await Promise.allSettled([world.hands.retry('imports', 'import-8'), world.hands.retry('imports', 'import-8')]) // prettier-ignore
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { kind: 'conflict' } })

    world.go()
    await failed(world, 'import-8', 1)
    world.hold()
    world.sandbox.break('hang')
    await expect(world.hands.retry('imports', 'import-8')).rejects.toMatchObject({ kind: 'timeout' })
    expect(await world.reader.stateOf('imports', 'import-8')).toBe('waiting')
  })
})

test('why a Job failed is what its newest pod said, and what the others said stands behind it', async () => {
  const world = await opened()
  const log = 'reading\nTraceback (most recent call last):\n  File "a.py", line 3\nKeyError: invoice\nbye'
  await world.make('import-9', { KEY: 'a' }, { fails: log, after: 1 })
  await failed(world, 'import-9')
  const found = (await world.reader.failedJob('imports', 'import-9'))!
  expect(found).toMatchObject({ reason: 'KeyError: invoice', earlier: ['KeyError: invoice'], attempts: 2 })
  expect(found.log.slice(-3)).toEqual(['  File "a.py", line 3', 'KeyError: invoice', 'bye'])
})

test('a Job whose pods are gone says what the controller says, and that its log is gone', async () => {
  const world = await opened()
  await world.make('import-10', { KEY: 'a' }, { fails: 'no' })
  await failed(world, 'import-10')
  await world.operator('DELETE', '/api/v1/namespaces/prod/pods?labelSelector=job-name')
  expect(await world.reader.failedJob('imports', 'import-10')).toMatchObject({
    reason: 'BackoffLimitExceeded: Job has reached the specified backoff limit',
    log: ['its pods are gone, and their logs with them'],
  })
})

test('a queue is what the house says: Jobs of others are not listed, not read and not touched', async () => {
  const world = await opened({ namespace: 'prod', labels: { app: 'import', team: 'archive' } })
  await world.make('import-11', { KEY: 'a' }, { fails: 'no' })
  await vi.waitFor(async () => {
    const { status } = (await world.operator('GET', `${JOBS}/import-11`)) as unknown as { status: { failed?: number } }
    expect(status.failed).toBe(1)
  }, waiting)
  expect(await world.reader.counts('imports')).toMatchObject({ failed: 0 })
  expect(await world.reader.failedJob('imports', 'import-11')).toBeUndefined()
  await expect(world.hands.retry('imports', 'import-11')).rejects.toMatchObject({ kind: 'not-found' })
  await expect(world.reader.counts('elsewhere')).rejects.toMatchObject({ kind: 'not-found' })
  await expect(world.reader.stateOf('imports', '../pods/x')).rejects.toMatchObject({ kind: 'invalid' })
  await expect(world.hands.submit('imports', { id: 'x', name: 'x', data: {} })).rejects.toMatchObject({
    kind: 'invalid',
    message: expect.stringContaining('cron_job') as string,
  })
})
