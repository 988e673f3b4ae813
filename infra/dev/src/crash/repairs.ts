import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { recipes } from '@firebreak/catalog'
import {
  Approvals,
  entry,
  Interventions,
  LoanRequests,
  Plans,
  processActor,
  queues,
  Refused,
  Scopes,
  time,
  type Actor,
  type Loan,
  type Plan,
  type QueueName,
  type Run,
  type World,
} from '@firebreak/flow'
import { BullDoorbell, queueKey, queueOptions } from '@firebreak/queue'
import { startSandbox, type Sandbox } from '@firebreak/sandbox'
import { openStore, PostgresLedger } from '@firebreak/store'
import Queue from 'bull'
import { randomUUIDv7 } from 'node:crypto'
import { temporaryRedis } from '../redis.js'
import { ROOT } from '../root.js'
import type { Database } from './database.js'
import { PATIENCE } from './moments.js'
import { Victim } from './victim.js'

/** Real repairs, one after the other, for as long as the suite lasts: built workers carry out what an on-call person approves. */
export interface Repairs {
  workers: Victim[]
  sandbox: Sandbox
  /** Lets the repair that is under way come to its end, and stops the workers. */
  finish(): Promise<void>
  stop(): Promise<void>
}

const OVER: readonly Run['state'][] = ['succeeded', 'undone', 'cancelled', 'stale']

