import { decodeEntry } from '@firebreak/audit-log'
import type { Loan, Plan, Run, RunStep } from '@firebreak/flow'
import type pg from 'pg'
import { judgeJournals, type RunLine } from '../crash/journals.js'
import type { Judged } from '../crash/verdict.js'
import type { Arena } from './arena.js'
import { judgeChaos, type OwnedLine } from './verdict.js'

/** Reads what workers, people and the watched cluster left behind, as the superuser, and judges it. */
export async function judgeArena(client: pg.Client, { crew, cluster }: Arena): Promise<Judged[]> {
  const rows = async <Row>(sql: string) => (await client.query(sql)).rows as Row[]
  const runs = await rows<Run>('select id, plan_id, state, ended_at, because from flow.run')
  const steps = await rows<RunStep>('select id, run_id, number, state, args from flow.step')
  const loans = await rows<Loan>('select id, run_id, step_id, state from flow.loan')
  const [locked] = await rows<{ count: number }>('select count(*)::int as count from flow.target_lock')
  const lines = (
    await rows<RunLine & { body: Buffer }>(
      `select stream_id as stream, type, about, body from audit.entry where stream_id like 'run:%' order by stream_id, stream_seq`,
    )
  ).map(({ body, ...line }): RunLine & OwnedLine => ({ ...line, actor: decodeEntry(body).actor.id }))
  return [
    ...judgeChaos({
      approved: crew.approved,
      plans: await rows<Plan>('select id, state, because from flow.plan'),
      runs,
      steps,
      loans,
      changes: cluster.changes,
      lines,
    }),
    ...judgeJournals({ runs, steps, loans, locks: locked!.count, lines, effects: cluster.changes.length }),
  ]
}
