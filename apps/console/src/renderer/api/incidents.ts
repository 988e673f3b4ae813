import { queryOptions } from '@tanstack/react-query'
import { client, keyed, told } from './client.js'
import type { IncidentFilter } from './filter.js'
import type { Incident } from './view.js'

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

/** Its plans, the newest first. Under the noun of plans: what happens to one of them changes it. */
export const suggestionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['plan', 'of', id],
    queryFn: () => told(client.GET('/v1/incidents/{id}/suggestions', { params: { path: { id } } })),
  })

export const timelineQuery = (id: string) =>
  queryOptions({
    queryKey: ['timeline', id],
    queryFn: () => told(client.GET('/v1/incidents/{id}/timeline', { params: { path: { id } } })),
  })

export const acknowledge = (id: string, key: string) =>
  told(client.POST('/v1/incidents/{id}/acknowledge', { params: { path: { id } }, headers: keyed(key) }))

/** What somebody else has changed since this version is not changed unread: 412. */
const unread = (version: number) => ({ 'If-Match': `"${version}"` })

export const assign = ({ id, version }: Pick<Incident, 'id' | 'version'>, owner: string, key: string) =>
  told(
    client.PATCH('/v1/incidents/{id}', {
      ...{ params: { path: { id }, header: unread(version) }, body: { owner }, headers: keyed(key) },
    }),
  )

export const correctSeverity = (
  { id, version }: Pick<Incident, 'id' | 'version'>,
  body: { severity: Incident['severity']; reason: string },
  key: string,
) =>
  told(
    client.PATCH('/v1/incidents/{id}', {
      ...{ params: { path: { id }, header: unread(version) }, body, headers: keyed(key) },
    }),
  )

export const resolve = (id: string, reason: string, key: string) =>
  told(client.POST('/v1/incidents/{id}/resolve', { params: { path: { id } }, body: { reason }, headers: keyed(key) }))

export const reopen = (id: string, reason: string, key: string) =>
  told(client.POST('/v1/incidents/{id}/reopen', { params: { path: { id } }, body: { reason }, headers: keyed(key) }))

export const note = (id: string, text: string, key: string) =>
  told(client.POST('/v1/incidents/{id}/notes', { params: { path: { id } }, body: { text }, headers: keyed(key) }))
