import type { Plan } from '@firebreak/flow'
import type pg from 'pg'

/** One run with one step for each writer of the bench, put in place around the rules: what is measured is what comes after. */
export const runId = (writer: number) => `run_bench_${writer}`
export const stepId = (writer: number) => `stp_bench_${writer}`
const planId = (writer: number) => `pln_bench_${writer}`

const DIGEST = `sha256:${'0'.repeat(64)}`

/** As much of a plan as an entry of its run carries. */
export const PLAN = {
  recipe_id: 'scale-api',
  recipe_version: 1,
  recipe_digest: DIGEST,
  digest: DIGEST,
} satisfies Partial<Plan>

const TABLES = ['request', 'plan', 'run', 'step']

export async function putSteps(superuser: pg.Client, writers: number): Promise<void> {
  for (const table of TABLES) await superuser.query(`alter table flow.${table} disable trigger user`)
  for (let writer = 0; writer < writers; writer++) {
    // A target is one run's at a time, so each has its own.
    const args = { deployment: `prod/api-${writer}`, uid: '1', from: 2, to: 5 }
    await superuser.query(
      `insert into flow.request (id, kind, subject, body, "by", reason, at) values ($1, 'plan', 'scale-api', '{}', 'bench', '', now())`,
      [planId(writer)],
    )
    await superuser.query(
      `insert into flow.plan (id, state, recipe_id, recipe_version, recipe_digest, requested_by, body, digest, tier, quorum, made_at, expires_at)
       values ($1, 'used', 'scale-api', 1, $2, 'bench', '{}', $2, 'T1', 1, now(), now())`,
      [planId(writer), DIGEST],
    )
    await superuser.query(
      `insert into flow.run (id, plan_id, plan_digest, recipe_id, state, started_at) values ($1, $2, $3, 'scale-api', 'running', now())`,
      [runId(writer), planId(writer), DIGEST],
    )
    await superuser.query(
      `insert into flow.step (id, run_id, number, verb, args, state, attempt, fence) values ($1, $2, 1, 'scale-deployment', $3, 'intended', 0, 1)`,
      [stepId(writer), runId(writer), JSON.stringify(args)],
    )
    await superuser.query(
      `insert into flow.tenure (id, holder, fence, until) values ($1, 'bench', 1, now() + interval '1 day')`,
      [runId(writer)],
    )
  }
  for (const table of TABLES) await superuser.query(`alter table flow.${table} enable trigger user`)
  // `enable trigger` makes plain ones of those that were ENABLE ALWAYS; for a session as ours they fire alike.
}
