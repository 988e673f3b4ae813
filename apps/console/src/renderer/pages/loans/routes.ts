import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { paths } from '../../paths.js'
import { root } from '../../root.js'
import { parseLoans } from './words.js'

const loans = createRoute({
  getParentRoute: () => root,
  path: paths.loans,
  validateSearch: parseLoans,
  component: lazyRouteComponent(() => import('./LoansPage.js'), 'LoansPage'),
})

export const loanRoutes = [loans] as const
