import createClient, { type Client } from 'openapi-fetch'
import type { components, paths } from './schema.js'

export type { components, operations, paths } from './schema.js'

/** One of the API's own shapes by name: `Shape<'Plan'>`. */
export type Shape<Name extends keyof components['schemas']> = components['schemas'][Name]
export type Problem = Shape<'Problem'>
export type FirebreakClient = Client<paths>

/**
 * The API, typed from its own description. Answers `{ data }` or `{ error }` (a Problem), and throws only when nobody
 * answers. In a browser leave `key` out: the session is a cookie that no script can read.
 *
 * @param options.baseUrl where the API is, `http://127.0.0.1:4600`; in the page an empty text, for "where I came from"
 * @param options.key     an API key, `fbk_…`
 */
export function createFirebreakClient(options: {
  baseUrl: string
  key?: string
  fetch?: typeof globalThis.fetch
}): FirebreakClient {
  const { baseUrl, key, fetch } = options
  return createClient<paths>({
    baseUrl,
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    ...(fetch ? { fetch: (request: Request) => fetch(request) } : {}),
  })
}
