import type { Plan } from '../../api/view.js'
import css from './State.module.css'
import { planMark, planState } from './words.js'

/** How far a plan is: shape, word and colour. */
export const State = ({ plan: { state } }: { plan: Pick<Plan, 'state'> }) => (
  <b className={css.state} data-state={state}>
    <span aria-hidden>{planMark[state]}</span> {planState[state]}
  </b>
)
