import { useMemo, useState } from 'react'
import { announce } from './announce.js'
import { behind, hold, idsOf } from './hold.js'
import { ListTable, type ListProps } from './ListTable.js'

interface Props<T> extends ListProps<T> {
  /** As it is now. */
  items: readonly T[]
  /** The order in which it is shown, when that is made: at first, and when the person asks. Left out, its own. */
  order?(items: readonly T[]): readonly T[]
  /** It comes in pages: the next of them is shown behind the last row at once. */
  paged?: boolean
}

/**
 * A list that lives while somebody works in it: rows never move under the pointer, what arrives waits behind "n new", and
 * `j`, `k` and Enter go through it. Give it another `key` for another filter: that is another list.
 */
export function HeldTable<T extends { id: string }>({ items, order = asItIs, paged = false, ...list }: Props<T>) {
  const [shown, setShown] = useState<readonly T[] | null>(null)
  const known = useMemo(() => idsOf(shown ?? []), [shown])
  const { count, row, arrivals } = useMemo(() => hold(shown, items, known), [shown, items, known])
  // The order is made once something is on the screen, and made again when the person asks.
  if (items.length > 0 && (shown === null || shown.length === 0)) setShown(order(items))
  const next = paged && shown !== null ? behind(items, known) : []
  if (shown !== null && next.length > 0) setShown([...shown, ...next])
  const showNew = () => {
    announce(`${arrivals.length} new shown`)
    setShown(order(items))
  }
  return <ListTable {...list} count={count} row={row} arrivals={arrivals.length} showNew={showNew} />
}

const asItIs = <T,>(items: readonly T[]): readonly T[] => items
