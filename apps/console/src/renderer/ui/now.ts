import { useSyncExternalStore } from 'react'

/*
 * What time it is for the record: the server's clock, as far as the page has heard of it. Ages and expiries are told by
 * it, because the device's own clock may be minutes off.
 */
let skew = 0

/** Told by the stream: the server's time when it spoke. */
export function heardTime(at: string): void {
  const server = Date.parse(at)
  if (Number.isFinite(server)) skew = server - Date.now()
}

export const now = (): Date => new Date(Date.now() + skew)

const listeners = new Set<() => void>()
let second = 0
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    second++
    for (const each of listeners) each()
  }, 1_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** Today in a zone, as `dayOf` names it: told again when it becomes another. A thousand times on a page ask for no more. */
export const useDay = (dayOf: (now: Date) => string): string => useSyncExternalStore(subscribe, () => dayOf(now()))

/** The time, told again every second: one timer for the whole page. */
export function useNow(): Date {
  useSyncExternalStore(subscribe, () => second)
  return now()
}
