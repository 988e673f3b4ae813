import css from './Spark.module.css'
import { sparkPath, type Measured } from './figure.js'

/** CSS pixels, in a row of a list. */
const WIDE = 72
const HIGH = 18

/** A small drawing beside the words that say the same: for the eye alone, and without the script of a chart. */
export function Spark({ measured }: { measured: Pick<Measured, 'points' | 'step' | 'threshold'> }) {
  const { line, threshold } = sparkPath(measured, WIDE, HIGH)
  return (
    <svg className={css.spark} width={WIDE} height={HIGH} viewBox={`0 0 ${WIDE} ${HIGH}`} aria-hidden="true">
      {threshold === null ? null : <path className={css.limit} d={`M0 ${threshold}H${WIDE}`} />}
      <path className={css.line} d={line} />
    </svg>
  )
}
