import { queryOptions } from '@tanstack/react-query'
import { client, keyed, told } from './client.js'

export const planQuery = (id: string) =>
  queryOptions({
    queryKey: ['plan', id],
    queryFn: () => told(client.GET('/v1/plans/{id}', { params: { path: { id } } })),
    // What ends by the clock has no event.
    refetchInterval: ({ state }) => (endsByItself.has(state.data?.may.approve.code) ? 15_000 : false),
  })

const endsByItself: ReadonlySet<string | undefined> = new Set(['cooldown', 'quiet', 'role-too-young'])

/** Under the plan's own key: its events are entries of the plan. */
export const breakGlassQuery = (plan: string) =>
  queryOptions({
    queryKey: ['plan', plan, 'break-glass'],
    queryFn: () => told(client.GET('/v1/break-glass', { params: { query: { plan, limit: 50 } } })),
  })

export const requestPlan = (body: { recipe: string; incident: string }, key: string) =>
  told(client.POST('/v1/plans', { body, headers: keyed(key) }))

export const decidePlan = (id: string, body: { digest: string; decision: 'yes' | 'no'; note: string }, key: string) =>
  told(client.POST('/v1/plans/{id}/approvals', { params: { path: { id } }, body, headers: keyed(key) }))
