import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { seenQuery } from '../../api/targets.js'
import { paths } from '../../paths.js'
import { root } from '../../root.js'
import { parseLook } from './look.js'

const workloads = createRoute({
  getParentRoute: () => root,
  path: paths.workloads,
  validateSearch: parseLook,
  loader: ({ context: { queries } }) => void queries.prefetchQuery(seenQuery('deployment')),
  component: lazyRouteComponent(() => import('./WorkloadsPage.js'), 'WorkloadsPage'),
})

export const workloadRoutes = [workloads] as const
