import { queryOptions } from '@tanstack/react-query'
import { api } from './client.js'
import type { IncidentFilter } from './filter.js'

/*
 * What the console asks for. The first word of a key is its noun: an event of the stream finds by it what to ask again.
 */

export const meQuery = queryOptions({ queryKey: ['me'], queryFn: () => api.me(), staleTime: Infinity })

export const seededQuery = queryOptions({ queryKey: ['people', 'seeded'], queryFn: () => api.seededPeople() })

export const incidentsQuery = (filter: IncidentFilter) =>
  queryOptions({ queryKey: ['incident', 'list', filter], queryFn: () => api.incidents(filter) })

export const incidentQuery = (id: string) =>
  queryOptions({ queryKey: ['incident', id], queryFn: () => api.incident(id) })

export const timelineQuery = (id: string) =>
  queryOptions({ queryKey: ['timeline', id], queryFn: () => api.timeline(id) })

export const planQuery = (id: string) =>
  queryOptions({
    queryKey: ['plan', id],
    queryFn: () => api.plan(id),
    // What ends by the clock has no event.
    refetchInterval: ({ state }) => (endsByItself.has(state.data?.may.approve.code) ? 15_000 : false),
  })

const endsByItself: ReadonlySet<string | undefined> = new Set(['cooldown', 'quiet', 'role-too-young'])

/** Under the plan's own key: its events are entries of the plan. */
export const breakGlassQuery = (plan: string) =>
  queryOptions({ queryKey: ['plan', plan, 'break-glass'], queryFn: () => api.breakGlass(plan) })

export const runQuery = (id: string) => queryOptions({ queryKey: ['run', id], queryFn: () => api.run(id) })

export const loansQuery = (run: string) => queryOptions({ queryKey: ['loan', { run }], queryFn: () => api.loans(run) })

/** No event tells of it: it grows with every entry. */
export const checkpointQuery = queryOptions({
  queryKey: ['checkpoint'],
  queryFn: () => api.checkpoint(),
  refetchInterval: 15_000,
})
