import { Button } from '@mantine/core'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { announce } from './announce.js'
import css from './HeldTable.module.css'
import { hold, type Row } from './hold.js'
import { useKeys } from './keys.js'

interface Props<T> {
  /** As it is now, in the order in which it would be shown. */
  items: readonly T[]
  /** Of the table, for who cannot see it. */
  caption: string
  columns: readonly string[]
  /** One thing, and its page, as the help sheet calls them: `incident`, `Incidents`. */
  noun: string
  where: string
  /** The cells of a row. Its first link is what `j`, `k` and Enter go by, and is as large as the row. */
  cells(row: Row<T>): ReactNode
  /** What stands there instead of no rows: truly nothing, or nothing behind this filter. */
  nothing: ReactNode
  /** The row that is open beside the list. */
  current?: string | undefined
  /** The focus came to a row. */
  onReach?(item: T): void
}

/**
 * A list that lives while somebody works in it: rows never move under the pointer, what arrives waits behind "n new", and
 * `j`, `k` and Enter go through it. Give it another `key` for another filter: that is another list.
 */
export function HeldTable<T extends { id: string }>(props: Props<T>) {
  const { items, caption, columns, noun, where, cells, nothing, current, onReach } = props
  const [shown, setShown] = useState<readonly T[] | null>(null)
  const table = useRef<HTMLTableElement>(null)
  const { rows, arrivals } = hold(shown, items)
  // The order is made once something is on the screen, and made again when the person asks.
  if (items.length > 0 && (shown === null || shown.length === 0)) setShown(items)

  const showNew = () => {
    if (arrivals.length === 0) return
    announce(`${arrivals.length} new shown`)
    setShown(items)
    requestAnimationFrame(() => links(table.current)[0]?.focus())
  }
  const walk = (by: number) => {
    const all = links(table.current)
    const at = all.findIndex((link) => link === document.activeElement)
    const from = at < 0 ? all.findIndex((link) => link.closest('tr')?.ariaCurrent === 'true') : at
    all[from < 0 ? 0 : Math.min(all.length - 1, Math.max(0, from + by))]?.focus()
  }
  useKeys([
    { keys: 'j', does: `Next ${noun}`, where, run: () => walk(1) },
    { keys: 'k', does: `Previous ${noun}`, where, run: () => walk(-1) },
    { keys: 'n', does: 'Show what is new', where, run: showNew },
  ])

  const ready = rows.length > 0
  useEffect(() => {
    // Who came here by no link wants the first of the list under Enter.
    if (ready && document.activeElement === document.body) links(table.current)[0]?.focus()
  }, [ready])

  return (
    <>
      <div className={css.pill}>
        {arrivals.length > 0 ? (
          <Button size="compact-sm" onClick={showNew}>
            {arrivals.length} new: press n to show
          </Button>
        ) : null}
      </div>
      {rows.length === 0 ? (
        <p className={css.nothing}>{nothing}</p>
      ) : (
        <table ref={table} className={css.list}>
          <caption className="unseen">{caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr
                key={row.item.id}
                data-left={row.left}
                aria-current={row.item.id === current ? 'true' : undefined}
                onFocus={() => onReach?.(row.item)}
              >
                {cells(row)}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}

/** The first link of every row. */
const links = (table: HTMLTableElement | null): HTMLAnchorElement[] =>
  [...(table?.querySelectorAll('tbody tr') ?? [])].flatMap((row) => row.querySelector('a') ?? [])
