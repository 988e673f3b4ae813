import { useQuery } from '@tanstack/react-query'
import { breakGlassQuery } from '../../api/plans.js'
import type { BreakGlass, Plan } from '../../api/view.js'
import { ProblemNote } from '../../ui/ProblemNote.js'
import { Time } from '../../ui/Time.js'
import css from './BreakGlassNote.module.css'
import { DecideBreakGlass, ReviewBreakGlass } from './DecideBreakGlass.js'
import { breakGlassState, overSays } from './words.js'

/** Who broke the glass for this plan, or asked to. Everybody who looks at the plan sees it; most have none. */
export function BreakGlassNote({ plan }: { plan: Plan }) {
  const { data, error } = useQuery(breakGlassQuery(plan.id))
  if (error)
    return <ProblemNote error={error} what="Whether somebody broke the glass for this plan could not be read" />
  return data?.items.map((pass) => <Pass key={pass.id} pass={pass} plan={plan} />)
}

function Pass({ pass, plan }: { pass: BreakGlass; plan: Plan }) {
  const { by, decision, expires_at, reason, review, state, use } = pass
  return (
    <section className={css.note} data-state={state} aria-label="Break-glass">
      <p className={css.head}>
        <b>Break-glass: {breakGlassState[state]}</b> over {overSays(pass)}
      </p>
      <p>
        <b>{by.name}</b> asked, <Time at={pass.at} />: “{reason}”
      </p>
      {decision === null ? null : (
        <p>
          <b>{decision.by.name}</b> {decision.decision} it
          {decision.voice === 'on-call-lead' ? ' as lead of the incident' : ''}, <Time at={decision.at} />
          {decision.note === '' ? null : <>: “{decision.note}”</>}
          {state === 'granted' && expires_at !== null ? (
            <>
              . It holds until <Time at={expires_at} />.
            </>
          ) : null}
        </p>
      )}
      {use === null ? null : (
        <p>
          <code>{use.run}</code> used it, <Time at={use.at} />.{' '}
          {review === null ? (
            <>
              Somebody else of Security reviews it by <Time at={use.review_by} />.
            </>
          ) : (
            <>
              <b>{review.by.name}</b> found it {review.verdict === 'justified' ? 'justified' : 'not justified'}
              {review.late ? ', late' : ''}: “{review.note}”
            </>
          )}
        </p>
      )}
      {state === 'asked' ? <DecideBreakGlass pass={pass} plan={plan} /> : null}
      {pass.may.review.ok ? <ReviewBreakGlass pass={pass} /> : null}
    </section>
  )
}
