import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { runQuery } from '../../api/runs.js'
import type { Run } from '../../api/view.js'
import { paths } from '../../paths.js'
import { announce } from '../../ui/announce.js'
import { Loaded, Pane } from '../../ui/Pane.js'
import { Time } from '../../ui/Time.js'
import { LoansOf } from '../loans/LoansOf.js'
import { Intervene } from './Intervene.js'
import { Journal } from './Journal.js'
import css from './RunPane.module.css'
import { RunState } from './RunState.js'
import { runState } from './words.js'

/**
 * The run as it goes: what the journal says, step by step, whether it helped, what a person can say to it, and what will
 * be given back. The same in the incident room and on the run's own page.
 *
 * @param where how an armed sentence ends: `in PROD`
 */
export function RunPane({ id, where, alone = false }: { id: string; where: string; alone?: boolean }) {
  const query = useQuery(runQuery(id))
  return (
    <Pane title={alone ? 'Journal' : 'Run'} head={query.data ? <Head run={query.data} alone={alone} /> : null}>
      <Loaded query={query} what="the run" rows={5}>
        {(run) => (
          <div className={css.run}>
            {alone ? null : (
              <h3 className={css.title}>
                <Link to={paths.run} params={{ id }}>
                  {run.recipe.title}
                </Link>
              </h3>
            )}
            <Journal run={run} />
            <Intervene key={run.id} run={run} where={where} />
            {run.loans.length === 0 ? null : <LoansOf run={run.id} where={where} />}
          </div>
        )}
      </Loaded>
    </Pane>
  )
}

function Head({ run, alone }: { run: Run; alone: boolean }) {
  const said = useRef(run.state)
  useEffect(() => {
    if (said.current !== run.state) announce(`Run: ${runState[run.state]}`)
    said.current = run.state
  }, [run.state])
  if (alone) return null
  return (
    <>
      <RunState state={run.state} />
      <span className={css.dim}>
        started <Time at={run.started_at} />
        {run.ended_at === null ? null : (
          <>
            , ended <Time at={run.ended_at} />
          </>
        )}
      </span>
    </>
  )
}
