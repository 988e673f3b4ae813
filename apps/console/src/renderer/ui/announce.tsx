import { useSyncExternalStore } from 'react'

/*
 * What a screen reader is told without being asked: one polite region for the whole page, and only for what a person
 * has to know now. Live values announce nothing.
 */
let said = ''
const listeners = new Set<() => void>()

export function announce(sentence: string): void {
  said = sentence
  for (const listener of listeners) listener()
}

export function Announcer() {
  const text = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => said,
  )
  return (
    <div role="status" aria-label="Announcements" className="unseen">
      {text}
    </div>
  )
}
