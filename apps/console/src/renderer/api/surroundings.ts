import { queryOptions } from '@tanstack/react-query'
import { client, told } from './client.js'
import { elseKept } from './kept.js'
import { keptRoom } from './rooms.js'
import { shelf } from './shelf.js'

/*
 * What is around an incident: figures of what it is about, what changed there, and what its runs have kept. No event tells
 * that the worker has looked again, so the first two are asked again every few seconds for as long as somebody has to follow them.
 */

export const askFigures = (id: string) => told(client.GET('/v1/incidents/{id}/figures', { params: { path: { id } } }))
export const askChanges = (id: string) => told(client.GET('/v1/incidents/{id}/changes', { params: { path: { id } } }))

/** Milliseconds after which it is asked again what the worker has seen meanwhile. */
const AGAIN = 10_000

/** @param followed whether it is still to be seen how they go on */
export const figuresQuery = (id: string, followed = true) =>
  queryOptions({
    queryKey: ['figure', id],
    queryFn: (context) =>
      elseKept(
        context,
        () => askFigures(id),
        async () => (await keptRoom(shelf, id))?.data.figures,
      ),
    refetchInterval: followed && AGAIN,
  })

/** @param followed whether more may still be found to have changed */
export const changesQuery = (id: string, followed = true) =>
  queryOptions({
    queryKey: ['change', id],
    queryFn: (context) =>
      elseKept(
        context,
        () => askChanges(id),
        async () => (await keptRoom(shelf, id))?.data.changes,
      ),
    refetchInterval: followed && AGAIN,
  })

export const evidenceQuery = (id: string) =>
  queryOptions({
    queryKey: ['evidence', id],
    queryFn: () => told(client.GET('/v1/incidents/{id}/evidence', { params: { path: { id } } })),
  })
