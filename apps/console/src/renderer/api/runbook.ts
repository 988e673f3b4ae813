import { queryOptions, type QueryClient } from '@tanstack/react-query'
import { now } from '../ui/now.js'
import { client, told } from './client.js'
import { throughShelf, type Shown } from './kept.js'
import { shelf } from './shelf.js'
import type { RunbookIndex, RunbookPage } from './view.js'

/** After this an API that says nothing counts as down: whoever needs the runbook needs it now. Milliseconds. */
const PATIENCE = 4_000

const common = {
  // Also when the browser thinks that it is offline: then the device answers.
  networkMode: 'always',
  staleTime: 60_000,
} as const

/** Asked again while it is read, so that what is shown says whether the API still has it. Milliseconds. */
const again = (shown: Shown<unknown> | undefined): number => (shown?.from === 'device' ? 5_000 : 30_000)

export const runbookQuery = queryOptions({
  ...common,
  queryKey: ['runbook'],
  queryFn: (): Promise<Shown<RunbookIndex>> =>
    throughShelf(
      shelf,
      'runbook',
      () => told(client.GET('/v1/runbook', { signal: AbortSignal.timeout(PATIENCE) })),
      now,
    ),
  refetchInterval: ({ state }) => again(state.data),
})

export const runbookPageQuery = (page: string) =>
  queryOptions({
    ...common,
    queryKey: ['runbook', page],
    queryFn: (): Promise<Shown<RunbookPage>> =>
      throughShelf(
        shelf,
        `runbook/${page}`,
        () =>
          told(client.GET('/v1/runbook/{page}', { params: { path: { page } }, signal: AbortSignal.timeout(PATIENCE) })),
        now,
      ),
    refetchInterval: ({ state }) => again(state.data),
  })

/** Also what was asked for before: the shelf may have been cleared of somebody else's since. */
const lay = (name: string, { data, at }: Shown<unknown>) => shelf.put(name, { data, at })

/** Keeps the whole runbook on the device, page after page. What fails is kept the next time. */
export async function keepRunbook(queries: QueryClient): Promise<void> {
  try {
    const index = await queries.fetchQuery(runbookQuery)
    await lay('runbook', index)
    for (const { page } of index.data.items)
      await lay(`runbook/${page}`, await queries.fetchQuery(runbookPageQuery(page)))
  } catch {
    // The API is down: what was kept before stays.
  }
}
