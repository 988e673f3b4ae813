import { Textarea } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { cancelRun, resolveUnknown } from '../../api/runs.js'
import type { Run } from '../../api/view.js'
import { ArmButton } from '../../ui/ArmButton.js'
import { useStale } from '../../ui/live.js'
import css from './Intervene.module.css'
import { Revert } from './Revert.js'
import { runState, takesBack, unknownSteps, verdicts } from './words.js'

/** What a person can still say to a run: stop; where it stands still, what is there; where it is over, to take it back. */
export function Intervene({ run, where }: { run: Run; where: string }) {
  if (run.state === 'needs-a-person') return <Answer run={run} where={where} />
  if (run.ended_at !== null) return <Revert run={run} />
  return <Stop run={run} where={where} />
}

const WHY = 'Say why, for whoever reads the log.'

function Stop({ run, where }: { run: Run; where: string }) {
  const [reason, setReason] = useState('')
  const told = useTold(run.id)
  const stale = useStale()
  const blocked = reason.trim() === '' ? WHY : stale
  const back = takesBack(run)
  const what = (undo: boolean) => (run.may.cancel.ok ? `${run.id}/${undo ? (back ?? '') : 'stop'}` : run.id)
  const send = (undo: boolean) => async (_: string, key: string) => {
    await cancelRun(run.id, { undo, reason: reason.trim() }, key)
    await told()
  }
  return (
    <section aria-label="Stop this run" className={css.box}>
      {run.may.cancel.ok ? (
        <Textarea
          label="Stop it: why"
          description="It stops at its next boundary, never in the middle of a step."
          autosize
          minRows={1}
          maxRows={4}
          size="xs"
          maxLength={2_000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      ) : null}
      <ArmButton
        what={what(false)}
        quiet
        label="Stop, and leave what is done"
        sentence={`Stop “${run.recipe.title}” at its next boundary, ${where}; what is done stays, and what is on loan comes back by its date`}
        may={run.may.cancel}
        blocked={blocked}
        onConfirm={send(false)}
      />
      {run.may.cancel.ok ? (
        <ArmButton
          what={what(true)}
          quiet
          label="Stop, and take back what is done"
          sentence={`Stop “${run.recipe.title}” at its next boundary, ${where}, and then: ${back ?? 'nothing, for nothing is done yet'}`}
          may={run.may.cancel}
          blocked={blocked}
          onConfirm={send(true)}
        />
      ) : null}
    </section>
  )
}

/** The run stands still and touches nothing until somebody who looked says what is there. */
function Answer({ run, where }: { run: Run; where: string }) {
  const [reason, setReason] = useState('')
  const [chosen, setChosen] = useState<string | null>(null)
  const told = useTold(run.id)
  const stale = useStale()
  const unknown = unknownSteps(run)
  const open = verdicts(unknown.length > 0)
  const answer = open.find(({ label }) => label === chosen)
  const blocked = answer === undefined ? 'Say first what you found.' : reason.trim() === '' ? WHY : stale
  return (
    <section aria-label="Answer this run" className={css.box}>
      <h3 className={css.title}>It {runState[run.state]}</h3>
      {unknown.length === 0 ? (
        <p>It stands still, and what it holds stays held, until somebody answers.</p>
      ) : (
        <>
          <p>Nobody knows whether this was done. Look, out there, and say what you found:</p>
          <ul className={css.unknown}>
            {unknown.map(({ id, number, says, targets }) => (
              <li key={id}>
                <b>
                  Step {number}: {says}
                </b>{' '}
                <code>{targets.join(', ')}</code>
              </li>
            ))}
          </ul>
        </>
      )}
      {run.may.resolve.ok ? (
        <>
          <fieldset className={css.choices}>
            <legend>What is there</legend>
            {open.map(({ label, means }) => (
              <label key={label}>
                <input
                  type="radio"
                  name={`verdict-${run.id}`}
                  value={label}
                  checked={label === chosen}
                  onChange={() => setChosen(label)}
                />
                <span>
                  <b>{label}</b>
                  <span className={css.means}>{means}</span>
                </span>
              </label>
            ))}
          </fieldset>
          <Textarea
            label="How you know"
            autosize
            minRows={1}
            maxRows={4}
            size="xs"
            maxLength={2_000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        </>
      ) : null}
      <ArmButton
        what={`${run.id}/${answer?.label ?? ''}`}
        label="Answer"
        sentence={`${answer?.label ?? ''}: ${unknown.map(({ says }) => says).join('; ') || run.recipe.title}, ${where}. ${answer?.means ?? ''}`}
        may={run.may.resolve}
        blocked={blocked}
        onConfirm={async (_, key) => {
          if (answer) await resolveUnknown(run.id, { ...answer.verdict, reason: reason.trim() }, key)
          await told()
        }}
      />
    </section>
  )
}

function useTold(run: string) {
  const queries = useQueryClient()
  return () => queries.invalidateQueries({ queryKey: ['run', run] })
}
