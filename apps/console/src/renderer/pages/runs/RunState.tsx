import type { Run } from '../../api/view.js'
import css from './RunState.module.css'
import { runMark, runState } from './words.js'

/** How it is with a run: mark, word and colour. */
export function RunState({ state }: { state: Run['state'] }) {
  return (
    <b className={css.state} data-state={state}>
      <span aria-hidden className={css.mark}>
        {runMark(state)}
      </span>{' '}
      {runState[state]}
    </b>
  )
}
