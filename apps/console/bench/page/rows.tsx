import '../../src/renderer/nonce.js'
import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { createRoot } from 'react-dom/client'
import '../../src/renderer/ui/mantine.css'
import '../../src/renderer/ui/tokens.css'
import '../../src/renderer/ui/base.css'
import { incidentsQuery } from '../../src/renderer/api/incidents.js'
import { transport } from '../../src/renderer/api/transport.js'
import type { IncidentSummary } from '../../src/renderer/api/view.js'
import { newRouter } from '../../src/renderer/routes.js'

/*
 * The inbox of the console, in its frame, with a hundred thousand incidents in its memory of which some change all the
 * time. No API: what is measured is what the page makes of them.
 */

const ROWS = 100_000
const CHANGES = 300
/** Rounds a second in which a page asks again in a storm (api/stream.ts), and so changes come. */
const ROUNDS = 4

const severities = ['SEV1', 'SEV2', 'SEV3', 'SEV4'] as const
const start = Date.now()
let items: readonly IncidentSummary[] = Array.from({ length: ROWS }, (_, at) => ({
  id: `inc_${at.toString(16).padStart(12, '0')}`,
  state: 'open',
  phase: 'none',
  class: 'high-api-latency',
  severity: severities[at % 4]!,
  title: `p95 of service ${at % 977} is ${500 + (at % 700)} ms, above its threshold of 500 ms`,
  service: `service-${at % 977}`,
  environment: 'prod',
  owner: null,
  opened_at: new Date(start - at * 1_000).toISOString(),
  resolved_at: null,
  version: 1,
  alerts_firing: 1,
  offered: null,
}))

/** How often, for who measures. */
const changed = { rounds: 0 }

/** Changes some rows; a quarter of them among those that stand at the top. */
function change(count: number): void {
  const next = [...items]
  for (let one = 0; one < count; one++) {
    const at = Math.floor(Math.random() * (one % 4 === 0 ? 160 : ROWS))
    const before = next[at]!
    next[at] = { ...before, version: before.version + 1, alerts_firing: (before.alerts_firing % 40) + 1 }
  }
  items = next
  changed.rounds++
  queries.setQueryData(incidentsQuery('active').queryKey, { items: [...items], next: null })
}

const me = { id: 'hannah', name: 'Hannah Okafor', kind: 'person', roles: ['sre'], mode: 'sandbox', may: {} }
transport.fetch = async (request) => {
  const { pathname } = new URL(request.url)
  if (pathname === '/v1/me') return Response.json(me)
  if (pathname === '/v1/incidents') return Response.json({ items: [], next: null })
  return new Response(null, { status: 404 })
}
transport.openStream = () => Object.assign(new EventTarget(), { readyState: 1, close: () => {} })

const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } })
queries.setQueryData(incidentsQuery('active').queryKey, { items: [...items], next: null })
Object.assign(globalThis, {
  changed,
  live: () => void setInterval(() => change(CHANGES / ROUNDS), 1_000 / ROUNDS),
})

createRoot(document.getElementById('root')!).render(
  <QueryClientProvider client={queries}>
    <MantineProvider withCssVariables={false} withGlobalClasses={false}>
      <RouterProvider router={newRouter(queries)} />
    </MantineProvider>
  </QueryClientProvider>,
)
