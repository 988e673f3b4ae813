import { Ended, EXIT } from '../exits.js'

export interface Patience {
  timeoutMs: number
  sleep: (ms: number) => Promise<void>
  now: () => number
  say: (line: string) => void
}

const LOOK_MS = 500

/**
 * Looks until there is an answer. Whatever it says on the way is told when it changes; an API that is away for a moment is
 * waited for. Throws Ended (exit 6) when the time is over; nothing is taken back by that.
 *
 * @param look answers undefined while it is not there; `told` says how far it is
 */
export async function until<T>(
  what: string,
  { now, say, sleep, timeoutMs }: Patience,
  look: (told: (progress: string) => void) => Promise<T | undefined>,
): Promise<T> {
  const end = now() + timeoutMs
  let last = ''
  const told = (progress: string) => {
    if (progress !== last) say(progress)
    last = progress
  }
  for (;;) {
    const found = await look(told).catch((error: unknown) => {
      if (!(error instanceof Ended && error.exit === EXIT.unreachable)) throw error
      told(`${error.message.split('. ')[0]}; still waiting for ${what}`)
      return undefined
    })
    if (found !== undefined) return found
    if (now() + LOOK_MS > end)
      throw new Ended(
        EXIT.timeout,
        `waited ${timeoutMs / 1000} s for ${what}, and it goes on without us; --timeout waits longer`,
        'timeout',
      )
    await sleep(LOOK_MS)
  }
}
