import type { Books } from './ledger.js'
import type { Scopes } from './scopes.js'

/** What keeps everybody from changing something now. */
export interface Closed {
  code: 'frozen' | 'halted'
  /** The freeze, or the request that pressed the stop switch. */
  by: string
  /** A sentence: what, since when, and what to do. */
  because: string
}

/**
 * Whether a change may begin. Asked in the transaction that lets it begin, after its scopes were locked as shared
 * (`books.lock({ shared: scopes.of(targets) })`): a freeze takes the same locks alone, so that what was not claimed before
 * a freeze committed is not claimed after it. (A plain read leaked 1,484 steps in 200 freezes.)
 *
 * @param contains the recipe only contains or captures evidence, by its approved version: a freeze is no reason to wait
 * @param but asked for the freeze that is passed here, only where one is in the way; any other still holds, and so does the stop switch
 */
export async function closedFor(
  books: Books,
  scopes: Scopes,
  targets: readonly string[],
  contains: boolean,
  but?: () => Promise<string | undefined>,
): Promise<Closed | undefined> {
  const [halt, freezes] = await Promise.all([
    books.requests.last({ kind: 'stop' }),
    contains ? [] : books.frozen(scopes.of(targets)),
  ])
  if (halt?.body['on'] === true)
    return {
      code: 'halted',
      by: halt.id,
      because: `The stop switch is on since ${halt.at} (${halt.by}: ${halt.reason}). It ends by DELETE /v1/stop.`,
    }
  const passed = freezes.length > 0 ? await but?.() : undefined
  const freeze = freezes.find(({ id }) => id !== passed)
  if (!freeze) return undefined
  const { at, by, id, reason, scopes: over } = freeze
  return {
    code: 'frozen',
    by: id,
    because: `Frozen since ${at} by ${by}: ${reason} (${id}, over ${over.join(', ')}). Only two of Security lift it.`,
  }
}
