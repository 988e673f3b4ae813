import { queryOptions } from '@tanstack/react-query'
import { client, told } from './client.js'
import type { Role } from './view.js'

/** Who has a role now. */
export const holdersQuery = (role: Role) =>
  queryOptions({
    queryKey: ['person', 'list', role],
    queryFn: () => told(client.GET('/v1/people', { params: { query: { role, limit: 200 } } })),
    staleTime: 60_000,
  })

/** Everybody: who an incident is handed to is looked for among them. */
export const peopleQuery = queryOptions({
  queryKey: ['person', 'list'],
  queryFn: () => told(client.GET('/v1/people', { params: { query: { limit: 200 } } })),
  staleTime: 60_000,
})
