import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client, keyed, told } from './client.js'
import type { Loan } from './view.js'

export const loansQuery = (run: string) =>
  queryOptions({
    queryKey: ['loan', { run }],
    queryFn: () => told(client.GET('/v1/loans', { params: { query: { run, limit: 200 } } })),
  })

export const loanQuery = (id: string) =>
  queryOptions({
    queryKey: ['loan', id],
    queryFn: () => told(client.GET('/v1/loans/{id}', { params: { path: { id } } })),
  })

/** What is changed for now and not given back yet, the first to come back first. All of it: however many pages that is. */
export const outNowQuery = queryOptions({
  queryKey: ['loan', 'out-now'],
  queryFn: async () => {
    const lists = await Promise.all((['overdue', 'returning', 'out'] as const).map((state) => all(state)))
    return lists.flat().sort((a, b) => a.until.localeCompare(b.until) || a.id.localeCompare(b.id))
  },
})

async function all(state: Loan['state']): Promise<Loan[]> {
  const found: Loan[] = []
  for (let after: string | null | undefined; after !== null;) {
    const query = { state, limit: 200, ...(after === undefined ? {} : { after }) }
    const page = await told(client.GET('/v1/loans', { params: { query } }))
    found.push(...page.items)
    after = page.next
  }
  return found
}

/** What was given back, the newest first, a page at a time. */
export const givenBackQuery = infiniteQueryOptions({
  queryKey: ['loan', 'returned'],
  queryFn: ({ pageParam }) => {
    const query = { state: 'returned' as const, limit: 50, ...(pageParam === null ? {} : { after: pageParam }) }
    return told(client.GET('/v1/loans', { params: { query } }))
  },
  initialPageParam: null as string | null,
  getNextPageParam: ({ next }) => next,
})

export const giveBack = (id: string, reason: string, key: string) =>
  told(client.POST('/v1/loans/{id}/return', { params: { path: { id } }, body: { reason }, headers: keyed(key) }))

export const renew = (id: string, minutes: number, reason: string, key: string) =>
  told(
    client.POST('/v1/loans/{id}/renew', { params: { path: { id } }, body: { minutes, reason }, headers: keyed(key) }),
  )
