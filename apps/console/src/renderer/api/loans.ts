import { queryOptions } from '@tanstack/react-query'
import { client, keyed, told } from './client.js'

export const loansQuery = (run: string) =>
  queryOptions({
    queryKey: ['loan', { run }],
    queryFn: () => told(client.GET('/v1/loans', { params: { query: { run, limit: 200 } } })),
  })

export const giveBack = (id: string, reason: string, key: string) =>
  told(client.POST('/v1/loans/{id}/return', { params: { path: { id } }, body: { reason }, headers: keyed(key) }))

export const renew = (id: string, minutes: number, reason: string, key: string) =>
  told(
    client.POST('/v1/loans/{id}/renew', { params: { path: { id } }, body: { minutes, reason }, headers: keyed(key) }),
  )
