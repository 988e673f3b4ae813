import { Link } from '@tanstack/react-router'
import type { InboxFilter } from '../../api/filter.js'
import type { IncidentCounts } from '../../api/view.js'
import { paths } from '../../paths.js'
import { without, wordOf } from './FilterBar.js'
import css from './InboxPage.module.css'

/** Truly nothing, or nothing behind this filter: two things, and only one of them is good news. */
export function NothingPasses({ filter, counts }: { filter: InboxFilter; counts: IncidentCounts | undefined }) {
  if (counts?.total === 0)
    return (
      <>
        <b>No incident yet.</b> The first alert that a monitor sends opens one.
      </>
    )
  const names = Object.keys(filter) as (keyof InboxFilter)[]
  const all = counts ? ` (${counts.total.toLocaleString('en')})` : ''
  if (names.length === 0)
    return (
      <>
        <b>Nothing is wrong now</b>, as far as the monitors say.{' '}
        <Link to={paths.incidents} search={{ state: 'all' }}>
          Show all{all}
        </Link>
      </>
    )
  const state = filter.state ?? 'active'
  // Each part alone: what would be seen without it.
  const hiding = names.flatMap((name) => {
    const many = counts?.without[name]
    return many === undefined || many === 0 ? [] : [{ name, many }]
  })
  return (
    <>
      {names.length === 1 && filter.state !== undefined ? (
        <>
          <b>No incident is {state}.</b> The filter hides the others.{' '}
        </>
      ) : (
        <b>No incident passes this filter. </b>
      )}
      <Link to={paths.incidents} search={{ state: 'all' }}>
        Show all{all}
      </Link>
      {names.length > 1 || filter.state === undefined ? (
        <ul className={css.hiding}>
          {hiding.map(({ name, many }) => (
            <li key={name}>
              <b>
                {name}: {wordOf(name, filter[name]!)}
              </b>{' '}
              hides {many.toLocaleString('en')}.{' '}
              <Link
                to={paths.incidents}
                search={name === 'state' ? { ...filter, state: 'all' } : without(filter, name)}
              >
                Take it away
              </Link>
            </li>
          ))}
          {counts && hiding.length === 0 ? <li>No single part of it hides any: several do together.</li> : null}
        </ul>
      ) : null}
    </>
  )
}
