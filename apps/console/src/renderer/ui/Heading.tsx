import { useRouterState } from '@tanstack/react-router'
import { useEffect, useRef, type ReactNode } from 'react'
import { paths } from '../paths.js'

/** True from going to another page until its heading is there: a page that is still loading has none. */
let arriving = false

/** The heading of a page. Whoever goes to another page finds the focus on it: reading and tabbing begin there. */
export function Heading({ children }: { children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (arriving) focusOn(heading.current)
  }, [])
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  )
}

/** Notices that the page has become another one; the first page of all keeps the focus where the browser put it. */
export function useArrivals(): void {
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname })
  const before = useRef(path)
  useEffect(() => {
    // The first address is no page: whoever is sent on from it has not left one.
    if (before.current !== undefined && before.current !== paths.home && before.current !== path) {
      arriving = true
      focusOn(document.querySelector<HTMLElement>('main h1'))
    }
    before.current = path
  }, [path])
}

function focusOn(heading: HTMLElement | null): void {
  if (!heading) return
  heading.focus()
  arriving = false
}
