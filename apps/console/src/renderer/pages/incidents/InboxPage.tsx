import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { incidentFilters, type IncidentFilter } from '../../api/filter.js'
import { incidentsQuery } from '../../api/incidents.js'
import type { IncidentSummary } from '../../api/view.js'
import { paths } from '../../paths.js'
import { HeldTable } from '../../ui/HeldTable.js'
import type { Row } from '../../ui/hold.js'
import { Filters, PageHead } from '../../ui/PageHead.js'
import { Loaded } from '../../ui/Pane.js'
import { Severity } from '../../ui/Severity.js'
import { inUrgency } from '../../ui/severity.js'
import { Span } from '../../ui/Time.js'
import { useTitle } from '../../ui/title.js'
import css from './InboxPage.module.css'
import { seenInOrder } from './walk.js'
import { incidentState } from './words.js'

/** What is wrong now, the worst first. */
export function InboxPage() {
  const { state = 'active' } = useSearch({ from: '/incidents' })
  useTitle('Incidents')
  return (
    <>
      <PageHead title="Incidents">
        <Filters label="Filter">
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
        </Filters>
      </PageHead>
      {/* Another filter is another list, with an order of its own. */}
      <List key={state} filter={state} />
    </>
  )
}

function List({ filter }: { filter: IncidentFilter }) {
  const query = useQuery(incidentsQuery(filter))
  return (
    <Loaded query={query} what="the incidents" rows={6}>
      {({ items, next }) => (
        <>
          <HeldTable
            items={items}
            order={inUrgency}
            caption={`Incidents: ${filter}`}
            columns={['Severity', 'What', 'Service', 'State', 'Owner', 'Alerts firing', 'Age']}
            noun="incident"
            where="Incidents"
            cells={(row) => <Cells row={row} />}
            onOrder={seenInOrder}
            nothing={<Nothing filter={filter} />}
          />
          {next === null ? null : <p className={css.more}>The newest 200 are shown. A narrower filter shows others.</p>}
        </>
      )}
    </Loaded>
  )
}

function Cells({ row: { item: incident, left } }: { row: Row<IncidentSummary> }) {
  const { id, severity, title, service, environment, owner, opened_at, alerts_firing } = incident
  return (
    <>
      <td>
        <Severity level={severity} />
      </td>
      <td className={css.what}>
        <Link to={paths.incident} params={{ id }}>
          {title}
        </Link>{' '}
        <span className={css.class}>{incident.class}</span>
      </td>
      <td>
        {service ?? '–'} {environment === null ? null : <span className={css.class}>{environment}</span>}
      </td>
      <td>{left ? `${incidentState(incident)}, has left this list` : incidentState(incident)}</td>
      <td>{owner?.name ?? 'nobody'}</td>
      <td className={css.number}>{alerts_firing}</td>
      <td className={css.number}>
        <Span from={opened_at} />
      </td>
    </>
  )
}

/** Truly nothing, or nothing behind this filter: two things, and only one of them is good news. */
function Nothing({ filter }: { filter: IncidentFilter }) {
  const all = useQuery({ ...incidentsQuery('all'), enabled: filter !== 'all' })
  if (filter === 'all' || all.data?.items.length === 0)
    return (
      <>
        <b>No incident yet.</b> The first alert that a monitor sends opens one.
      </>
    )
  return (
    <>
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
    </>
  )
}
