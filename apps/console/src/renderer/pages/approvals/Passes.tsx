import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { passesQuery } from '../../api/plans.js'
import type { BreakGlass } from '../../api/view.js'
import { paths } from '../../paths.js'
import { ProblemNote } from '../../ui/ProblemNote.js'
import { Span } from '../../ui/Time.js'
import { passesOnMe } from '../plans/inbox.js'
import { overSays } from '../plans/words.js'
import css from './Passes.module.css'

/** Who wants to break the glass, or did, where it waits on this person. It stands above the plans: its hour runs. */
export function Passes() {
  const { data, error, refetch } = useQuery(passesQuery)
  if (error)
    return (
      <ProblemNote
        error={error}
        what="Whether somebody wants to break the glass could not be read"
        again={() => void refetch()}
      />
    )
  const mine = passesOnMe(data?.items ?? [])
  if (mine.length === 0) return null
  return (
    <section className={css.passes} aria-label="What waits on you">
      <h2>
        <span aria-hidden>▲</span> Break-glass waits on you
      </h2>
      <ul>
        {mine.map((pass) => (
          <li key={pass.id}>
            <Line pass={pass} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Line({ pass }: { pass: BreakGlass }) {
  const { by, open_until, plan, reason, state, use } = pass
  return (
    <>
      <Link to={paths.plan} params={{ id: plan }}>
        {state === 'asked'
          ? `${by.name} wants to pass ${overSays(pass)}`
          : `${by.name} passed ${overSays(pass)}: review it`}
      </Link>
      <span className={css.why}>“{reason}”</span>
      <span className={css.until}>
        {state === 'asked' ? (
          <>
            decide within <Span to={open_until} />
          </>
        ) : use === null ? null : (
          <>
            review within <Span to={use.review_by} />
          </>
        )}
      </span>
    </>
  )
}
