import type { QueryFunctionContext } from '@tanstack/react-query'
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

/**
 * What the server says. When it is down and nothing is known yet, what the device had kept becomes what is known, as old as
 * it is; asking has failed all the same, so that every pane says from when it is.
 *
 * @param context of the query that asks
 * @param kept looks for it on the device
 */
export async function elseKept<T>(
  { client, queryKey }: Pick<QueryFunctionContext, 'client' | 'queryKey'>,
  ask: () => Promise<T>,
  kept: () => Promise<Kept<T> | undefined>,
): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (isDown(error) && client.getQueryData(queryKey) === undefined) {
      const found = await kept()
      if (found) client.setQueryData(queryKey, found.data, { updatedAt: Date.parse(found.at) })
    }
    throw error
  }
}
