import { queryOptions } from '@tanstack/react-query'
import { client, told } from './client.js'

/** A signed note, as text. No event tells of it: it grows with every entry. */
export const checkpointQuery = queryOptions({
  queryKey: ['checkpoint'],
  queryFn: () => told(client.GET('/v1/audit/checkpoint', { parseAs: 'text' })),
  refetchInterval: 15_000,
})
