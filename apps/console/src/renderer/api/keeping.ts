import type { QueryClient } from '@tanstack/react-query'
import { now } from '../ui/now.js'
import { activeQuery, askIncident, askSuggestions, askTimeline } from './incidents.js'
import { RoomKeeper } from './rooms.js'
import { keepRunbook } from './runbook.js'
import { claim, shelf } from './shelf.js'
import { askChanges, askFigures } from './surroundings.js'
import type { Happened } from './touches.js'

/*
 * What lies on the device of whoever has signed in, before they need it: the runbook, and the open incidents.
 */

/** Milliseconds after the first page: what is shown now goes before what may be needed later. */
const FIRST = 2_000
/** How often the runbook is kept again, and the incidents; those at once when something happened, but so far apart. */
const [RUNBOOK, ROOMS, SOON] = [600_000, 30_000, 10_000]
/** Between two rooms: the page that somebody works in goes first. */
const REST = 200

let ended: AbortController | undefined
let heard: (event: Happened) => void = () => {}

/**
 * Begins to keep what this person may need. Answers how to stop.
 * @param scripts loads what shows the runbook
 */
export function keepFor(person: string, queries: QueryClient, scripts: () => Promise<unknown>): () => void {
  const stop = new AbortController()
  ended = stop
  void claim(shelf, person, now())
    .then(() => pause(FIRST, stop.signal))
    // One tab of a browser does it for all of them.
    .then(() =>
      alone(stop.signal, () => Promise.all([keepBook(queries, scripts, stop.signal), keepRooms(queries, stop.signal)])),
    )
    .catch(() => undefined)
  return () => stop.abort()
}

/** Nothing is kept from here on, also of what is being asked for at this moment. */
export const stopKeeping = (): void => ended?.abort()

/** Told of each event: what it is about is kept soon. */
export const keepingHears = (event: Happened): void => heard(event)

async function keepBook(queries: QueryClient, scripts: () => Promise<unknown>, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    // The scripts first: text that nothing can show is of no use.
    await scripts().then(
      () => keepRunbook(queries),
      () => undefined,
    )
    await pause(RUNBOOK, stop)
  }
}

async function keepRooms(queries: QueryClient, stop: AbortSignal): Promise<void> {
  const ask = {
    active: () => queries.fetchQuery({ ...activeQuery, staleTime: SOON }),
    ...{ incident: askIncident, timeline: askTimeline, suggestions: askSuggestions },
    ...{ figures: askFigures, changes: askChanges },
    rest: () => pause(REST, stop),
  }
  const keeper = new RoomKeeper(shelf, ask, now, stop)
  let wake = () => {}
  heard = (event) => {
    keeper.heard(event)
    wake()
  }
  const looked = () => new Set(queries.getQueryCache().findAll({ queryKey: ['timeline'], type: 'active' }).map(({ queryKey }) => String(queryKey[1]))) // prettier-ignore
  while (!stop.aborted) {
    const happened = new Promise<void>((done) => (wake = done))
    // The API is down: what was kept before stays.
    await keeper.round(looked()).catch(() => undefined)
    await pause(SOON, stop)
    await Promise.race([happened, pause(ROOMS - SOON, stop)])
  }
  heard = () => {}
}

/** A page on plain HTTP has no locks, and each of its tabs keeps for itself. */
const alone = (signal: AbortSignal, work: () => Promise<unknown>): Promise<unknown> =>
  'locks' in navigator ? navigator.locks.request('firebreak keeping', { signal }, work) : work()

const pause = (ms: number, stop: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (stop.aborted) return done()
    const timer = setTimeout(done, ms)
    stop.addEventListener('abort', () => (clearTimeout(timer), done()), { once: true })
  })
