import { queryOptions } from '@tanstack/react-query'
import { client, told } from './client.js'
import type { Observation } from './view.js'

/** Pages of 200 that are asked for at most: what a cluster shows in one namespace, ten times over. */
const MOST_PAGES = 20

/** All pages of a list, as far as anybody would read it. `cut`: there are more. */
async function pagesOf<T>(
  ask: (query: { limit: number; after?: string }) => Promise<{ items: T[]; next: string | null }>,
): Promise<{ items: T[]; cut: boolean }> {
  const items: T[] = []
  let after: string | null = null
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer: { items: T[]; next: string | null } = await ask({ limit: 200, ...(after === null ? {} : { after }) })
    items.push(...answer.items)
    after = answer.next
    if (after === null) break
  }
  return { items, cut: after !== null }
}

/** What the worker last saw of one kind of target. `cut`: there are more than anybody would list. */
export interface Seen {
  items: Observation[]
  cut: boolean
}

/**
 * What the worker last saw of a kind: `deployment`, `service`, `queue`, `namespace`. No event tells that it has looked
 * again, so it is asked again every few seconds, whatever the browser thinks of the network.
 */
export const seenQuery = (kind: string) =>
  queryOptions({
    queryKey: ['target', kind],
    queryFn: (): Promise<Seen> =>
      pagesOf((page) => told(client.GET('/v1/targets', { params: { query: { kind, ...page } } }))),
    refetchInterval: 5_000,
  })

/** What was measured of one target over the last hour: `service:api`. */
export const figuresOfQuery = (target: string) =>
  queryOptions({
    queryKey: ['figure', target],
    queryFn: () => told(client.GET('/v1/targets/{id}/figures', { params: { path: { id: target } } })),
    refetchInterval: 10_000,
  })

/** One figure of every target that has it, as far as a small drawing shows it: `p95_ms`. `cut` as of {@link Seen}. */
export const figuresNamedQuery = (name: string) =>
  queryOptions({
    queryKey: ['figure', 'named', name],
    queryFn: () => pagesOf((page) => told(client.GET('/v1/targets/figures', { params: { query: { name, ...page } } }))),
    refetchInterval: 15_000,
  })

/** When the worker last looked at this kind at all; what it did not see then is gone, or cannot be looked at. */
export const lastLook = (items: readonly Observation[]): string | null =>
  items.reduce<string | null>((last, { at }) => (last === null || at > last ? at : last), null)
