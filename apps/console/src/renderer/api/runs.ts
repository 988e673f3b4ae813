import { queryOptions } from '@tanstack/react-query'
import { client, told } from './client.js'

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['run', id],
    queryFn: () => told(client.GET('/v1/runs/{id}', { params: { path: { id } } })),
  })
