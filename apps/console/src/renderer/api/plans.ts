import { queryOptions } from '@tanstack/react-query'
import { client, keyed, told } from './client.js'
import { elseKept } from './kept.js'
import { keptPlan } from './rooms.js'
import { shelf } from './shelf.js'

export const askPlan = (id: string) => told(client.GET('/v1/plans/{id}', { params: { path: { id } } }))

export const planQuery = (id: string) =>
  queryOptions({
    queryKey: ['plan', id],
    queryFn: (context) =>
      elseKept(
        context,
        () => askPlan(id),
        () => keptPlan(shelf, id),
      ),
    // What ends by the clock has no event.
    refetchInterval: ({ state }) => (endsByItself.has(state.data?.may.approve.code) ? 15_000 : false),
  })

const endsByItself: ReadonlySet<string | undefined> = new Set(['cooldown', 'quiet', 'role-too-young'])

/** `proposed`: those that wait for people, all that there are; `mine`: the newest that I asked for; `all`: the newest. */
export type PlanFilter = 'proposed' | 'mine' | 'all'

const queries = { proposed: { state: 'proposed' }, mine: { requested_by: 'me' }, all: {} } as const

export const plansQuery = (filter: PlanFilter) =>
  queryOptions({
    queryKey: ['plan', 'list', filter],
    queryFn: () => told(client.GET('/v1/plans', { params: { query: { limit: 200, ...queries[filter] } } })),
  })

/** Under the plan's own key: its events are entries of the plan. */
export const breakGlassQuery = (plan: string) =>
  queryOptions({
    queryKey: ['plan', plan, 'break-glass'],
    queryFn: () => told(client.GET('/v1/break-glass', { params: { query: { plan, limit: 50 } } })),
    // That its time is over has no event.
    refetchInterval: ({ state }) =>
      state.data?.items.some(({ state }) => state === 'asked' || state === 'granted' || state === 'used')
        ? 15_000
        : false,
  })

/** What holds a plan that a broken glass could pass, and who could grant it. */
export const breakGlassCheckQuery = (plan: string) =>
  queryOptions({
    queryKey: ['plan', plan, 'break-glass', 'check'],
    queryFn: () => told(client.GET('/v1/break-glass/check', { params: { query: { plan } } })),
  })

/** Who broke the glass, or asked to, newest first: what of it waits on somebody is among the newest. */
export const passesQuery = queryOptions({
  queryKey: ['plan', 'list', 'break-glass'],
  queryFn: () => told(client.GET('/v1/break-glass', { params: { query: { limit: 50 } } })),
})

/** Asks for one, for exactly this digest. */
export const askBreakGlass = (
  body: { plan: string; digest: string; over: { freeze: string } | 'approval'; minutes: number; reason: string },
  key: string,
) => told(client.POST('/v1/break-glass', { body, headers: keyed(key) }))

/** Grants or refuses one, for exactly this digest. */
export const decideBreakGlass = (
  id: string,
  body: { digest: string; decision: 'yes' | 'no'; note: string; typed?: string },
  key: string,
) => told(client.POST('/v1/break-glass/{id}/approvals', { params: { path: { id } }, body, headers: keyed(key) }))

/** Says afterwards whether it was right. */
export const reviewBreakGlass = (
  id: string,
  body: { verdict: 'justified' | 'not-justified'; note: string },
  key: string,
) => told(client.POST('/v1/break-glass/{id}/review', { params: { path: { id } }, body, headers: keyed(key) }))

export interface Wish {
  recipe: string
  params?: Record<string, unknown>
  incident?: string
  reason?: string
  /** What an alert would say, where there is no incident: `service`. */
  labels?: Record<string, string>
}

/** Answers as soon as it is made, at the latest after five seconds: then it is still `requested`, and events tell. */
export const requestPlan = (body: Wish, key: string) =>
  told(client.POST('/v1/plans', { body, headers: { ...keyed(key), Prefer: 'wait=5' } }))

/** The same for the way back of a run that is over. */
export const requestRevert = (run: string, reason: string, key: string) =>
  told(client.POST('/v1/plans', { body: { reverts: run, reason }, headers: { ...keyed(key), Prefer: 'wait=5' } }))

/** Takes a plan back that is no run yet: nobody can approve it any more. */
export const cancelPlan = (id: string, reason: string, key: string) =>
  told(client.DELETE('/v1/plans/{id}', { params: { path: { id }, query: { reason } }, headers: keyed(key) }))

export const decidePlan = (id: string, body: { digest: string; decision: 'yes' | 'no'; note: string }, key: string) =>
  told(client.POST('/v1/plans/{id}/approvals', { params: { path: { id } }, body, headers: keyed(key) }))
