import { Skeleton } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import { useEffect, useId, useState, type ReactNode } from 'react'
import css from './Pane.module.css'
import { ProblemNote } from './ProblemNote.js'

/** A named part of a page, with what stands in its head. */
export function Pane({ title, head, children }: { title: string; head?: ReactNode; children: ReactNode }) {
  const id = useId()
  return (
    <section className={css.pane} aria-labelledby={id}>
      <div className={css.head}>
        <h2 id={id}>{title}</h2>
        {head}
      </div>
      {children}
    </section>
  )
}

/**
 * What was asked for, as far as it has come: nothing for a moment, then its outline, then it. When asking again fails,
 * what is known stays, and the failure stands above it. Each pane fails alone.
 */
export function Loaded<T>({
  query,
  what,
  rows = 3,
  children,
}: {
  query: UseQueryResult<T>
  /** What is being loaded, as it ends the sentence "Could not load …". */
  what: string
  rows?: number
  children: (data: T) => ReactNode
}) {
  const again = () => void query.refetch()
  const note = query.error ? <ProblemNote error={query.error} what={`Could not load ${what}`} again={again} /> : null
  if (query.data === undefined) return note ?? <Outline rows={rows} what={what} />
  return (
    <>
      {note}
      {children(query.data)}
    </>
  )
}

function Outline({ rows, what }: { rows: number; what: string }) {
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 150)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div aria-busy="true" aria-label={`Loading ${what}`} role="status" className={css.outline}>
      {late ? Array.from({ length: rows }, (_, row) => <Skeleton key={row} height={20} radius={4} />) : null}
    </div>
  )
}
