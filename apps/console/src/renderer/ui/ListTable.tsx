import { Button } from '@mantine/core'
import { Fragment, useEffect, useRef, type ReactNode, type RefObject } from 'react'
import css from './ListTable.module.css'
import type { Row } from './hold.js'
import { useKeys } from './keys.js'
import { MANY, useDrawn } from './window.js'

/** What every list says of itself. */
export interface ListProps<T> {
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

interface Props<T> extends ListProps<T> {
  /** How many rows there are. */
  count: number
  /** The row at a place, from 0; undefined where it is still to come. */
  row(at: number): Row<T> | undefined
  /** How many have come, and wait. */
  arrivals: number
  /** Makes the order anew; settles when it is there. */
  showNew(): void | Promise<void>
  /** Stands beside what waits, where it moves nothing. */
  strip?: ReactNode
  /** Rows that are marked, by id. */
  marked?: ReadonlySet<string>
  /** Where there are many, each is one line high: what does not fit in its cell is cut off. */
  even?: boolean
  /** Hears which rows are drawn, by place. */
  onWindow?(first: number, last: number): void
}

/**
 * The rows of a list, of which those near the window are drawn, and the keys that go through them. What the rows are, and
 * in which order, is its owner's.
 */
export function ListTable<T extends { id: string }>(props: Props<T>) {
  const { count, row, arrivals, showNew, strip, marked, even = false, onWindow } = props
  const { caption, columns, noun, where, cells, nothing, current, onReach } = props
  const table = useRef<HTMLTableElement>(null)
  const drawn = useDrawn(table, count, ROW, even)
  const going = useGoing(table, count)

  const { first, last } = drawn.near
  useEffect(() => onWindow?.(first, last), [onWindow, first, last])

  const walk = (by: number) => {
    const all = links(table.current)
    const at = all.findIndex((link) => link === document.activeElement)
    const from = at < 0 ? all.findIndex((link) => link.closest('tr')?.ariaCurrent === 'true') : at
    all[from < 0 ? 0 : Math.min(all.length - 1, Math.max(0, from + by))]?.focus()
  }
  const show = () => {
    if (arrivals === 0) return
    // What is open beside the list stays open: only the person opens another.
    void Promise.resolve(showNew()).then(() => going.to(current === undefined ? 'first' : 'current', true))
  }
  useKeys([
    { keys: 'j', does: `Next ${noun}`, where, run: () => walk(1) },
    { keys: 'k', does: `Previous ${noun}`, where, run: () => walk(-1) },
    { keys: 'n', does: 'Show what is new', where, run: show },
    { keys: 'Home', does: `First ${noun}`, where, run: () => going.to('first') },
    { keys: 'End', does: `Last ${noun}`, where, run: () => going.to('last') },
    { keys: 'PageDown', does: 'A screen down', where, run: () => going.by(1) },
    { keys: 'PageUp', does: 'A screen up', where, run: () => going.by(-1) },
  ])

  const ready = count > 0
  useEffect(() => {
    // Who came here by no link wants the first of the list under Enter.
    if (ready && document.activeElement === document.body) links(table.current)[0]?.focus()
  }, [ready])

  return (
    <>
      <div className={css.pill}>
        {strip}
        {arrivals > 0 ? (
          <Button size="compact-sm" onClick={show}>
            {arrivals.toLocaleString('en')} new: press n to show
          </Button>
        ) : null}
      </div>
      {count === 0 ? (
        <div className={css.nothing}>{nothing}</div>
      ) : (
        <div className={css.wide}>
          <table
            ref={table}
            className={css.list}
            data-fixed={drawn.widths !== null}
            data-even={even && count > MANY}
            aria-rowcount={count + 1}
          >
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
                const known = row(at)
                const place = count > MANY ? at + 2 : undefined
                if (known === undefined)
                  return (
                    <Fragment key={at}>
                      <Gap height={before} />
                      <tr className={css.coming} data-coming aria-rowindex={place}>
                        <td colSpan={columns.length}>coming…</td>
                      </tr>
                    </Fragment>
                  )
                const { item, left } = known
                return (
                  <Fragment key={item.id}>
                    <Gap height={before} />
                    <tr
                      ref={drawn.measure}
                      data-index={at}
                      data-left={left}
                      data-marked={marked?.has(item.id)}
                      aria-rowindex={place}
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

/** The height of most rows, in pixels. */
const ROW = 42
/** Rows of a screen that are seen again on the next one. */
const AGAIN = 4

/**
 * Goes to a row that may not be drawn yet, or may not have come: the focus follows as soon as it is there, unless the
 * person has gone elsewhere meanwhile.
 */
function useGoing(table: RefObject<HTMLTableElement | null>, count: number) {
  const wanted = useRef<number | Going | null>(null)
  /** Answers whether it was there. */
  const focus = (place: number | Going): boolean => {
    const at = place === 'last' ? count - 1 : typeof place === 'number' ? place : 0
    const link =
      (place === 'current' ? linkOf(table.current, 'tr[aria-current]') : null) ??
      linkOf(table.current, `tr[data-index="${at}"]`)
    link?.focus()
    return link !== null
  }
  useEffect(() => {
    const place = wanted.current
    if (place === null) return
    if (focus(place)) wanted.current = null
    else if (place === 'last') window.scrollTo(0, document.documentElement.scrollHeight)
  })
  useEffect(() => {
    const elsewhere = () => void (wanted.current = null)
    const events = ['wheel', 'pointerdown', 'keydown'] as const
    // Before the keys of the page hear it: a key that goes somewhere is not undone by itself.
    for (const event of events) window.addEventListener(event, elsewhere, { capture: true, passive: true })
    return () => {
      for (const event of events) window.removeEventListener(event, elsewhere, { capture: true })
    }
  }, [])
  return {
    /** @param changes the rows are about to change: the place is looked for once more when they have */
    to: (place: Going, changes = false) => {
      if (place !== 'current') window.scrollTo(0, place === 'first' ? 0 : document.documentElement.scrollHeight)
      const there = focus(place)
      wanted.current = there && !changes ? null : place
    },
    by: (screens: number) => {
      const rows = Math.max(1, Math.floor(window.innerHeight / ROW) - AGAIN)
      const here = document.activeElement?.closest('tr')?.dataset['index']
      const from = Number(here ?? 0)
      const at = Math.min(count - 1, Math.max(0, from + screens * rows))
      window.scrollBy(0, (at - from) * ROW)
      wanted.current = focus(at) ? null : at
    },
  }
}

type Going = 'first' | 'last' | 'current'

const linkOf = (table: HTMLTableElement | null, row: string): HTMLElement | null =>
  table?.querySelector<HTMLElement>(`${row} a`) ?? null

/** The rows that are not drawn. */
const Gap = ({ height }: { height: number }) => (height > 0 ? <tr aria-hidden style={{ height }} /> : null)

/** The first link of every row. */
const links = (table: HTMLTableElement | null): HTMLAnchorElement[] =>
  [...(table?.querySelectorAll('tbody tr') ?? [])].flatMap((row) => row.querySelector('a') ?? [])
