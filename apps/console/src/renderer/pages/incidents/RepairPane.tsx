import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { incidentQuery } from '../../api/incidents.js'
import { planQuery, requestPlan } from '../../api/plans.js'
import { runQuery } from '../../api/runs.js'
import type { Incident, Plan } from '../../api/view.js'
import { paths } from '../../paths.js'
import { announce } from '../../ui/announce.js'
import { ariaKeys, shown, useKeys } from '../../ui/keys.js'
import { useHeard } from '../../ui/live.js'
import { Loaded, Pane } from '../../ui/Pane.js'
import { ProblemNote } from '../../ui/ProblemNote.js'
import { BreakGlassNote } from '../plans/BreakGlassNote.js'
import { Decide } from '../plans/Decide.js'
import { PlanView } from '../plans/PlanView.js'
import { placeOf, planState, tiers } from '../plans/words.js'
import { RunPane } from '../runs/RunPane.js'
import { needsForm, type Offer } from './offers.js'
import css from './RepairPane.module.css'
import { isOver, place } from './words.js'

/** What is done about it by one of the suggestions: its plan, once it is carried out its run, and how it is asked for. */
export function RepairPane({ incident, offer }: { incident: Incident; offer: Offer }) {
  const { id, plan, earlier } = offer
  return (
    <div className={css.stack} id="plan" tabIndex={-1}>
      {plan === null ? <NotPlanned incident={incident} offer={offer} /> : <Planned incident={incident} id={plan.id} />}
      <Inputs id={id} incident={incident.id} params={plan?.body?.params ?? {}} />
      {earlier.length === 0 ? null : (
        <p className={css.earlier}>
          Earlier:{' '}
          {earlier.slice(0, 5).map((one, at) => (
            <span key={one.id}>
              {at > 0 ? ' · ' : ''}
              <Link to={paths.plan} params={{ id: one.id }}>
                {planState[one.state]}
              </Link>
            </span>
          ))}
          {earlier.length > 5 ? `, and ${earlier.length - 5} more` : ''}
        </p>
      )}
    </div>
  )
}

/** Nobody has asked it for a plan for this incident. Planning only reads, so it takes one press. */
function NotPlanned({ incident, offer: { id, title, recipe } }: { incident: Incident; offer: Offer }) {
  return (
    <Pane title="Plan">
      <h3 className={css.title}>{title}</h3>
      {recipe ? (
        <p className={css.meaning}>
          {recipe.meaning} <span className={css.reason}>{recipe.impact}</span>
        </p>
      ) : null}
      <p>
        <b>No plan yet.</b> Asking for one only reads: the worker looks at the systems, and says what it would do.
      </p>
      {recipe && needsForm(recipe) ? (
        <Link to={paths.recipe} params={{ id }} search={{ incident: incident.id }}>
          Say what it should do, and ask for the plan
        </Link>
      ) : (
        <PlanAgain recipe={id} incident={incident} label="Ask for the plan" />
      )}
    </Pane>
  )
}

function Planned({ incident, id }: { incident: Incident; id: string }) {
  const query = useQuery(planQuery(id))
  const plan = query.data
  const before = useRef(plan)
  useEffect(() => {
    // The button that was pressed is gone with its plan: whoever pressed it sees the run from its beginning.
    if (before.current?.run === null && typeof plan?.run === 'string' && document.activeElement === document.body)
      toPlan()
    before.current = plan
  }, [plan])
  const run = useQuery({ ...runQuery(plan?.run ?? ''), enabled: typeof plan?.run === 'string' })
  if (plan?.run)
    return (
      <>
        <RunPane id={plan.run} where={`in ${place(incident)}`} />
        <BreakGlassNote plan={plan} />
        {!isOver(incident) && run.data && run.data.ended_at !== null ? (
          <PlanAgain recipe={plan.recipe.id} incident={incident} />
        ) : null}
        <Pane title="The plan that is carried out">
          <details>
            <summary>{plan.recipe.title}</summary>
            <PlanView plan={plan} />
          </details>
        </Pane>
      </>
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
            {plan.state === 'requested' ? (
              <p role="status">The worker is looking at the systems, and makes it. It shows here by itself.</p>
            ) : null}
            <BreakGlassNote plan={plan} />
            <h3 className={css.title}>{plan.recipe.title}</h3>
            <PlanView plan={plan} titled={false}>
              <div className={css.decide}>
                <Decide key={plan.id} plan={plan} place={placeOf(plan, incident)} />
              </div>
            </PlanView>
            <details className={css.purpose}>
              <summary>What it is for</summary>
              <p>
                {plan.recipe.meaning} {plan.recipe.impact}
              </p>
            </details>
            {over.has(plan.state) ? <PlanAgain recipe={plan.recipe.id} incident={incident} /> : null}
          </>
        )}
      </Loaded>
    </Pane>
  )
}

const over: ReadonlySet<Plan['state']> = new Set(['stopped', 'failed', 'refused', 'stale', 'expired', 'cancelled'])

/** Planning only reads, so it takes one press. */
function PlanAgain({
  recipe,
  incident,
  label = 'Plan it again',
}: {
  recipe: string
  incident: Incident
  label?: string
}) {
  const queries = useQueryClient()
  const again = useMutation({
    mutationFn: () => requestPlan({ recipe, incident: incident.id }, crypto.randomUUID()),
    onSuccess: async (plan) => {
      queries.setQueryData(planQuery(plan.id).queryKey, plan)
      announce(plan.state === 'requested' ? 'The worker is making the plan.' : 'The plan is made.')
      await Promise.all([
        queries.invalidateQueries({ queryKey: incidentQuery(incident.id).queryKey }),
        queries.invalidateQueries({ queryKey: ['plan', 'of', incident.id] }),
      ])
      // The button is gone with the plan that it stood under: whoever pressed it goes on at the new one, and whoever has
      // begun something else meanwhile goes on with that.
      requestAnimationFrame(() => {
        const at = document.activeElement
        if (at === document.body || at?.closest('#plan')) toPlan()
      })
    },
  })
  const { ok, reason } = useHeard()(incident.may.plan)
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
        {label}
      </Button>
      {ok ? null : <p className={css.reason}>{reason}</p>}
    </div>
  )
}

/** The form of the recipe, filled in as this plan was asked for. */
function Inputs({ id, incident, params }: { id: string; incident: string; params: Record<string, unknown> }) {
  const navigate = useNavigate()
  const search = { ...params, incident }
  useKeys([
    {
      ...{ keys: 'i', does: 'Other inputs: the form of its recipe', where: 'Incident' },
      run: () => void navigate({ to: paths.recipe, params: { id }, search }),
    },
    { keys: 'p', does: 'To the plan', where: 'Incident', run: toPlan },
  ])
  return (
    <p className={css.earlier}>
      <Link to={paths.recipe} params={{ id }} search={search} aria-keyshortcuts={ariaKeys('i')}>
        Other inputs… <kbd aria-hidden>{shown('i')}</kbd>
      </Link>
    </p>
  )
}

function toPlan(): void {
  const plan = document.getElementById('plan')
  plan?.focus({ preventScroll: true })
  plan?.scrollIntoView({ block: 'nearest' })
}
