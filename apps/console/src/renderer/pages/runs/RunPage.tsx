import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { meQuery } from '../../api/identity.js'
import { incidentQuery, timelineQuery } from '../../api/incidents.js'
import { runQuery } from '../../api/runs.js'
import type { Run } from '../../api/view.js'
import { paths } from '../../paths.js'
import { Copy } from '../../ui/Copy.js'
import { Fact } from '../../ui/Fact.js'
import { Heading } from '../../ui/Heading.js'
import { useNow } from '../../ui/now.js'
import { Loaded, Pane } from '../../ui/Pane.js'
import { Time } from '../../ui/Time.js'
import { span } from '../../ui/time.js'
import { useTitle } from '../../ui/title.js'
import { place } from '../incidents/words.js'
import { shortDigest } from '../plans/words.js'
import css from './RunPage.module.css'
import { RunPane } from './RunPane.js'
import { RunState } from './RunState.js'
import { took } from './words.js'

/** One run: where it stands, its journal, and what the log tells of it. */
export function RunPage() {
  const { id } = useParams({ from: '/runs/$id' })
  const query = useQuery(runQuery(id))
  useTitle(query.data ? `Run: ${query.data.recipe.title}` : 'Run')
  const run = query.data
  return (
    <>
      {run ? <Head run={run} /> : <Heading>Run</Heading>}
      <div className={css.room}>
        <RunPane id={id} where={useWhere(run)} alone />
        {run?.incident == null ? null : <Told run={run.id} incident={run.incident} />}
      </div>
    </>
  )
}

/** Where it happens, for an armed sentence: the incident's environment, or what this installation is. */
function useWhere(run: Run | undefined): string {
  const { data: me } = useQuery(meQuery)
  const { data: incident } = useQuery({ ...incidentQuery(run?.incident ?? ''), enabled: run?.incident != null })
  return `in ${incident ? place(incident) : (me?.mode ?? 'production').toUpperCase()}`
}

function Head({ run }: { run: Run }) {
  const now = useNow()
  const { id, recipe, state, plan, plan_digest, incident, standing, started_at, ended_at, goes_on_at } = run
  return (
    <header className={css.head}>
      <Heading>
        {recipe.title} <RunState state={state} />
      </Heading>
      <dl className={css.facts}>
        <Fact name="Run">
          <Copy value={id} short={`${id.slice(0, 12)}…`} label="run id" />
        </Fact>
        <Fact name="Recipe">
          <Link to={paths.runs} search={{ recipe: recipe.id }} title="Every run of this recipe">
            {recipe.id}
          </Link>
        </Fact>
        <Fact name="Incident">
          {incident === null ? (
            'none: somebody asked for it'
          ) : (
            <Link to={paths.incident} params={{ id: incident }}>
              its room
            </Link>
          )}
        </Fact>
        <Fact name="Plan">
          <Copy value={plan} short={`${plan.slice(0, 12)}…`} label="plan id" />{' '}
          <Copy value={plan_digest} short={shortDigest(plan_digest)} label="digest of the plan" />
        </Fact>
        <Fact name="Approved">{standing === null ? 'by people, for this plan' : `in advance: ${standing}`}</Fact>
        <Fact name="Started">
          <Time at={started_at} />
        </Fact>
        <Fact name={ended_at === null ? 'Goes on for' : 'Took'}>{span(took(run, now))}</Fact>
        {goes_on_at === null || ended_at !== null ? null : (
          <Fact name="Goes on at">
            <Time at={goes_on_at} />
          </Fact>
        )}
      </dl>
    </header>
  )
}

/** What the log says of this run, out of the timeline of its incident. */
function Told({ run, incident }: { run: string; incident: string }) {
  const query = useQuery(timelineQuery(incident))
  return (
    <Pane title="In the log">
      <Loaded query={query} what="what the log says" rows={5}>
        {({ items }) => {
          const mine = items.filter(({ about }) => about === `run:${run}`)
          return mine.length === 0 ? (
            <p>The log does not name it yet.</p>
          ) : (
            <ol className={css.log}>
              {mine.map(({ entry, at, says, by, outcome }) => (
                <li key={entry} data-outcome={outcome}>
                  <Time at={at} />
                  <span title={`Recorded by ${by.name}`}>{says}</span>
                </li>
              ))}
            </ol>
          )
        }}
      </Loaded>
    </Pane>
  )
}
