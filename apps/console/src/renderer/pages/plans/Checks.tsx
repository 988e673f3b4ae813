import type { Plan } from '../../api/view.js'
import { useNow } from '../../ui/now.js'
import { useHeld } from './AskBreakGlass.js'
import css from './Checks.module.css'
import { checksOf, type Check } from './checks.js'

const marks: Record<Check['is'], { sign: string; word: string }> = {
  good: { sign: '✓', word: 'good' },
  bad: { sign: '✗', word: 'against it' },
  unknown: { sign: '?', word: 'not known' },
}

/** What stands for and against a plan, before anybody decides about it. */
export function Checks({ plan }: { plan: Plan }) {
  const checks = checksOf(plan, useNow(), useHeld(plan))
  if (checks.length === 0) return null
  return (
    <ul className={css.checks} aria-label="Checks">
      {checks.map(({ is, says }) => (
        <li key={says} data-is={is}>
          <span aria-hidden className={css.sign}>
            {marks[is].sign}
          </span>
          <span className="unseen">{marks[is].word}: </span>
          {says}
        </li>
      ))}
    </ul>
  )
}
