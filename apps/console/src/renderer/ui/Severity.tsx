import css from './Severity.module.css'
import { severities, type Severity as Level } from './severity.js'

export function Severity({ level }: { level: Level }) {
  const { shape, word } = severities[level]
  return (
    <span className={css.severity} data-level={level}>
      <span aria-hidden>{shape}</span> {word}
    </span>
  )
}
