import { useEffect, useRef } from 'react'

/** Pixels of the window that the bar over the page takes. */
const BAR = 64

/**
 * A column that stays in view while the one beside it is read, where all of it fits into the window: a longer one would
 * never show its end. Says so by `data-fits`.
 */
export function useFits() {
  const column = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = column.current!
    const look = () => (element.dataset['fits'] = String(element.offsetHeight <= window.innerHeight - BAR))
    const observer = new ResizeObserver(look)
    observer.observe(element)
    window.addEventListener('resize', look)
    return () => {
      observer.disconnect()
      window.removeEventListener('resize', look)
    }
  }, [])
  return column
}
