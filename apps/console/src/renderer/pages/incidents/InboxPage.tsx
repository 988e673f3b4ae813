import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { incidentFilters, type IncidentFilter } from '../../api/filter.js'
import { incidentsQuery } from '../../api/incidents.js'
import type { IncidentSummary } from '../../api/view.js'
import { paths } from '../../paths.js'
import { announce } from '../../ui/announce.js'
import { Heading } from '../../ui/Heading.js'
import { useKeys } from '../../ui/keys.js'
import { Loaded } from '../../ui/Pane.js'
import { Severity } from '../../ui/Severity.js'
import { byUrgency } from '../../ui/severity.js'
import { Span } from '../../ui/Time.js'
import { useTitle } from '../../ui/title.js'
import { hold, type Row } from './hold.js'
import css from './InboxPage.module.css'
import { incidentState } from './words.js'

/** What is wrong now, the worst first. */
export function InboxPage() {
  const { state = 'active' } = useSearch({ from: '/incidents' })
  useTitle('Incidents')
  return (
    <>
      <div className={css.head}>
        <Heading>Incidents</Heading>
        <nav aria-label="Filter" className={css.filters}>
          {incidentFilters.map((filter) => (
            <Link
              key={filter}
              to={paths.incidents}
              search={filter === 'active' ? {} : { state: filter }}
              activeOptions={{ exact: true, includeSearch: true }}
            >
              {filter}
            </Link>
          ))}
        </nav>
      </div>
      {/* Another filter is another list, with an order of its own. */}
      <List key={state} filter={state} />
    </>
  )
}

function List({ filter }: { filter: IncidentFilter }) {
  const query = useQuery(incidentsQuery(filter))
  const [shown, setShown] = useState<readonly IncidentSummary[] | null>(null)
  const table = useRef<HTMLTableElement>(null)

  const fresh = query.data?.items.toSorted(byUrgency)
  const { rows, arrivals } = hold(shown, fresh ?? [])
  // The order is made once something is on the screen, and made again when the person asks.
  if (fresh && fresh.length > 0 && (shown === null || shown.length === 0)) setShown(fresh)

  const showNew = () => {
    if (!fresh || arrivals.length === 0) return
    announce(`${arrivals.length} new shown`)
    setShown(fresh)
    requestAnimationFrame(() => links(table.current)[0]?.focus())
  }
  const walk = (by: number) => {
    const all = links(table.current)
    const at = all.findIndex((link) => link === document.activeElement)
    all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))]?.focus()
  }
  useKeys([
    { keys: 'j', does: 'Next incident', where: 'Incidents', run: () => walk(1) },
    { keys: 'k', does: 'Previous incident', where: 'Incidents', run: () => walk(-1) },
    { keys: 'n', does: 'Show what is new', where: 'Incidents', run: showNew },
  ])

  const ready = rows.length > 0
  useEffect(() => {
    // Who came here by no link wants the first of the list under Enter.
    if (ready && document.activeElement === document.body) links(table.current)[0]?.focus()
  }, [ready])

  return (
    <Loaded query={query} what="the incidents" rows={6}>
      {() => (
        <>
          <div className={css.pill}>
            {arrivals.length > 0 ? (
              <Button size="compact-sm" onClick={showNew}>
                {arrivals.length} new: press n to show
              </Button>
            ) : null}
          </div>
          {rows.length === 0 ? (
            <Nothing filter={filter} />
          ) : (
            <table ref={table} className={css.list}>
              <caption className="unseen">Incidents: {filter}</caption>
              <thead>
                <tr>
                  <th scope="col">Severity</th>
                  <th scope="col">What</th>
                  <th scope="col">Service</th>
                  <th scope="col">State</th>
                  <th scope="col">Owner</th>
                  <th scope="col">Alerts firing</th>
                  <th scope="col">Age</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <Line key={row.incident.id} row={row} />
                ))}
              </tbody>
            </table>
          )}
          {query.data?.next == null ? null : (
            <p className={css.more}>The newest 200 are shown. A narrower filter shows others.</p>
          )}
        </>
      )}
    </Loaded>
  )
}

function Line({ row: { incident, left } }: { row: Row }) {
  const { id, severity, title, service, environment, owner, opened_at, alerts_firing } = incident
  return (
    <tr data-left={left}>
      <td>
        <Severity level={severity} />
      </td>
      <td className={css.what}>
        <Link to={paths.incident} params={{ id }}>
          {title}
        </Link>
        <span className={css.class}>{incident.class}</span>
      </td>
      <td>
        {service ?? '–'}
        {environment === null ? null : <span className={css.class}>{environment}</span>}
      </td>
      <td>{left ? `${incidentState(incident)}, has left this list` : incidentState(incident)}</td>
      <td>{owner?.name ?? 'nobody'}</td>
      <td className={css.number}>{alerts_firing}</td>
      <td className={css.number}>
        <Span from={opened_at} />
      </td>
    </tr>
  )
}

/** Truly nothing, or nothing behind this filter: two things, and only one of them is good news. */
function Nothing({ filter }: { filter: IncidentFilter }) {
  const all = useQuery({ ...incidentsQuery('all'), enabled: filter !== 'all' })
  if (filter === 'all' || all.data?.items.length === 0)
    return (
      <p className={css.nothing}>
        <b>No incident yet.</b> The first alert that a monitor sends opens one.
      </p>
    )
  return (
    <p className={css.nothing}>
      {filter === 'active' ? (
        <>
          <b>Nothing is wrong now</b>, as far as the monitors say.
        </>
      ) : (
        <>
          <b>No incident is {filter}.</b> The filter hides the others.
        </>
      )}{' '}
      <Link to={paths.incidents} search={{ state: 'all' }}>
        Show all{all.data ? ` (${all.data.items.length}${all.data.next === null ? '' : '+'})` : ''}
      </Link>
    </p>
  )
}

const links = (table: HTMLTableElement | null): HTMLAnchorElement[] => [
  ...(table?.querySelectorAll<HTMLAnchorElement>('tbody a') ?? []),
]
