import { useQuery } from '@tanstack/react-query'
import { breakGlassCheckQuery, breakGlassQuery } from '../../api/plans.js'
import type { BreakGlass, Plan } from '../../api/view.js'
import { ProblemNote } from '../../ui/ProblemNote.js'
import { Span, Time } from '../../ui/Time.js'
import css from './BreakGlassNote.module.css'
import { DecideBreakGlass, ReviewBreakGlass } from './DecideBreakGlass.js'
import { WhoGrants } from './WhoGrants.js'
import { overSays, passSays } from './words.js'

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
    <section id={pass.id} tabIndex={-1} className={css.note} data-state={state} aria-label="Break-glass">
      <p className={css.head}>
        <b>Break-glass: {passSays(pass)}</b>, over {overSays(pass)}
      </p>
      <p>
        <b>{by.name}</b> asked, <Time at={pass.at} />: “{reason}”
      </p>
      {decision === null ? null : (
        <p>
          <b>{decision.by.name}</b> {decision.decision} it
          {decision.voice === 'on-call-lead' ? ', having acknowledged the incident, for Security is too few' : ''},{' '}
          <Time at={decision.at} />
          {decision.note === '' ? null : <>: “{decision.note}”</>}
          {state === 'granted' && expires_at !== null ? (
            <>
              . It holds for another <Span to={expires_at} />, until <Time at={expires_at} />, and for one run.
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
      {state === 'asked' ? <Granters pass={pass} plan={plan} /> : null}
      {state === 'asked' ? <DecideBreakGlass pass={pass} plan={plan} /> : null}
      {pass.may.review.ok ? <ReviewBreakGlass pass={pass} /> : null}
    </section>
  )
}

/** Whom to wake, while it waits for them. */
function Granters({ pass, plan }: { pass: BreakGlass; plan: Plan }) {
  const held = useQuery(breakGlassCheckQuery(plan.id)).data
  if (held === undefined) return null
  const over = pass.over === 'approval' ? pass.over : held.freezes.find(({ id }) => id === pass.freeze)
  return (
    <p>
      It can be granted by <WhoGrants held={held} over={over} plan={plan} />, for {pass.minutes} min.
    </p>
  )
}
