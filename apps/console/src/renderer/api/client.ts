import { createFirebreakClient } from '@firebreak/client'
import type { IncidentFilter } from './filter.js'
import { noAnswer, refusalOf } from './problem.js'
import { transport } from './transport.js'

/** The session is a cookie that no script can read, so there is no key here, and never will be. */
const client = createFirebreakClient({ baseUrl: '', fetch: (request) => transport.fetch(request as Request) })

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** What was answered; a no, or no answer, is thrown as a `Refusal`. */
async function told<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asked.catch(() => {
    throw noAnswer()
  })
  if (!response.ok) throw refusalOf(error, response)
  return data as T
}

/** One arming, one key: however often a command is sent, it is done at most once. */
const keyed = (key: string) => ({ 'Idempotency-Key': key })

/** Everything that the console asks for and tells. */
export const api = {
  me: () => told(client.GET('/v1/me')),
  seededPeople: () => told(client.GET('/v1/people/seeded')),
  signIn: (person: string) => told(client.POST('/v1/sign-in/seeded', { body: { person } })),
  signOut: () => told(client.POST('/v1/sign-out')),

  incidents: (filter: IncidentFilter) =>
    told(
      client.GET('/v1/incidents', {
        params: { query: { limit: 200, ...(filter === 'all' ? {} : { state: filter }) } },
      }),
    ),
  incident: (id: string) => told(client.GET('/v1/incidents/{id}', { params: { path: { id } } })),
  timeline: (id: string) => told(client.GET('/v1/incidents/{id}/timeline', { params: { path: { id } } })),
  acknowledge: (id: string, key: string) =>
    told(client.POST('/v1/incidents/{id}/acknowledge', { params: { path: { id } }, headers: keyed(key) })),

  plan: (id: string) => told(client.GET('/v1/plans/{id}', { params: { path: { id } } })),
  requestPlan: (body: { recipe: string; incident: string }, key: string) =>
    told(client.POST('/v1/plans', { body, headers: keyed(key) })),
  decide: (id: string, body: { digest: string; decision: 'yes' | 'no'; note: string }, key: string) =>
    told(client.POST('/v1/plans/{id}/approvals', { params: { path: { id } }, body, headers: keyed(key) })),

  breakGlass: (plan: string) => told(client.GET('/v1/break-glass', { params: { query: { plan, limit: 50 } } })),

  /** A signed note, as text. */
  checkpoint: () => told(client.GET('/v1/audit/checkpoint', { parseAs: 'text' })),

  run: (id: string) => told(client.GET('/v1/runs/{id}', { params: { path: { id } } })),
  loans: (run: string) => told(client.GET('/v1/loans', { params: { query: { run, limit: 200 } } })),
  giveBack: (id: string, reason: string, key: string) =>
    told(client.POST('/v1/loans/{id}/return', { params: { path: { id } }, body: { reason }, headers: keyed(key) })),
  renew: (id: string, minutes: number, reason: string, key: string) =>
    told(
      client.POST('/v1/loans/{id}/renew', {
        params: { path: { id } },
        body: { minutes, reason },
        headers: keyed(key),
      }),
    ),
}
