import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { paths } from '../../paths.js'
import { root } from '../../root.js'
import { trays, type Tray } from '../plans/inbox.js'

/** What a link to the approvals says. Whatever else stands there is somebody's typing, and means the usual view. */
export interface Look {
  tray?: Tray
  /** The plan that is open beside the list. */
  plan?: string
}

export function parseLook(search: Record<string, unknown>): Look {
  const tray = trays.find((one) => one === search['tray'])
  const plan = search['plan']
  return {
    ...(tray === undefined || tray === 'waiting' ? {} : { tray }),
    ...(typeof plan === 'string' && /^[\w-]{1,100}$/.test(plan) ? { plan } : {}),
  }
}

const approvals = createRoute({
  getParentRoute: () => root,
  path: paths.approvals,
  validateSearch: parseLook,
  component: lazyRouteComponent(() => import('./ApprovalsPage.js'), 'ApprovalsPage'),
})

export const approvalRoutes = [approvals] as const
