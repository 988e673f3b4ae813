import { storeOf, useStore } from '../ui/store.js'

/*
 * Whether the API answers at all, as every question learns it. A "no" is an answer; a gateway that answers in its place
 * is not.
 */

/** Since when nothing answers, by the device's clock in milliseconds; null while it does. */
const since = storeOf<number | null>(null)

export const answered = (): void => since.set(null)

export function unanswered(now: number = Date.now()): void {
  if (since.get() === null) since.set(now)
}

/** What a status says of who answered: 502, 503 and 504 in no form of the API come from something before it. */
export const isGateway = (status: number, readable: boolean): boolean => !readable && status >= 502 && status <= 504

export const useUnanswered = (): number | null => useStore(since)
export const unansweredSince = since.get
export const whenReach = since.subscribe
