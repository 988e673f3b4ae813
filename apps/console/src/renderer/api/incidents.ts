import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client, keyed, told } from './client.js'
import { queryOf, type InboxFilter } from './filter.js'
import { elseKept } from './kept.js'
import { keptActive, keptRoom, partOf } from './rooms.js'
import { shelf } from './shelf.js'
import type { Incident } from './view.js'

/** Asked for once, and remembered by whoever asked. */
const ONCE = { staleTime: 0, gcTime: 0, structuralSharing: false } as const

export const askIncident = (id: string) => told(client.GET('/v1/incidents/{id}', { params: { path: { id } } }))
export const askTimeline = (id: string) => told(client.GET('/v1/incidents/{id}/timeline', { params: { path: { id } } }))
export const askSuggestions = (id: string) =>
  told(client.GET('/v1/incidents/{id}/suggestions', { params: { path: { id } } }))

/** What is wrong now, the worst first: so much of it as anybody chooses from. The inbox has its own list (`inbox.ts`). */
export const activeQuery = queryOptions({
  queryKey: ['incident', 'list', 'active'],
  queryFn: (context) =>
    elseKept(
      context,
      () => told(client.GET('/v1/incidents', { params: { query: { limit: 200, order: 'urgency', state: 'active' } } })),
      () => keptActive(shelf),
    ),
})

/** How many pass a filter, and each of its other values. The inbox asks again when something happened, once a second. */
export const countsQuery = (filter: InboxFilter) =>
  queryOptions({
    queryKey: ['incident-count', filter],
    queryFn: () => told(client.GET('/v1/incidents/counts', { params: { query: queryOf(filter) } })),
    placeholderData: keepPreviousData,
  })

/** Rows of a page: few at first, so that they are there at once. */
const FIRST = 200
const MORE = 1_000

/** A page of the inbox, in the order of urgency. Kept by nobody: the inbox holds its rows. */
export const pageQuery = (filter: InboxFilter, after: string | null) =>
  queryOptions({
    queryKey: ['inbox', 'page', filter, after],
    ...ONCE,
    queryFn: () => {
      const limit = after === null ? FIRST : MORE
      const query = { ...queryOf(filter), order: 'urgency' as const, limit, ...(after === null ? {} : { after }) }
      return told(client.GET('/v1/incidents', { params: { query } }))
    },
  })

/** These incidents as they are now. */
export const theseQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ['inbox', 'these', ids],
    ...ONCE,
    queryFn: () => told(client.GET('/v1/incidents', { params: { query: { ids: ids.join(','), limit: ids.length } } })),
  })

export const incidentQuery = (id: string) =>
  queryOptions({
    queryKey: ['incident', id],
    queryFn: (context) =>
      elseKept(
        context,
        () => askIncident(id),
        async () => partOf(await keptRoom(shelf, id), ({ incident }) => incident),
      ),
  })

/** Its plans, the newest first. Under the noun of plans: what happens to one of them changes it. */
export const suggestionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['plan', 'of', id],
    queryFn: (context) =>
      elseKept(
        context,
        () => askSuggestions(id),
        async () => partOf(await keptRoom(shelf, id), ({ suggestions }) => suggestions),
      ),
  })

export const timelineQuery = (id: string) =>
  queryOptions({
    queryKey: ['timeline', id],
    queryFn: (context) =>
      elseKept(
        context,
        () => askTimeline(id),
        async () => partOf(await keptRoom(shelf, id), ({ timeline }) => timeline),
      ),
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
