import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { planQuery } from '../../api/plans.js'
import { paths } from '../../paths.js'
import { root } from '../../root.js'

const list = createRoute({
  getParentRoute: () => root,
  path: paths.plans,
  validateSearch: (search: Record<string, unknown>): { state?: 'all' } =>
    search['state'] === 'all' ? { state: 'all' } : {},
  component: lazyRouteComponent(() => import('./PlansPage.js'), 'PlansPage'),
})

const one = createRoute({
  getParentRoute: () => root,
  path: paths.plan,
  loader: ({ params: { id }, context: { queries } }) => void queries.prefetchQuery(planQuery(id)),
  component: lazyRouteComponent(() => import('./PlanPage.js'), 'PlanPage'),
})

export const planRoutes = [list, one] as const
