import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { paths } from '../../paths.js'
import { root } from '../../root.js'

const check = createRoute({
  getParentRoute: () => root,
  path: paths.auditCheck,
  // On call nobody waits for it: its script comes when the page is opened, and the check itself with its worker.
  component: lazyRouteComponent(() => import('./CheckPage.js'), 'CheckPage'),
})

export const auditRoutes = [check] as const
