import { useQuery, type QueryClient } from '@tanstack/react-query'
import { createRoute, createRouter, Navigate } from '@tanstack/react-router'
import { meQuery } from './api/identity.js'
import { landing } from './nav.js'
import { auditRoutes } from './pages/audit/routes.js'
import { approvalRoutes } from './pages/approvals/routes.js'
import { incidentRoutes } from './pages/incidents/routes.js'
import { loanRoutes } from './pages/loans/routes.js'
import { queueRoutes } from './pages/queues/routes.js'
import { runbookRoutes } from './pages/runbook/routes.js'
import { runRoutes } from './pages/runs/routes.js'
import { planRoutes } from './pages/plans/routes.js'
import { recipeRoutes } from './pages/recipes/routes.js'
import { workloadRoutes } from './pages/workloads/routes.js'
import { paths } from './paths.js'
import { Failed, root } from './root.js'

/** Everybody begins where their work is: the first of their pages. Whoever signs in at this address, too. */
function Home() {
  const { data: me } = useQuery(meQuery)
  return me ? <Navigate to={landing(me.roles)} replace /> : null
}

const home = createRoute({ getParentRoute: () => root, path: paths.home, component: Home })

/** The pages of a noun are in `pages/<noun>/routes.ts`, and their line is here. */
export const routeTree = root.addChildren([
  home,
  ...incidentRoutes,
  ...recipeRoutes,
  ...planRoutes,
  ...approvalRoutes,
  ...workloadRoutes,
  ...queueRoutes,
  ...runRoutes,
  ...loanRoutes,
  ...runbookRoutes,
  ...auditRoutes,
])

export const newRouter = (queries: QueryClient) =>
  createRouter({
    routeTree,
    context: { queries },
    // The frame stays: whoever met a broken page goes on to another.
    defaultErrorComponent: Failed,
    defaultPreload: 'intent',
    defaultPreloadDelay: 120,
    defaultPreloadStaleTime: 0,
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof newRouter>
  }
}
