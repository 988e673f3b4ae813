import {
  Refused,
  whyNotAnswer,
  whyNotCancel,
  whyNotRevert,
  wordsOf,
  type PlanBody,
  type Run,
  type RunStep,
  type StepState,
} from '@firebreak/flow'
import type { Recipe } from '@firebreak/kit'
import type { DataSource } from 'typeorm'
import type { z } from 'zod'
import { pageOf } from '../http/reading.js'
import { mayNow } from '../http/rights.js'
import { select } from '../http/select.js'
import type { Caller } from '../people/callers.js'
import type { RunQuery } from './runs.schema.js'

type Row = Run & {
  plan_body: PlanBody
  loans: string[]
  loans_out: string[]
  cancel_asked: boolean
  answer_waits: boolean
  reverted_by: string[]
  open_revert: string | null
}

const RUN = `
  select r.*, p.body as plan_body, array(select l.id from flow.loan l where l.run_id = r.id order by l.id) as loans,
    array(select l.id from flow.loan l where l.run_id = r.id and l.state <> 'returned' order by l.id) as loans_out,
    array(select q.id from flow.request q where q.kind = 'plan' and q.body ->> 'reverts' = r.id order by q.id) as reverted_by,
    (select q.id from flow.request q left join flow.plan b on b.id = q.id
      where q.kind = 'plan' and q.body ->> 'reverts' = r.id and coalesce(b.state, 'proposed') = 'proposed'
        and not exists (select from flow.request c where c.kind = 'cancel' and c.subject = q.id)
      order by q.id limit 1) as open_revert,
    exists (select from flow.request q where q.kind = 'cancel' and q.subject = r.id) as cancel_asked,
    exists (select from flow.request q where q.kind = 'resolve-unknown' and q.subject = r.id
      and (r.answered is null or q.id > r.answered)) as answer_waits
  from flow.run r join flow.plan p on p.id = r.plan_id`

/** Runs with their journal. The sentences are the plan's: a screen shows the words that were approved. */
export class RunsReadModel {
  constructor(
    private readonly source: DataSource,
    private readonly recipes: ReadonlyMap<string, Recipe>,
  ) {}

  async page({ state, recipe, incident, plan, limit, after }: z.infer<typeof RunQuery>, by: Caller) {
    const rows = await select<Row>(
      this.source,
      `${RUN} where ($1::text is null or r.incident_id = $1) and ($2::text is null or r.plan_id = $2)
         and ($3::text is null or r.state = $3) and ($4::text is null or r.recipe_id = $4)
         and ($5::text is null or r.id < $5) order by r.id desc limit $6`,
      [incident ?? null, plan ?? null, state ?? null, recipe ?? null, after ?? null, limit + 1],
    )
    const { items, next } = pageOf(rows, limit)
    return { items: await this.views(items, by), next }
  }

  async one(id: string, by: Caller) {
    const [view] = await this.views(await select<Row>(this.source, `${RUN} where r.id = $1`, [id]), by)
    if (!view) throw new Refused('not-found', `There is no run ${id}.`)
    return view
  }

  private async views(runs: Row[], by: Caller) {
    const steps = await select<RunStep>(
      this.source,
      'select * from flow.step where run_id = any($1) order by run_id, number',
      [runs.map(({ id }) => id)],
    )
    const items = await this.items(steps.filter((step) => step.items !== null).map(({ id }) => id))
    const stepsOf = (run: Row) => steps.filter(({ run_id }) => run_id === run.id)
    return runs.map((run) => ({
      id: run.id,
      plan: run.plan_id,
      plan_digest: run.plan_digest,
      standing: run.standing,
      incident: run.incident_id,
      recipe: { id: run.recipe_id, title: this.titleOf(run) },
      state: run.state,
      because: run.because,
      verify: run.plan_body.verify,
      started_at: run.started_at,
      verifying_at: run.verifying_at,
      goes_on_at: run.goes_on_at,
      ended_at: run.ended_at,
      steps: stepsOf(run).map((step) => stepView(step, run.plan_body, items.get(step.id))),
      loans: run.loans,
      reverts: run.plan_body.reverts ?? null,
      reverted_by: run.reverted_by,
      may: {
        cancel: mayNow('run.cancel', by, whyNotCancel(run, run.cancel_asked)),
        resolve: mayNow('run.resolve', by, whyNotAnswer(run, run.answer_waits)),
        revert: mayNow(
          'plan.request',
          by,
          whyNotRevert(run, stepsOf(run), run.loans_out, run.open_revert ?? undefined),
        ),
      },
    }))
  }

  private titleOf({ plan_body: { reverts }, recipe_id }: Row): string {
    const recipe = this.recipes.get(recipe_id)
    return recipe ? wordsOf(recipe, reverts).title : recipe_id
  }

  private async items(steps: string[]): Promise<Map<string, Items>> {
    if (steps.length === 0) return new Map()
    const counted = await select<{ step_id: string; states: Items['states']; named: Items['named'] | null }>(
      this.source,
      `select step_id, jsonb_object_agg(state, n) as states,
         (select jsonb_agg(jsonb_build_object('number', i.number, 'state', i.state, 'because', i.because) order by i.number)
          from (select * from flow.step_item i where i.step_id = c.step_id and i.state in ('failed', 'unknown', 'kept')
                order by i.number limit ${NAMED}) i) as named
       from (select step_id, state, count(*)::int as n from flow.step_item where step_id = any($1) group by 1, 2) c
       group by step_id`,
      [steps],
    )
    return new Map(counted.map(({ step_id, states, named }) => [step_id, { states, named: named ?? [] }]))
  }
}

/** How many more items of a step a person would read. */
const NAMED = 50

interface Items {
  states: Partial<Record<StepState, number>>
  named: { number: number; state: 'failed' | 'unknown' | 'kept'; because: string | null }[]
}

/** Steps count from 1. */
function stepView(step: RunStep, { steps }: PlanBody, items: Items | undefined) {
  const planned = steps[step.number - 1]
  const { id, number, verb, state, attempt, intended_at, ended_at, before, after, because } = step
  const undo_says = planned && 'says' in planned.undo ? planned.undo.says : null
  return {
    ...{ id, number, verb, state, attempt, intended_at, ended_at, before, after, because },
    says: planned?.says ?? verb,
    undo_says,
    targets: planned?.targets ?? [],
    items: step.items === null ? null : { count: step.items, ...(items ?? { states: {}, named: [] }) },
  }
}
