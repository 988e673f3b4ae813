import { readJson } from '../files.js'

/** Where alerts go. */
export interface Receiver {
  url: string
  /** A file `{ people: [{ id, key }] }`; the key of `alertmanager` is read at each delivery. */
  keyFile?: string
}

/** `again`: it may come through in a moment. `refused`: not as it is, so not at once. */
export type Outcome = { is: 'delivered' } | { is: 'again' | 'refused'; why: string }

/** One delivery. As in Alertmanager 5xx and no answer at all are worth another try at once, 4xx is not. */
export async function deliver({ url, keyFile }: Receiver, body: object, stop: AbortSignal): Promise<Outcome> {
  try {
    const authorization = keyFile === undefined ? {} : { authorization: `Bearer ${keyOf(keyFile)}` }
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Alertmanager/firebreak-sandbox', ...authorization },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.any([stop, AbortSignal.timeout(10_000)]),
    })
    await response.body?.cancel()
    if (response.ok) return { is: 'delivered' }
    const again = response.status >= 500
    const why = `${url} answered ${response.status}; ${again ? 'trying again' : 'not trying again at once'}`
    return { is: again ? 'again' : 'refused', why }
  } catch (error) {
    return { is: 'again', why: `${url} cannot be told: ${reason(error)}; trying again` }
  }
}

function keyOf(file: string): string {
  const known = readJson(file) as { people?: { id?: unknown; key?: unknown }[] } | undefined
  if (!known) throw new Error(`there is no key file ${file} yet`)
  const key = known.people?.find(({ id }) => id === 'alertmanager')?.key
  if (typeof key !== 'string') throw new Error(`${file} has no key for alertmanager`)
  return key
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure'
  const { cause } = error
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message
}
