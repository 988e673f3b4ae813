import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client, keyed, told } from './client.js'
import type { Run } from './view.js'

export const runStates = [
  'queued',
  'running',
  'waiting',
  'verifying',
  'cancelling',
  'cancelled',
  'failed',
  'undoing',
  'undone',
  'succeeded',
  'frozen',
  'stale',
  'needs-a-person',
] as const satisfies readonly Run['state'][]

/** Which runs; what is left out is every one. */
export interface RunFilter {
  state?: Run['state']
  recipe?: string
  incident?: string
}

/** The filter in a URL. What is none there is somebody's typing, and filters nothing. */
export function parseRunFilter(search: Record<string, unknown>): RunFilter {
  const state = runStates.find((one) => one === search['state'])
  const name = (key: string) => {
    const value = search[key]
    return typeof value === 'string' && value !== '' && value.length <= 100 ? value : undefined
  }
  const [recipe, incident] = [name('recipe'), name('incident')]
  return { ...(state ? { state } : {}), ...(recipe ? { recipe } : {}), ...(incident ? { incident } : {}) }
}

/** Runs, the newest first, a page at a time. */
export const runsQuery = (filter: RunFilter) =>
  infiniteQueryOptions({
    queryKey: ['run', 'list', filter],
    queryFn: ({ pageParam }) =>
      told(
        client.GET('/v1/runs', {
          params: { query: { ...filter, limit: 50, ...(pageParam === null ? {} : { after: pageParam }) } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  })

/** The newest runs of one recipe, as one short list. */
export const runsOfQuery = (recipe: string) =>
  queryOptions({
    queryKey: ['run', 'of', recipe],
    queryFn: () => told(client.GET('/v1/runs', { params: { query: { recipe, limit: 50 } } })),
  })

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['run', id],
    queryFn: () => told(client.GET('/v1/runs/{id}', { params: { path: { id } } })),
  })

/** What a person found where the worker could not tell. */
export type Verdict =
  | { verdict: 'in-place'; then: 'go-on' | 'take-back' }
  | { verdict: 'not-in-place' }
  | { verdict: 'look-again' }
  | { verdict: 'put-right' }

export const cancelRun = (id: string, body: { undo: boolean; reason: string }, key: string) =>
  told(client.POST('/v1/runs/{id}/cancel', { params: { path: { id } }, body, headers: keyed(key) }))

export const resolveUnknown = (id: string, body: Verdict & { reason: string }, key: string) =>
  told(client.POST('/v1/runs/{id}/resolve-unknown', { params: { path: { id } }, body, headers: keyed(key) }))