export async function startRepairs(database: Database, folder: string, speed = 20): Promise<Repairs> {
  const logs = join(folder, 'logs')
  const [redis, sandbox] = await Promise.all([temporaryRedis(), startSandbox({ dir: join(folder, 'sandbox'), speed })])
  const source = await openStore(database.url('fb_api'), {
    applicationName: 'the part of the api',
    poolSize: 3,
  }).initialize()
  const ledger = new PostgresLedger(source, { now: () => new Date() })
  const world: World = {
    ledger,
    now: () => new Date(),
    newId: (prefix) => `${prefix}_${randomUUIDv7()}`,
    scopes: new Scopes([], []),
  }
  const bells = queues.map((queue): [QueueName, Queue.Queue] => {
    const bell = new Queue(queueKey(queue), queueOptions(redis.url))
    bell.on('error', () => undefined)
    return [queue, bell]
  })
  const doorbell = new BullDoorbell(new Map(bells), () => undefined)
  const [plans, approvals, requests, interventions] = [
    new Plans(world, recipes, doorbell),
    new Approvals(world, doorbell),
    new LoanRequests(world, doorbell),
    new Interventions(world, doorbell),
  ]
  const hannah: Actor = { kind: 'person', id: 'hannah', auth: 'session', roles: ['sre'] }
  await ledger.write(async (books) => {
    const [stream, api] = ['person:hannah', processActor('api')]
    const grant = { id: world.newId('rol'), person_id: 'hannah', role: 'sre' as const, since: time(world.now()) }
    await books.lock({ stream: [stream] })
    await books.people.add({ id: 'hannah', kind: 'person', name: 'Hannah' })
    await books.roleGrants.add(grant)
    const { person_id, role, since } = grant
    books.audit.append(
      entry(api, stream, 'person.added', stream, { outcome: 'ok', detail: { person_id } }),
      entry(api, stream, 'role.granted', `role_grant:${grant.id}`, {
        outcome: 'ok',
        detail: { person_id, role, since },
      }),
    )
  })
  const workers = [1, 2].map(
    (number) =>
      new Victim(
        {
          name: `worker-${number}`,
          args: ['apps/worker/dist/main.js'],
          env: {
            DATABASE_URL: database.url('fb_worker'),
            REDIS_URL: redis.url,
            FIREBREAK_CONFIG: join(ROOT, 'firebreak.yaml'),
            FIREBREAK_BLOBS: join(folder, 'blobs'),
            KUBECONFIG_READER: sandbox.kubeconfigs.reader,
            KUBECONFIG_HANDS: sandbox.kubeconfigs.hands,
            PROMETHEUS_URL: `${sandbox.url}/prometheus`,
            FIREBREAK_TENURE_S: String(PATIENCE.tenureS),
            FIREBREAK_SWEEP_MS: '300',
          },
        },
        logs,
      ),
  )
  await Promise.all(workers.map((worker) => worker.start()))

  let finishing = false
  const repairing = repairOnEnd()
  repairing.catch(() => undefined)
  return {
    workers,
    sandbox,
    async finish() {
      finishing = true
      try {
        await repairing
      } finally {
        await Promise.all(workers.map((worker) => worker.stop()))
      }
    },
    async stop() {
      finishing = true
      await Promise.all(workers.map((worker) => worker.stop()))
      await Promise.all(bells.map(([, bell]) => bell.close(true).catch(() => undefined)))
      await source.destroy().catch(() => undefined)
      await sandbox.stop()
      await redis.stop()
    },
  }

  async function repairOnEnd(): Promise<void> {
    while (!finishing) {
      sandbox.break('slow')
      await seen('the sandbox to be slow', async () => sandbox.state().p95_ms > 600 || undefined)
      const plan = await planned()
      if (plan.state !== 'proposed' || !plan.digest) continue
      await throughCrashes(() => approvals.decide(hannah, plan.id, { digest: plan.digest!, decision: 'yes', note: '' }))
      await seen('the run to end', async () => {
        const [run] = await ledger.read((books) => books.runs.where({ plan_id: plan.id }))
        const used = await ledger.read((books) => books.plans.get(plan.id))
        // A plan that no longer fits what is there is put aside instead of carried out.
        if (!run) return used && used.state !== 'proposed' && used.state !== 'used' ? true : undefined
        if (run.state === 'needs-a-person') await lookAgain(run)
        return OVER.includes(run.state) || run.ended_at !== null || undefined
      })
      sandbox.mend('slow')
      const out = await throughCrashes(() => ledger.read((books) => books.loans.where({ state: OUT })))
      // What was borrowed last is given back first.
      for (const loan of out.sort((a, b) => (a.out_at < b.out_at ? 1 : -1))) await giveBack(loan)
    }
    sandbox.mend('slow')
  }

  /** What could not be told in the middle of a crash can be told now, as a person would see. */
  async function lookAgain({ id }: Run): Promise<void> {
    await interventions.answer(hannah, id, { verdict: 'look-again' }, 'the crash is over').catch(unlessRefused)
    await sleep(500)
  }

  async function planned(): Promise<Plan> {
    const wish = { recipe: 'scale-api', params: {}, labels: { service: 'api' }, reason: 'the crash suite' }
    // Asked for twice when the answer to the first was lost in a crash: the other plan expires.
    const { id } = await throughCrashes(() => plans.request(hannah, wish))
    return seen('a plan', () => ledger.read((books) => books.plans.get(id)))
  }

  async function giveBack({ id }: Loan): Promise<void> {
    await seen('the loan to come back', async () => {
      const loan = await ledger.read((books) => books.loans.get(id))
      if (loan?.state === 'returned') return true
      // One that could not be given back is asked for again, as a person would.
      if (loan?.state === 'overdue' || loan?.state === 'out')
        await requests.askReturn(hannah, id, 'It is over').catch(unlessRefused)
      await sleep(500)
      throw new Error(`the loan is ${loan?.state}: ${loan?.because ?? 'no reason'}`)
    })
  }
}

/** Somebody was faster: the next look will show it. */
const unlessRefused = (error: unknown) => {
  if (!(error instanceof Refused)) throw error
}

const OUT: Loan['state'][] = ['out', 'returning', 'overdue']

/** Whoever looks through a crash sees nothing for a while, and looks again. */
async function seen<T>(what: string, look: () => Promise<T | undefined>, patienceMs = 120_000): Promise<T> {
  const deadline = performance.now() + patienceMs
  let last: unknown
  for (;;) {
    const found = await look().catch((error: unknown) => void (last = error))
    if (found !== undefined) return found
    if (performance.now() > deadline)
      throw new Error(
        `waited ${patienceMs / 1_000} s for ${what}${last instanceof Error ? `; last: ${last.message}` : ''}`,
      )
    await sleep(60)
  }
}

/** Tries until it does not break on a connection. What was refused stays refused. */
function throughCrashes<T>(work: () => Promise<T>): Promise<T> {
  let refused: unknown
  return seen('Postgres', async () => {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      refused = error
      return refusedMark as T
    }
  }).then((found) => {
    if (found === refusedMark) throw refused
    return found
  })
}

const refusedMark: unknown = Symbol('refused')
