import { Refusal } from './problem.js'
import type { Kept, Shelf } from './shelf.js'

/** What is shown, when it was so, and whether the server said it now or the device had kept it. */
export interface Shown<T> extends Kept<T> {
  from: 'server' | 'device'
}

/** Whether the API is down, and not only unwilling: a "no" of its own is never answered from the device. */
export const isDown = (error: unknown): boolean =>
  error instanceof Refusal && (!error.answered || error.problem.status >= 500)

/**
 * What the server says, which is kept; or what the device had kept when the API is down. Without either it fails as the
 * server did.
 *
 * @param name under which it is kept
 * @param ask asks the server
 * @param now the server's time, as far as the page knows it
 */
export async function throughShelf<T>(
  shelf: Shelf,
  name: string,
  ask: () => Promise<T>,
  now: () => Date,
): Promise<Shown<T>> {
  try {
    const kept = { data: await ask(), at: now().toISOString() }
    await shelf.put(name, kept)
    return { ...kept, from: 'server' }
  } catch (error) {
    if (!isDown(error)) throw error
    const kept = await shelf.get(name)
    if (kept === undefined) throw error
    return { data: kept.data as T, at: kept.at, from: 'device' }
  }
}
