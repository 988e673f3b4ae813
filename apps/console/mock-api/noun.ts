import type { paths } from '@firebreak/client'
import type { Me } from '../src/renderer/api/view.js'
import type { Night } from './night.js'

/** Who is at the other end: a cookie on a server, the page itself in development. */
export interface Session {
  person: string | null
}

/** Whoever asks, signed in. */
export type Asker = Pick<Me, 'id' | 'name' | 'kind' | 'roles'>

/** A question, taken apart. */
export interface Asked {
  /** What stands in the place of each `{…}` of the path; an empty text for one that the path has not. */
  at(name: string): string
  query: URLSearchParams
  body: Record<string, unknown>
  /** The version that If-Match names; null: any. */
  version: number | null
  me: Asker
}

type Json<R> = R extends { content: { 'application/json': infer Body } } ? Body : R extends { content: { 'text/plain': infer Text } } ? Text : undefined // prettier-ignore
type Good<O> = O extends { responses: infer R } ? Json<R[Extract<keyof R, 200 | 201 | 202 | 204>]> : never
type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'
type Routed<M extends Method> = {
  [P in keyof paths as paths[P] extends Record<M, { responses: unknown }> ? `${Uppercase<M>} ${P}` : never]?: (
    asked: Asked,
  ) => Good<paths[P][M & keyof paths[P]]>
}

/** Routes by method and path as openapi.json writes them, each with what openapi.json says that it answers. */
export type Routes = Routed<'get'> & Routed<'post'> & Routed<'put'> & Routed<'patch'> & Routed<'delete'>

/** One noun of the API, pretended: its routes over what happens tonight, and what there is of it when the night begins. */
export interface Noun {
  routes(night: Night): Routes
  seed?(night: Night): void
}

/** A text of a body; anything else is empty. */
export const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** A page of a list, by `limit` and `after` as the real API takes them; `next` is the cursor of the next. */
export function pageOf<T extends { id: string }, V>(items: readonly T[], query: URLSearchParams, view: (item: T) => V) {
  const limit = Number(query.get('limit') ?? 50)
  const from = items.findIndex(({ id }) => id === query.get('after')) + 1
  const page = items.slice(from, from + limit)
  return { items: page.map(view), next: from + limit < items.length ? (page.at(-1)?.id ?? null) : null }
}
