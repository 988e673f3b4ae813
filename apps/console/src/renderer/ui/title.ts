import { useEffect } from 'react'

/** The name of the page, in the tab and for who cannot see it. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Firebreak`
  }, [title])
}
