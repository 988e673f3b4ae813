import { TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { giveBack, loansQuery, renew } from '../../api/loans.js'
import { runQuery } from '../../api/runs.js'
import type { Incident, Loan, Run, RunStep } from '../../api/view.js'
import { announce } from '../../ui/announce.js'
import { ArmButton } from '../../ui/ArmButton.js'
import { Diff } from '../../ui/Diff.js'
import { useStale } from '../../ui/live.js'
import { Loaded, Pane } from '../../ui/Pane.js'
import { Span, Time } from '../../ui/Time.js'
import css from './RunPane.module.css'
import { place, runMark, runState, stepMark, stepState } from './words.js'

/** The run as it goes: what the journal says, step by step, whether it helped, and what will be given back. */
export function RunPane({ id, incident }: { id: string; incident: Incident }) {
  const query = useQuery(runQuery(id))
  return (
    <Pane title="Run" head={query.data ? <State run={query.data} /> : null}>
      <Loaded query={query} what="the run" rows={5}>
        {(run) => (
          <div className={css.run}>
            <h3 className={css.title}>{run.recipe.title}</h3>
            <Because run={run} />
            <ol className={css.steps} aria-label="Steps of the run">
              {run.steps.map((step) => (
                <Step key={step.id} step={step} />
              ))}
              <Verification run={run} />
            </ol>
            {run.loans.length === 0 ? null : <Loans run={run} incident={incident} />}
          </div>
        )}
      </Loaded>
    </Pane>
  )
}

function State({ run }: { run: Run }) {
  const said = useRef(run.state)
  useEffect(() => {
    if (said.current !== run.state) announce(`Run: ${runState[run.state]}`)
    said.current = run.state
  }, [run.state])
  return (
    <>
      <b className={css.state} data-state={run.state}>
        <span aria-hidden>{runMark(run.state)}</span> {runState[run.state]}
      </b>
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

function Step({ step }: { step: RunStep }) {
  const { state, says, undo_says, intended_at, ended_at, before, after, because, attempt } = step
  return (
    <li data-state={state}>
      <span className={css.mark} aria-hidden>
        {stepMark[state]}
      </span>
      <div>
        <p className={css.says}>{says}</p>
        <p className={css.dim}>
          {stepState[state]}
          {attempt > 1 ? `, attempt ${attempt}` : ''}
          {intended_at === null ? null : (
            <>
              {' · '}intended <Time at={intended_at} />
            </>
          )}
          {ended_at === null ? null : (
            <>
              {' · '}ended <Time at={ended_at} />
            </>
          )}
        </p>
        {before === null || after === null ? null : <Diff before={before} after={after} />}
        {because === null ? null : <p className={css.because}>{because}</p>}
        {undo_says === null || state !== 'done' ? null : <p className={css.dim}>Undo: {undo_says}</p>}
      </div>
    </li>
  )
}

/** The last step of every run: did it help? What was not looked at is never shown as if it were. */
function Verification({ run }: { run: Run }) {
  const { state, verify, verifying_at, ended_at, because } = run
  const looked = verifying_at !== null
  const outcome = state === 'succeeded' ? 'done' : !looked ? 'pending' : ended_at === null ? 'intended' : 'failed'
  const words = { done: 'verified', pending: 'not looked at', intended: 'being looked at', failed: 'did not hold' }
  return (
    <li data-state={outcome}>
      <span className={css.mark} aria-hidden>
        {stepMark[outcome]}
      </span>
      <div>
        <p className={css.says}>Verify: {verify.says}</p>
        <p className={css.dim}>
          {words[outcome]}
          {looked ? (
            <>
              {' · '}since <Time at={verifying_at} />, within {verify.within_s} s
            </>
          ) : null}
        </p>
        {looked && because !== null ? (
          <p className={outcome === 'done' ? css.verdict : css.because}>{because}</p>
        ) : null}
      </div>
    </li>
  )
}

/** Why the run is where it is, when none of its steps says it already. */
function Because({ run: { because, verifying_at, steps } }: { run: Run }) {
  if (because === null || verifying_at !== null) return null
  if (steps.some((step) => step.because !== null && because.includes(step.because))) return null
  return <p className={css.because}>{because}</p>
}

function Loans({ run, incident }: { run: Run; incident: Incident }) {
  const query = useQuery(loansQuery(run.id))
  return (
    <section aria-label="Loans" className={css.loans}>
      <Loaded query={query} what="what is on loan" rows={1}>
        {({ items }) => items.map((loan) => <OnLoan key={loan.id} loan={loan} incident={incident} />)}
      </Loaded>
    </section>
  )
}

const loanState: Record<Loan['state'], string> = {
  out: 'On loan',
  returning: 'Being given back',
  returned: 'Given back',
  overdue: 'Overdue',
}

function OnLoan({ loan, incident }: { loan: Loan; incident: Incident }) {
  const stale = useStale()
  const queries = useQueryClient()
  const { state, says, target, until, minutes, returned_at, because, may } = loan
  const [reason, setReason] = useState('')
  const blocked = reason.trim() === '' ? 'Say why, for whoever reads the log.' : stale
  return (
    <div className={css.loan}>
      <p>
        <b>{loanState[state]}</b> <code>{target}</code>{' '}
        {returned_at === null ? (
          <>
            until <Time at={until} />
            {state === 'out' ? (
              <>
                , in <Span to={until} />
              </>
            ) : null}
          </>
        ) : (
          <Time at={returned_at} />
        )}
      </p>
      {because === null ? null : <p className={css.dim}>{because}</p>}
      {state === 'out' || state === 'overdue' ? (
        <>
          <TextInput
            label="Why now, or why for longer"
            size="xs"
            value={reason}
            maxLength={2_000}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <ArmButton
            what={loan.id}
            quiet
            label="Give back now"
            sentence={`${says}, in ${place(incident)}, now`}
            may={may.return}
            blocked={blocked}
            onConfirm={async (id, key) => {
              await giveBack(id, reason.trim(), key)
              await queries.invalidateQueries({ queryKey: ['loan'] })
            }}
          />
          <ArmButton
            what={loan.id}
            quiet
            label={`Renew for ${minutes} min`}
            sentence={`${target}, in ${place(incident)}, stays on loan for ${minutes} minutes from now`}
            may={may.renew}
            blocked={blocked}
            onConfirm={async (id, key) => {
              await renew(id, minutes, reason.trim(), key)
              await queries.invalidateQueries({ queryKey: ['loan'] })
            }}
          />
        </>
      ) : null}
    </div>
  )
}
