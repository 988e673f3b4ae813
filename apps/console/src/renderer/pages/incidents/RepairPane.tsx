import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { incidentQuery } from '../../api/incidents.js'
import { planQuery, requestPlan } from '../../api/plans.js'
import { runQuery } from '../../api/runs.js'
import type { Incident, Plan } from '../../api/view.js'
import { Loaded, Pane } from '../../ui/Pane.js'
import { ProblemNote } from '../../ui/ProblemNote.js'
import { BreakGlassNote } from '../plans/BreakGlassNote.js'
import { Decide } from '../plans/Decide.js'
import { PlanView } from '../plans/PlanView.js'
import { placeOf, planState, tiers } from '../plans/words.js'
import { RunPane } from '../runs/RunPane.js'
import css from './RepairPane.module.css'
import { place } from './words.js'

/** What to do about it: the newest plan, and once it is carried out, its run. */
export function RepairPane({ incident }: { incident: Incident }) {
  const newest = incident.plans[0]
  if (newest === undefined) return <NoPlan incident={incident} />
  return <Newest key={newest} incident={incident} id={newest} />
}

function Newest({ incident, id }: { incident: Incident; id: string }) {
  const query = useQuery(planQuery(id))
  const plan = query.data
  const run = useQuery({ ...runQuery(plan?.run ?? ''), enabled: typeof plan?.run === 'string' })
  if (plan?.run)
    return (
      <div className={css.stack}>
        <RunPane id={plan.run} where={`in ${place(incident)}`} />
        <BreakGlassNote plan={plan} />
        {isActive(incident) && run.data && run.data.ended_at !== null ? (
          <PlanAgain plan={plan} incident={incident} />
        ) : null}
        <Pane title="The plan that is carried out">
          <details>
            <summary>{plan.recipe.title}</summary>
            <PlanView plan={plan} />
          </details>
        </Pane>
      </div>
    )
  return (
    <Pane
      title="Plan"
      head={
        plan ? (
          <>
            <b>{planState[plan.state]}</b>
            {plan.body ? <span className={css.tier}>{tiers[plan.body.approval.tier]}</span> : null}
          </>
        ) : null
      }
    >
      <Loaded query={query} what="the plan" rows={8}>
        {(plan) => (
          <>
            {plan.because === null ? null : (
              <p className={css.because}>
                <b>No repair is proposed.</b> {plan.because}
              </p>
            )}
            {plan.state === 'requested' ? <p>The worker is looking at the systems, and makes it.</p> : null}
            <BreakGlassNote plan={plan} />
            <PlanView plan={plan}>
              <Decide plan={plan} place={placeOf(plan, incident)} />
            </PlanView>
            {over.has(plan.state) ? <PlanAgain plan={plan} incident={incident} /> : null}
          </>
        )}
      </Loaded>
    </Pane>
  )
}

const over: ReadonlySet<Plan['state']> = new Set(['stopped', 'failed', 'refused', 'stale', 'expired', 'cancelled'])

const isActive = ({ state }: Incident) => state === 'open' || state === 'acknowledged'

/** Planning only reads, so it takes one press. */
function PlanAgain({ plan, incident }: { plan: Plan; incident: Incident }) {
  const queries = useQueryClient()
  const again = useMutation({
    mutationFn: () => requestPlan({ recipe: plan.recipe.id, incident: incident.id }, crypto.randomUUID()),
    onSuccess: () => queries.invalidateQueries({ queryKey: incidentQuery(incident.id).queryKey }),
  })
  const { ok, reason } = incident.may.plan
  return (
    <div className={css.again}>
      {again.error ? <ProblemNote error={again.error} what="No new plan was asked for" /> : null}
      <Button
        variant="default"
        data-disabled={!ok}
        aria-disabled={!ok}
        loading={again.isPending}
        onClick={() => ok && again.mutate()}
      >
        Plan it again
      </Button>
      {ok ? null : <p className={css.reason}>{reason}</p>}
    </div>
  )
}

function NoPlan({ incident }: { incident: Incident }) {
  return (
    <Pane title="Plan">
      <p className={css.because}>
        <b>No recipe is suggested</b> for incidents of class {incident.class}.
      </p>
      <p>
        What to do by hand stands in the runbook: <code>runbook/{incident.class}.md</code>
      </p>
    </Pane>
  )
}
