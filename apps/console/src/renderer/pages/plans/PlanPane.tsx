import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { incidentQuery } from '../../api/incidents.js'
import type { Plan } from '../../api/view.js'
import { paths } from '../../paths.js'
import { Pane } from '../../ui/Pane.js'
import { Span } from '../../ui/Time.js'
import { BreakGlassNote } from './BreakGlassNote.js'
import { Checks } from './Checks.js'
import { Decide } from './Decide.js'
import { isOpen } from './inbox.js'
import css from './PlanPane.module.css'
import { PlanView } from './PlanView.js'
import { State } from './State.js'
import { Withdraw } from './Withdraw.js'
import { environmentOf, placeOf, tiers } from './words.js'

interface Props {
  plan: Plan
  /** What the pane is called: a link to the plan's page, where this is not it. */
  title?: ReactNode
  /** Why nobody should say yes to it here now, whoever it is. */
  held?: string | null
}

/**
 * One plan and all that somebody needs who decides about it: why it was asked for, what it does, what stands for and
 * against it, who else can say yes, and the decision itself.
 */
export function PlanPane({ plan, title = 'Plan', held = null }: Props) {
  const incident = useQuery({ ...incidentQuery(plan.incident ?? ''), enabled: plan.incident !== null }).data
  const { because, body, reason, requested_at, requested_by, state } = plan
  const environment = environmentOf(plan, incident)
  return (
    <Pane
      title={title}
      head={
        <>
          <State plan={plan} />
          {body ? <span className={css.tag}>{tiers[body.approval.tier]}</span> : null}
          {environment === '' ? null : <b className={css.tag}>{environment}</b>}
        </>
      }
    >
      <div className={css.why}>
        <p>{reason === '' ? <>No reason was given.</> : <q className={css.reason}>{reason}</q>}</p>
        <p className={css.asked}>
          asked for by <b>{requested_by.name}</b> <Span from={requested_at} /> ago
          {plan.incident === null ? (
            ', for no incident'
          ) : (
            <>
              , for{' '}
              <Link to={paths.incident} params={{ id: plan.incident }}>
                {incident ? `${incident.severity} ${incident.title}` : 'its incident'}
              </Link>
            </>
          )}
        </p>
      </div>
      {because === null ? null : (
        <p className={css.because} data-over={!isOpen(plan)}>
          {because}
        </p>
      )}
      {state === 'requested' ? (
        <p role="status">The worker is looking at the systems, and makes it. It shows here by itself.</p>
      ) : null}
      {plan.run === null ? null : (
        <p className={css.run}>
          ✓ It is carried out, as{' '}
          <Link to={paths.run} params={{ id: plan.run }}>
            {plan.run}
          </Link>
          .
        </p>
      )}
      <BreakGlassNote plan={plan} />
      <PlanView plan={plan} titled={false}>
        <Checks plan={plan} />
        <Decide key={plan.id} plan={plan} place={placeOf(plan, incident)} held={held} keys="A" noKeys="J" />
        {plan.digest === null ? <Withdraw key={plan.id} plan={plan} /> : null}
      </PlanView>
    </Pane>
  )
}
