import { Button } from '@mantine/core'
import { Fragment, useEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { announce } from './announce.js'
import css from './HeldTable.module.css'
import { behind, hold, idsOf, type Row } from './hold.js'
import { useKeys } from './keys.js'
import { MANY, useDrawn } from './window.js'

interface Props<T> {
  /** As it is now. */
  items: readonly T[]
  /** The order in which it is shown, when that is made: at first, and when the person asks. Left out, its own. */
  order?(items: readonly T[]): readonly T[]
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
  /** It comes in pages: the next of them is shown behind the last row at once. */
  paged?: boolean
  /** The focus came to a row. */
  onReach?(item: T): void
  /** The order was made: what is shown, as it is shown. */
  onOrder?(ids: readonly string[]): void
}

/**
 * A list that lives while somebody works in it: rows never move under the pointer, what arrives waits behind "n new", and
 * `j`, `k` and Enter go through it. Give it another `key` for another filter: that is another list.
 */
export function HeldTable<T extends { id: string }>(props: Props<T>) {
  const {
    items,
    order = asItIs,
    caption,
    columns,
    noun,
    where,
    cells,
    nothing,
    current,
    paged = false,
    onReach,
    onOrder,
  } = props
  const [shown, setShown] = useState<readonly T[] | null>(null)
  const table = useRef<HTMLTableElement>(null)
  const known = useMemo(() => idsOf(shown ?? []), [shown])
  const { count, row, arrivals } = useMemo(() => hold(shown, items, known), [shown, items, known])
  const drawn = useDrawn(table, count, ROW)
  // The order is made once something is on the screen, and made again when the person asks.
  if (items.length > 0 && (shown === null || shown.length === 0)) setShown(order(items))
  const next = paged && shown !== null ? behind(items, known) : []
  if (shown !== null && next.length > 0) setShown([...shown, ...next])

  const told = useRef(onOrder)
  useEffect(() => {
    told.current = onOrder
  })
  useEffect(() => {
    if (shown !== null) told.current?.(shown.map(({ id }) => id))
  }, [shown])

  const shownNew = useRef(false)
  useEffect(() => {
    if (!shownNew.current) return
    // What is open beside the list stays open: only the person opens another.
    const open = table.current?.querySelector<HTMLElement>('tr[aria-current] a')
    const link = open ?? table.current?.querySelector<HTMLElement>('tr[data-index="0"] a')
    if (!link) return
    shownNew.current = false
    link.focus()
  })

  const showNew = () => {
    if (arrivals.length === 0) return
    announce(`${arrivals.length} new shown`)
    setShown(order(items))
    // The first row may not be drawn yet: the focus goes there once it is.
    shownNew.current = true
    if (current === undefined) window.scrollTo(0, 0)
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

  const ready = count > 0
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
      {count === 0 ? (
        <p className={css.nothing}>{nothing}</p>
      ) : (
        <div className={css.wide}>
          <table ref={table} className={css.list} data-fixed={drawn.widths !== null} aria-rowcount={count + 1}>
            <caption className="unseen">{caption}</caption>
            <thead>
              <tr>
                {columns.map((column, at) => (
                  <th key={column} scope="col" style={{ width: drawn.widths?.[at] }}>
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {drawn.rows.map(({ at, before }) => {
                const { item, left } = row(at)
                return (
                  <Fragment key={item.id}>
                    <Gap height={before} />
                    <tr
                      ref={drawn.measure}
                      data-index={at}
                      data-left={left}
                      aria-rowindex={count > MANY ? at + 2 : undefined}
                      aria-current={item.id === current ? 'true' : undefined}
                      onFocus={() => onReach?.(item)}
                    >
                      {cells({ item, left })}
                    </tr>
                  </Fragment>
                )
              })}
              <Gap height={drawn.after} />
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}

const asItIs = <T,>(items: readonly T[]): readonly T[] => items

/** The height of most rows, in pixels. */
const ROW = 42

/** The rows that are not drawn. */
const Gap = ({ height }: { height: number }) => (height > 0 ? <tr aria-hidden style={{ height }} /> : null)

/** The first link of every row. */
const links = (table: HTMLTableElement | null): HTMLAnchorElement[] =>
  [...(table?.querySelectorAll('tbody tr') ?? [])].flatMap((row) => row.querySelector('a') ?? [])
