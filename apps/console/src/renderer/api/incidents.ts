import { queryOptions } from '@tanstack/react-query'
import { client, keyed, told } from './client.js'
import type { IncidentFilter } from './filter.js'

export const incidentsQuery = (filter: IncidentFilter) =>
  queryOptions({
    queryKey: ['incident', 'list', filter],
    // Comparing ten thousand with ten thousand to keep what is equal costs more than drawing the forty that are seen.
    structuralSharing: false,
    queryFn: () =>
      told(
        client.GET('/v1/incidents', {
          params: { query: { limit: 200, ...(filter === 'all' ? {} : { state: filter }) } },
        }),
      ),
  })

export const incidentQuery = (id: string) =>
  queryOptions({
    queryKey: ['incident', id],
    queryFn: () => told(client.GET('/v1/incidents/{id}', { params: { path: { id } } })),
  })

export const timelineQuery = (id: string) =>
  queryOptions({
    queryKey: ['timeline', id],
    queryFn: () => told(client.GET('/v1/incidents/{id}/timeline', { params: { path: { id } } })),
  })

export const acknowledge = (id: string, key: string) =>
  told(client.POST('/v1/incidents/{id}/acknowledge', { params: { path: { id } }, headers: keyed(key) }))
