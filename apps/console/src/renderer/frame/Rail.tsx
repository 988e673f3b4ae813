import { Link, useNavigate } from '@tanstack/react-router'
import { navFor, type NavEntry } from '../nav.js'
import { Keys } from '../ui/Keys.js'
import { useKeys } from '../ui/keys.js'
import css from './Rail.module.css'

/** The pages, in the order of who looks. */
export function Rail({ roles }: { roles: readonly string[] }) {
  const entries = navFor(roles)
  return (
    <nav aria-label="Pages" className={css.rail} data-part>
      <ul>
        {entries.map((entry) => (
          <li key={entry.to}>
            <Link to={entry.to} activeProps={{ 'aria-current': 'page' }}>
              {entry.name}
              <Keys keys={`g ${entry.key}`} />
            </Link>
            <GoTo entry={entry} />
          </li>
        ))}
      </ul>
    </nav>
  )
}

function GoTo({ entry: { key, name, to } }: { entry: NavEntry }) {
  const go = useNavigate()
  useKeys([{ keys: `g ${key}`, does: `Go to ${name}`, where: 'Go to', run: () => void go({ to }) }])
  return null
}
