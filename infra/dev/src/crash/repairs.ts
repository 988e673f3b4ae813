import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { recipes } from '@firebreak/catalog'
import type { Loan, Plan, Run } from '@firebreak/flow'
import { startSandbox, type Sandbox } from '@firebreak/sandbox'
import { sandboxTargets } from '../sandbox-targets.js'
import { temporaryRedis } from '../redis.js'
import { ROOT } from '../root.js'
import type { Database } from './database.js'
import { openOffice } from './office.js'
import { seen, throughCrashes, unlessRefused } from './patience.js'
import type { Victim } from './victim.js'
import { workerVictims } from './workers.js'

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
  const [redis, sandbox] = await Promise.all([temporaryRedis(), startSandbox({ dir: join(folder, 'sandbox'), speed })])
  const office = await openOffice(database, redis.url, recipes)
  const { approvals, hannah, interventions, ledger, loans, plans } = office
  const workers = workerVictims(2, folder, {
    DATABASE_URL: database.url('fb_worker'),
    REDIS_URL: redis.url,
    FIREBREAK_CONFIG: join(ROOT, 'firebreak.yaml'),
    ...sandboxTargets(sandbox.url, join(folder, 'sandbox')),
  })
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
      await office.close()
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
        await loans.askReturn(hannah, id, 'It is over').catch(unlessRefused)
      await sleep(500)
      throw new Error(`the loan is ${loan?.state}: ${loan?.because ?? 'no reason'}`)
    })
  }
}

const OUT: Loan['state'][] = ['out', 'returning', 'overdue']
