import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { seenQuery } from '../../api/targets.js'
import { paths } from '../../paths.js'
import { root } from '../../root.js'

const queues = createRoute({
  getParentRoute: () => root,
  path: paths.queues,
  loader: ({ context: { queries } }) => void queries.prefetchQuery(seenQuery('queue')),
  component: lazyRouteComponent(() => import('./QueuesPage.js'), 'QueuesPage'),
})

const queue = createRoute({
  getParentRoute: () => root,
  path: paths.queue,
  loader: ({ context: { queries } }) => void queries.prefetchQuery(seenQuery('queue')),
  component: lazyRouteComponent(() => import('./QueuePage.js'), 'QueuePage'),
})

export const queueRoutes = [queues, queue] as const
