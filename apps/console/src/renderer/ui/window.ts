import { defaultRangeExtractor, useWindowVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useState, type RefObject } from 'react'

/** From this many rows on, only those near the window are drawn. */
export const MANY = 120
/** Rows drawn beyond each edge of the window: the next that a key goes to is always there. */
const BEYOND = 12

/** What of a long table is drawn: rows by their place, and how many pixels stand empty before each and after all. */
export interface Drawn {
  rows: { at: number; before: number }[]
  after: number
  /** The places in and about the window, without the row that has the focus elsewhere. */
  near: { first: number; last: number }
  /** Hears how high a drawn row is. */
  measure(row: Element | null): void
  /** Pixels of each column, once many rows are drawn in parts: else the columns would move with what is drawn. */
  widths: readonly number[] | null
}

/**
 * Draws the rows of a table that stand in the window, and the one that has the focus. A short table is drawn whole.
 * @param height of a row, in pixels, until it has been measured
 * @param even every row is that high, and none is measured: each that is otherwise moves all that are behind it
 */
export function useDrawn(
  table: RefObject<HTMLTableElement | null>,
  count: number,
  height: number,
  even: boolean,
): Drawn {
  const many = count > MANY
  const [top, setTop] = useState(0)
  const [focused, setFocused] = useState(-1)
  const widths = useWidths(table, many)

  useLayoutEffect(() => {
    const body = table.current?.tBodies[0]
    if (many && body) setTop(body.getBoundingClientRect().top + window.scrollY)
  }, [many, count])
  useEffect(() => {
    const element = table.current
    if (!many || !element) return
    const hear = (event: FocusEvent) =>
      setFocused(Number((event.target as Element).closest('tr')?.dataset['index'] ?? -1))
    element.addEventListener('focusin', hear)
    return () => element.removeEventListener('focusin', hear)
  }, [many, table])

  const virtual = useWindowVirtualizer({
    count,
    enabled: many,
    estimateSize: () => height,
    overscan: BEYOND,
    scrollMargin: top,
    // A row that is about to be pressed is not taken away because somebody scrolled on.
    rangeExtractor: (range) => {
      const near = defaultRangeExtractor(range)
      if (focused < 0 || focused >= count || near.includes(focused)) return near
      return [...near, focused].sort((a, b) => a - b)
    },
  })
  if (!many) {
    const rows = Array.from({ length: count }, (_, at) => ({ at, before: 0 }))
    return { rows, after: 0, near: { first: 0, last: Math.max(0, count - 1) }, measure: unmeasured, widths }
  }

  let end = top
  const rows = virtual.getVirtualItems().map((item) => {
    const before = item.start - end
    end = item.end
    return { at: item.index, before }
  })
  const { startIndex = 0, endIndex = 0 } = virtual.range ?? {}
  const near = { first: Math.max(0, startIndex - BEYOND), last: Math.min(count - 1, endIndex + BEYOND) }
  return {
    rows,
    after: virtual.getTotalSize() + top - end,
    near,
    measure: even ? unmeasured : virtual.measureElement,
    widths,
  }
}

/** The widths of the columns as they came out first, kept until the window has another one. */
function useWidths(table: RefObject<HTMLTableElement | null>, many: boolean): readonly number[] | null {
  const [widths, setWidths] = useState<readonly number[] | null>(null)
  useLayoutEffect(() => {
    const heads = table.current?.tHead?.rows[0]?.cells
    // Without a row the heads alone would say how wide the columns are.
    const drawn = table.current?.tBodies[0]?.querySelector('tr[data-index]')
    if (many && widths === null && heads && drawn) setWidths([...heads].map((head) => head.offsetWidth))
  })
  useEffect(() => {
    const again = () => setWidths(null)
    window.addEventListener('resize', again)
    return () => window.removeEventListener('resize', again)
  }, [])
  return many ? widths : null
}

const unmeasured = () => {}
