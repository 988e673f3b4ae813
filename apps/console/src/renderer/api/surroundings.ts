import { queryOptions } from '@tanstack/react-query'
import { client, told } from './client.js'

/*
 * What is around an incident: figures of what it is about, what changed there, and what its runs have kept. No event tells
 * that the worker has looked again, so the first two are asked again every few seconds.
 */

export const figuresQuery = (id: string) =>
  queryOptions({
    queryKey: ['figure', id],
    queryFn: () => told(client.GET('/v1/incidents/{id}/figures', { params: { path: { id } } })),
    refetchInterval: 10_000,
  })

export const changesQuery = (id: string) =>
  queryOptions({
    queryKey: ['change', id],
    queryFn: () => told(client.GET('/v1/incidents/{id}/changes', { params: { path: { id } } })),
    refetchInterval: 10_000,
  })

export const evidenceQuery = (id: string) =>
  queryOptions({
    queryKey: ['evidence', id],
    queryFn: () => told(client.GET('/v1/incidents/{id}/evidence', { params: { path: { id } } })),
  })
