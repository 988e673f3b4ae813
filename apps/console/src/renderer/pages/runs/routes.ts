import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { parseRunFilter, runQuery } from '../../api/runs.js'
import { paths } from '../../paths.js'
import { root } from '../../root.js'

const runs = createRoute({
  getParentRoute: () => root,
  path: paths.runs,
  validateSearch: parseRunFilter,
  component: lazyRouteComponent(() => import('./RunsPage.js'), 'RunsPage'),
})

const run = createRoute({
  getParentRoute: () => root,
  path: paths.run,
  loader: ({ params: { id }, context: { queries } }) => void queries.prefetchQuery(runQuery(id)),
  component: lazyRouteComponent(() => import('./RunPage.js'), 'RunPage'),
})

export const runRoutes = [runs, run] as const
