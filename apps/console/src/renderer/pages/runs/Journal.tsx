import type { Run, RunStep } from '../../api/view.js'
import { Diff } from '../../ui/Diff.js'
import { Time } from '../../ui/Time.js'
import css from './Journal.module.css'
import { itemsSay, stepMark, stepState } from './words.js'

/** What the journal says of a run: each step with its attempts and what it left, and at the end whether it helped. */
export function Journal({ run }: { run: Run }) {
  return (
    <>
      <Because run={run} />
      <ol className={css.steps} aria-label="Steps of the run">
        {run.steps.map((step) => (
          <Step key={step.id} step={step} />
        ))}
        <Verification run={run} />
      </ol>
    </>
  )
}

/** Why the run is where it is, when none of its steps says it already. */
function Because({ run: { because, verifying_at, steps } }: { run: Run }) {
  if (because === null || verifying_at !== null) return null
  if (steps.some((step) => step.because !== null && because.includes(step.because))) return null
  return <p className={css.because}>{because}</p>
}

function Step({ step }: { step: RunStep }) {
  const { state, says, verb, undo_says, intended_at, ended_at, before, after, because, attempt, items } = step
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
          {' · '}
          <code>{verb}</code>
        </p>
        {before === null || after === null ? null : <Diff before={before} after={after} />}
        {items === null ? null : <Items items={items} />}
        {because === null ? null : <p className={css.because}>{because}</p>}
        {undo_says === null || state !== 'done' ? null : <p className={css.dim}>Undo: {undo_says}</p>}
      </div>
    </li>
  )
}

/** A step over many things: how far it is, and each of them that a person has to know by its number. */
function Items({ items }: { items: NonNullable<RunStep['items']> }) {
  const { count, states, named } = items
  const done = states['done'] ?? 0
  return (
    <div className={css.items}>
      <progress value={done} max={Math.max(1, count)} aria-label="Items done" />
      <p>{itemsSay(items)}</p>
      {named.length === 0 ? null : (
        <ul aria-label="Items to look at">
          {named.map(({ number, state, because }) => (
            <li key={number} data-state={state}>
              <b>
                #{number} {stepState[state]}
              </b>
              {because === null ? null : <>: {because}</>}
            </li>
          ))}
        </ul>
      )}
    </div>
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
