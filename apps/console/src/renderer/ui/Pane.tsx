import { Skeleton } from '@mantine/core'
import { useEffect, useId, useRef, useState, type ReactNode, type RefObject } from 'react'
import { isRefusal, Refusal } from '../api/problem.js'
import { useUnanswered } from '../api/reach.js'
import { ariaKeys, shown, useKeys, type Binding } from './keys.js'
import css from './Pane.module.css'
import { ProblemNote } from './ProblemNote.js'
import { Time } from './Time.js'

/**
 * A named part of a page, with what stands in its head.
 * @param props.go the key by which one comes to it
 */
export function Pane({
  title,
  head,
  go,
  children,
}: {
  title: ReactNode
  head?: ReactNode
  go?: Pick<Binding, 'keys' | 'does' | 'where'>
  children: ReactNode
}) {
  const id = useId()
  const heading = useRef<HTMLHeadingElement>(null)
  return (
    <section className={css.pane} aria-labelledby={id} aria-keyshortcuts={go ? ariaKeys(go.keys) : undefined}>
      <div className={css.head}>
        <h2 id={id} ref={heading} tabIndex={go ? -1 : undefined}>
          {title}
        </h2>
        {go ? <Way {...go} to={heading} /> : null}
        {head}
      </div>
      {children}
    </section>
  )
}

/** The key that brings the focus to a heading, and what stands below it onto the screen. */
function Way({ to, ...go }: Pick<Binding, 'keys' | 'does' | 'where'> & { to: RefObject<HTMLElement | null> }) {
  const run = () => {
    to.current?.closest('section')?.scrollIntoView({ block: 'nearest' })
    to.current?.focus({ preventScroll: true })
  }
  useKeys([{ ...go, run }])
  return <kbd aria-hidden>{shown(go.keys)}</kbd>
}

/** A query, or whatever else asks: what has come, when (milliseconds since 1970), and why no more has. */
interface Asked<T> {
  data: T | undefined
  error: unknown
  dataUpdatedAt: number
  refetch(): unknown
}

/**
 * What was asked for, as far as it has come: nothing for a moment, then its outline, then it. When asking again fails,
 * what is known stays, and the failure stands above it. Each pane fails alone.
 */
export function Loaded<T>({
  query,
  what,
  rows = 3,
  dated = false,
  children,
}: {
  query: Asked<T>
  /** What is being loaded, as it ends the sentence "Could not load …". */
  what: string
  rows?: number
  /** What is drawn says itself from when it is. */
  dated?: boolean
  children: (data: T) => ReactNode
}) {
  const again = () => void query.refetch()
  const silence = (query.error instanceof Refusal && !query.error.answered) || isRefusal(query.error, 401)
  const unanswered = useUnanswered()
  // While nothing answers everything says from when it is, also what nobody has asked for since.
  const old = !dated && unanswered !== null && query.dataUpdatedAt < unanswered
  // That nothing answers, or that the session has ended, is said once for the whole page; here only how old this is. A "no" is said where it fell.
  const note =
    (silence || old) && query.data !== undefined ? (
      <AsOf at={query.dataUpdatedAt} />
    ) : !query.error ? null : (
      <ProblemNote error={query.error} what={`Could not load ${what}`} again={again} />
    )
  if (query.data === undefined) return note ?? <Outline rows={rows} what={what} />
  return (
    <>
      {note}
      {children(query.data)}
    </>
  )
}

/** From when it is. */
const AsOf = ({ at }: { at: number }) => (
  <p className={css.asof}>
    As of <Time at={new Date(at).toISOString()} />: not asked again since.
  </p>
)

/** Milliseconds of waiting that nobody is told of, and after which something seems to be wrong. */
const SHORT = 150
const LONG = 10_000

function Outline({ rows, what }: { rows: number; what: string }) {
  const [late, setLate] = useState(0)
  useEffect(() => {
    const timers = [setTimeout(() => setLate(1), SHORT), setTimeout(() => setLate(2), LONG)]
    return () => timers.forEach(clearTimeout)
  }, [])
  return (
    <div aria-busy="true" aria-label={`Loading ${what}`} role="status" className={css.outline}>
      {late === 2 ? <p className={css.asof}>Still loading {what}: the API is slow to answer.</p> : null}
      {late > 0 ? Array.from({ length: rows }, (_, row) => <Skeleton key={row} height={20} radius={4} />) : null}
    </div>
  )
}
