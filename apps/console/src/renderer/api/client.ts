import { noAnswer, refusalOf } from './problem.js'
import { transport } from './transport.js'
import type { IncidentFilter } from './filter.js'
import type {
  Incident,
  IncidentPage,
  Loan,
  LoanPage,
  Me,
  Plan,
  Run,
  SeededPeople,
  Timeline,
} from './view.js'

interface Wish {
  method?: 'GET' | 'POST'
  body?: unknown
  key?: string
}

async function ask<T>(path: string, { method = 'GET', body, key }: Wish = {}): Promise<T> {
  const headers = new Headers({ accept: 'application/json' })
  if (body !== undefined) headers.set('content-type', 'application/json')
  if (key !== undefined) headers.set('idempotency-key', key)
  const request = new Request(new URL(path, location.origin), {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const response = await transport.fetch(request).catch(() => {
    throw noAnswer()
  })
  const answer: unknown = response.status === 204 ? undefined : await response.json().catch(() => undefined)
  if (!response.ok) throw refusalOf(answer, response)
  return answer as T
}

const id = encodeURIComponent

export const api = {
  me: () => ask<Me>('/v1/me'),
  seededPeople: () => ask<SeededPeople>('/v1/people/seeded'),
  signIn: (person: string) => ask<Me>('/v1/sign-in/seeded', { method: 'POST', body: { person } }),
  signOut: () => ask<unknown>('/v1/sign-out', { method: 'POST' }),
  incidents: (filter: IncidentFilter) =>
    ask<IncidentPage>(`/v1/incidents?limit=200${filter === 'all' ? '' : `&state=${filter}`}`),
  incident: (incident: string) => ask<Incident>(`/v1/incidents/${id(incident)}`),
  timeline: (incident: string) => ask<Timeline>(`/v1/incidents/${id(incident)}/timeline`),
  acknowledge: (incident: string, key: string) =>
    ask<Incident>(`/v1/incidents/${id(incident)}/acknowledge`, { method: 'POST', key }),
  plan: (plan: string) => ask<Plan>(`/v1/plans/${id(plan)}`),
  requestPlan: (wish: { recipe: string; incident: string }, key: string) =>
    ask<Plan>('/v1/plans', { method: 'POST', body: wish, key }),
  decide: (plan: string, vote: { digest: string; decision: 'yes' | 'no'; note: string }, key: string) =>
    ask<Plan>(`/v1/plans/${id(plan)}/approvals`, { method: 'POST', body: vote, key }),
  run: (run: string) => ask<Run>(`/v1/runs/${id(run)}`),
  loans: () => ask<LoanPage>('/v1/loans?limit=200'),
  giveBack: (loan: string, key: string) => ask<Loan>(`/v1/loans/${id(loan)}/return`, { method: 'POST', key }),
}
