import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { sandboxTargets, temporaryRedis } from '@firebreak/dev'
import { recipes } from '@firebreak/catalog'
import {
  Approvals,
  entry,
  Plans,
  processActor,
  queues,
  type Actor,
  type Plan,
  type QueueName,
  type World,
  noLimits,
  Scopes,
} from '@firebreak/flow'
import { BullDoorbell, queueKey, queueOptions } from '@firebreak/queue'
import { startSandbox } from '@firebreak/sandbox'
import { openStore, newUuid, PostgresLedger } from '@firebreak/store'
import { freshDatabase } from '@firebreak/store/testing'
import Queue from 'bull'

export const ROOT = resolve(import.meta.dirname, '../../..')

/** A worker as it runs in earnest: the built program, a process of its own. */
export interface WorkerProcess {
  child: ChildProcess
  log: () => string
  /** Ends it the hard way. */
  kill(): Promise<void>
  /** Asks it to stop; answers what ended it: Nest raises the signal again when everything is closed. */
  stop(): Promise<string | number | null>
}

/** Real Postgres, real Redis, the sandbox at twenty times the speed of the clock, and the API's part played by its own domain code. */
export async function makeStage() {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-worker-'))
  const [database, redis, sandbox] = await Promise.all([
    freshDatabase(),
    temporaryRedis(),
    startSandbox({ dir: join(folder, 'sandbox'), speed: 20 }),
  ])
  const source = await openStore(database.url('fb_api'), { applicationName: 'the part of the api' }).initialize()
  const ledger = new PostgresLedger(source, { now: () => new Date() })
  const world: World = {
    ledger,
    now: () => new Date(),
    newId: (prefix) => `${prefix}_${newUuid()}`,
    scopes: new Scopes([], []),
    limits: noLimits,
  }
  const bells = queues.map((queue): [QueueName, Queue.Queue] => {
    const bell = new Queue(queueKey(queue), queueOptions(redis.url))
    bell.on('error', () => undefined)
    return [queue, bell]
  })
  const doorbell = new BullDoorbell(new Map(bells), () => undefined)
  const hannah: Actor = { kind: 'person', id: 'hannah', auth: 'session', roles: ['sre'] }
  await ledger.write(async (books) => {
    await books.lock({ stream: ['person:hannah'] })
    await books.people.add({ id: 'hannah', kind: 'person', name: 'Hannah', issuer: null, subject: null })
    await books.roleGrants.add({
      id: 'rol_hannah',
      person_id: 'hannah',
      role: 'sre',
      since: '2026-01-01T00:00:00.000Z',
    })
    const detail = { person_id: 'hannah' }
    books.audit.append(
      entry(processActor('api'), 'person:hannah', 'person.added', 'person:hannah', { detail }),
      entry(processActor('api'), 'person:hannah', 'role.granted', 'role_grant:rol_hannah', {
        detail: { ...detail, role: 'sre', since: '2026-01-01T00:00:00.000Z' },
      }),
    )
  })
  const plans = new Plans(world, recipes, doorbell)
  const approvals = new Approvals(world, doorbell)
  const workers: WorkerProcess[] = []

  async function startWorker(env: Record<string, string> = {}): Promise<WorkerProcess> {
    const child = spawn(process.execPath, [join(ROOT, 'apps/worker/dist/main.js')], {
      cwd: ROOT,
      env: {
        PATH: process.env['PATH'],
        DATABASE_URL: database.url('fb_worker'),
        REDIS_URL: redis.url,
        FIREBREAK_CONFIG: join(ROOT, 'firebreak.yaml'),
        FIREBREAK_BLOBS: join(folder, 'blobs'),
        ...sandboxTargets(sandbox.url, join(folder, 'sandbox')),
        FIREBREAK_TENURE_S: '2',
        FIREBREAK_SWEEP_MS: '300',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    let log = ''
    child.stdout!.on('data', (chunk: Buffer) => (log += chunk.toString()))
    child.stderr!.on('data', (chunk: Buffer) => (log += chunk.toString()))
    const exited = once(child, 'exit')
    const worker: WorkerProcess = {
      child,
      log: () => log,
      kill: async () => {
        child.kill('SIGKILL')
        await exited
      },
      stop: async () => {
        child.kill('SIGTERM')
        const [code, signal] = (await exited) as [number | null, string | null]
        return signal ?? code
      },
    }
    workers.push(worker)
    const failed = exited.then(() => {
      throw new Error(`the worker ended before it was ready:\n${log}`)
    })
    failed.catch(() => undefined)
    await Promise.race([once(child, 'message'), failed])
    return worker
  }

  return {
    folder,
    database,
    redis,
    sandbox,
    ledger,
    source,
    plans,
    approvals,
    hannah,
    startWorker,
    /** Makes the sandbox slow and waits until its monitor would say so. */
    async makeSlow(): Promise<void> {
      sandbox.break('slow')
      await until('the sandbox to be slow', async () => sandbox.state().p95_ms > 600 || undefined)
    },
    /** Changes of the world that took effect, as the cluster counted them. */
    scalings: () => sandbox.effects().filter(({ effect }) => effect),
    async planned(): Promise<Plan> {
      const request = await plans.request(hannah, {
        recipe: 'scale-api',
        params: {},
        labels: { service: 'api' },
        reason: 'a test',
      })
      return until('a plan', () => ledger.read((books) => books.plans.get(request.id)))
    },
    runOf: (plan: string) =>
      ledger.read(async (books) => {
        const [run] = await books.runs.where({ plan_id: plan })
        return (
          run && {
            ...run,
            steps: await books.steps.where({ run_id: run.id }),
            loans: await books.loans.where({ run_id: run.id }),
          }
        )
      }),
    async stop(): Promise<void> {
      for (const worker of workers)
        if (worker.child.exitCode === null && worker.child.signalCode === null) await worker.kill()
      await Promise.all(bells.map(([, bell]) => bell.close(true).catch(() => undefined)))
      await source.destroy()
      await sandbox.stop()
      await redis.stop()
      await database.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Looks until there is something to see. */
export async function until<T>(what: string, look: () => Promise<T | undefined>, patienceMs = 30_000): Promise<T> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`waited ${patienceMs} ms for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
