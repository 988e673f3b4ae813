import { useRouterState } from '@tanstack/react-router'
import { useEffect, useRef, type ReactNode, type RefObject } from 'react'
import { paths } from '../paths.js'

/** True from going to another page until its heading is there: a page that is still loading has none. */
let arriving = false

/** Marks where a page wants the focus, when it is not its heading: the one field that is still to be filled in. */
export const wanted = { 'data-wanted': true }

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
  const field = document.querySelector<HTMLElement>('main [data-wanted]')
  ;(field ?? heading).focus()
  arriving = false
}

/** Of what came after its page's heading: it gets the focus, unless the person has taken it elsewhere by then. */
export function useWanted(field: RefObject<HTMLElement | null>, is: boolean): void {
  useEffect(() => {
    const at = document.activeElement
    if (is && (at === document.body || at?.tagName === 'H1')) field.current?.focus()
  }, [field, is])
}
