import css from './Severity.module.css'
import { severities, type Severity as Level } from './severity.js'

export function Severity({ level }: { level: Level }) {
  const { word, path, filled } = severities[level]
  return (
    <span className={css.severity} data-level={level}>
      <svg aria-hidden viewBox="0 0 12 12" className={filled ? css.filled : css.hollow}>
        <path d={path} />
      </svg>{' '}
      {word}
    </span>
  )
}
