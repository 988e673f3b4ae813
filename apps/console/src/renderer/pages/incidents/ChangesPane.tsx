import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { changesQuery } from '../../api/surroundings.js'
import type { Change, Changes } from '../../api/view.js'
import { paths } from '../../paths.js'
import { Loaded, Pane } from '../../ui/Pane.js'
import { LastLook } from '../../ui/Seen.js'
import { Target } from '../../ui/Target.js'
import { Moment, TimesIn } from '../../ui/Time.js'
import { atOnce, FIRST, kindSays, likelihood } from './around.js'
import css from './ChangesPane.module.css'

/** What became other than it was around the time when it opened, the likeliest cause first. */
export function ChangesPane({ incident, followed }: { incident: string; followed: boolean }) {
  const query = useQuery(changesQuery(incident, followed))
  return (
    <Pane title="What changed" go={{ keys: 'w', does: 'Go to what changed', where: 'Incident' }} head={<TimesIn />}>
      <Loaded query={query} what="what changed" rows={3}>
        {(changes) => <Found changes={changes} />}
      </Loaded>
    </Pane>
  )
}

/** Milliseconds after which it is said how old the look is: until then it is as good as now. */
const OLD = 60_000

function Found({ changes: { items, from, until, looked_at } }: { changes: Changes }) {
  const rest = items.slice(FIRST)
  return (
    <>
      {looked_at !== null && Date.parse(until) - Date.parse(looked_at) > OLD ? <LastLook at={looked_at} /> : null}
      {looked_at === null ? (
        <p className={css.nothing}>
          <b>The worker has not looked at what this incident is about.</b> What changed there is not known.
        </p>
      ) : items.length === 0 ? (
        <p className={css.nothing}>
          Nothing was seen to change between <Moment at={from} /> and <Moment at={until} />.
        </p>
      ) : null}
      {items.length === 0 ? null : <List items={items.slice(0, FIRST)} from={1} />}
      {rest.length === 0 ? null : (
        <details className={css.rest}>
          <summary>{rest.length} more, less likely</summary>
          <List items={rest} from={FIRST + 1} />
        </details>
      )}
    </>
  )
}

const List = ({ items, from }: { items: readonly Change[]; from: number }) => (
  <ol className={css.changes} start={from}>
    {items.map((change, at) => (
      <One key={`${change.kind} ${change.target} ${change.at}`} change={change} rank={from + at} />
    ))}
  </ol>
)

function One({ change, rank }: { change: Change; rank: number }) {
  const { kind, target, says, at, after, weight, because, run } = change
  const word = likelihood(weight)
  return (
    <li>
      <span className={css.rank} aria-hidden>
        {rank}
      </span>
      <p className={css.says}>{says}</p>
      <p className={css.weight} data-likelihood={word}>
        <meter min={0} max={1} value={weight} aria-label="How likely it is the cause" />
        {word}
      </p>
      <p className={css.under}>
        <span className={css.kind}>{kindSays(kind)}</span> <Where target={target} />
        {' · '}
        {after === null ? (
          <>
            seen <Moment at={at} />
          </>
        ) : atOnce(change) ? (
          <Moment at={at} />
        ) : (
          <>
            between <Moment at={after} /> and <Moment at={at} />
          </>
        )}
        {' · '}
        {because}
        {run === null ? null : (
          <>
            {' · '}
            <Link to={paths.run} params={{ id: run }}>
              the run that did it
            </Link>
          </>
        )}
      </p>
    </li>
  )
}

/** A target, as a link to its page where it has one. */
function Where({ target }: { target: string }) {
  const name = target.slice(target.indexOf(':') + 1)
  const says = <Target name={target} />
  if (target.startsWith('deployment:'))
    return (
      <Link to={paths.workloads} search={{ open: name }}>
        {says}
      </Link>
    )
  if (target.startsWith('queue:'))
    return (
      <Link to={paths.queue} params={{ name }}>
        {says}
      </Link>
    )
  return <span>{says}</span>
}
