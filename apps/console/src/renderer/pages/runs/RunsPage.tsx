import { Button, NativeSelect } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { runsQuery, runStates, type RunFilter } from '../../api/runs.js'
import type { Run } from '../../api/view.js'
import { paths } from '../../paths.js'
import { HeldTable } from '../../ui/HeldTable.js'
import type { Row } from '../../ui/hold.js'
import list from '../../ui/list.module.css'
import { useNow } from '../../ui/now.js'
import { Older } from '../../ui/Older.js'
import { PageHead } from '../../ui/PageHead.js'
import { Loaded } from '../../ui/Pane.js'
import { Target } from '../../ui/Target.js'
import { Time } from '../../ui/Time.js'
import { span } from '../../ui/time.js'
import { useTitle } from '../../ui/title.js'
import { recipeNames } from './recipe-names.js'
import { RunState } from './RunState.js'
import { filterSays, runState, targetsSay, took } from './words.js'

/** Every run there was, the newest first, from the tail. */
export function RunsPage() {
  const filter = useSearch({ from: '/runs' })
  useTitle('Runs')
  return (
    <>
      <PageHead title="Runs">
        <Filters filter={filter} />
      </PageHead>
      {/* Another filter is another list, with an order of its own. */}
      <List key={JSON.stringify(filter)} filter={filter} />
    </>
  )
}

function Filters({ filter }: { filter: RunFilter }) {
  const navigate = useNavigate()
  const recipes = useQuery(recipeNames)
  const set = (change: Partial<Record<keyof RunFilter, string>>) => {
    const next = Object.entries({ ...filter, ...change }).filter(([, value]) => value !== '')
    void navigate({ to: paths.runs, search: Object.fromEntries(next) })
  }
  const known = recipes.data ?? []
  const named = filter.recipe === undefined || known.includes(filter.recipe) ? known : [filter.recipe, ...known]
  return (
    <div role="group" aria-label="Filter" className={list.tools}>
      <NativeSelect
        size="xs"
        aria-label="State"
        value={filter.state ?? ''}
        onChange={(event) => set({ state: event.currentTarget.value })}
        data={[{ value: '', label: 'any state' }, ...runStates.map((value) => ({ value, label: runState[value] }))]}
      />
      <NativeSelect
        size="xs"
        aria-label="Recipe"
        value={filter.recipe ?? ''}
        onChange={(event) => set({ recipe: event.currentTarget.value })}
        data={[{ value: '', label: 'any recipe' }, ...named.map((id) => ({ value: id, label: id }))]}
      />
      {filter.incident === undefined ? null : (
        <Button size="compact-xs" variant="default" onClick={() => set({ incident: '' })}>
          of incident {filter.incident} <span aria-hidden>✕</span>
          <span className="unseen">: take this filter away</span>
        </Button>
      )}
      {Object.keys(filter).length === 0 ? null : <Link to={paths.runs}>Show all</Link>}
    </div>
  )
}

function List({ filter }: { filter: RunFilter }) {
  const query = useInfiniteQuery(runsQuery(filter))
  return (
    <Loaded query={query} what="the runs" rows={8}>
      {({ pages }) => {
        const items = pages.flatMap(({ items }) => items)
        return (
          <>
            <HeldTable
              items={items}
              caption="Runs, the newest first"
              paged
              columns={['State', 'What', 'On', 'Incident', 'Started', 'Took']}
              noun="run"
              where="Runs"
              cells={(row) => <Cells row={row} />}
              nothing={<Nothing filter={filter} />}
            />
            <Older query={query} empty={items.length === 0} />
          </>
        )
      }}
    </Loaded>
  )
}

function Cells({ row: { item: run, left } }: { row: Row<Run> }) {
  const now = useNow()
  const { id, state, recipe, incident, started_at, standing } = run
  return (
    <>
      <td>
        <RunState state={state} />
        {left ? <span className={list.under}>has left this list</span> : null}
      </td>
      <td>
        <Link to={paths.run} params={{ id }}>
          {recipe.title}
        </Link>
        <span className={list.under}>
          {recipe.id}
          {standing === null ? '' : ', approved in advance'}
        </span>
      </td>
      <td className={list.long}>
        <code>
          <Target name={targetsSay(run)} />
        </code>
      </td>
      <td>
        {incident === null ? (
          <span className={list.dim}>none</span>
        ) : (
          <span className={list.over}>
            <Link to={paths.incident} params={{ id: incident }}>
              its room
            </Link>
          </span>
        )}
      </td>
      <td className={list.number}>
        <Time at={started_at} />
      </td>
      <td className={list.number}>{span(took(run, now))}</td>
    </>
  )
}

/** Truly nothing, or nothing behind this filter: two things. */
const Nothing = ({ filter }: { filter: RunFilter }) =>
  Object.keys(filter).length === 0 ? (
    <>
      <b>No run yet.</b> A plan that was approved becomes one.
    </>
  ) : (
    <>
      <b>No run {filterSays(filter)}.</b> The filter hides the others. <Link to={paths.runs}>Show all</Link>
    </>
  )
