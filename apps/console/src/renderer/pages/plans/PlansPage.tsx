import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { plansQuery } from '../../api/plans.js'
import type { Plan } from '../../api/view.js'
import { paths } from '../../paths.js'
import { HeldTable } from '../../ui/HeldTable.js'
import type { Row } from '../../ui/hold.js'
import { Filters, PageHead } from '../../ui/PageHead.js'
import { Loaded } from '../../ui/Pane.js'
import { Span } from '../../ui/Time.js'
import { useTitle } from '../../ui/title.js'
import { endSays, isOpen } from './inbox.js'
import css from './PlansPage.module.css'
import { State } from './State.js'
import { environmentOf, gist, quorumSays } from './words.js'

const filters = [
  { state: undefined, name: 'waiting', of: 'proposed' },
  { state: 'all', name: 'all', of: 'all' },
] as const

/** Every plan there is: those that wait for people, or the newest whatever became of them. */
export function PlansPage() {
  const { state } = useSearch({ from: '/plans' })
  const filter = filters.find((one) => one.state === state) ?? filters[0]
  const query = useQuery(plansQuery(filter.of))
  useTitle('Plans')
  return (
    <>
      <PageHead title="Plans">
        <Filters label="Filter">
          {filters.map(({ name, state }) => (
            <Link
              key={name}
              to={paths.plans}
              search={state === undefined ? {} : { state }}
              activeOptions={{ exact: true, includeSearch: true }}
            >
              {name}
            </Link>
          ))}
        </Filters>
      </PageHead>
      <Loaded query={query} what="the plans" rows={6}>
        {({ items, next }) => (
          <>
            <HeldTable
              key={filter.name}
              items={items}
              caption={`Plans: ${filter.name}`}
              columns={['What it does', 'State', 'Tier', 'Where', 'Approvals', 'Asked for by', 'Age']}
              noun="plan"
              where="Plans"
              cells={(row) => <Cells row={row} />}
              nothing={<Nothing filter={filter.name} />}
            />
            {next === null ? null : <p className={css.more}>The newest 200 are shown.</p>}
          </>
        )}
      </Loaded>
    </>
  )
}

function Cells({ row: { item: plan, left } }: { row: Row<Plan> }) {
  const { id, recipe, body, requested_by, requested_at } = plan
  return (
    <>
      <td className={css.what}>
        <Link to={paths.plan} params={{ id }}>
          {gist(plan)}
        </Link>
        <span className={css.more}>{recipe.title}</span>
      </td>
      <td>
        <State plan={plan} />
        {left ? <span className={css.more}>has left this list</span> : null}
      </td>
      <td>{body?.approval.tier ?? '–'}</td>
      <td>{environmentOf(plan) || '–'}</td>
      <td className={css.end}>{isOpen(plan) ? quorumSays(plan) : endSays(plan)}</td>
      <td>{requested_by.name}</td>
      <td className={css.number}>
        <Span from={requested_at} />
      </td>
    </>
  )
}

/** Truly nothing, or nothing behind this filter. */
const Nothing = ({ filter }: { filter: string }) =>
  filter === 'all' ? (
    <>
      <b>No plan yet.</b> A recipe that fits an alert makes the first, or whoever asks for one.
    </>
  ) : (
    <>
      <b>No plan waits for anybody.</b> The filter hides those that were decided.{' '}
      <Link to={paths.plans} search={{ state: 'all' }}>
        Show all
      </Link>
    </>
  )
