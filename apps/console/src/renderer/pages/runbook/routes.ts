import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { runbookPageQuery, runbookQuery } from '../../api/runbook.js'
import { paths } from '../../paths.js'
import { root } from '../../root.js'
import { indexPage, onePage } from './scripts.js'

const pages = createRoute({
  getParentRoute: () => root,
  path: paths.runbook,
  loader: ({ context: { queries } }) => void queries.prefetchQuery(runbookQuery),
  component: lazyRouteComponent(indexPage, 'RunbookIndexPage'),
})

const page = createRoute({
  getParentRoute: () => root,
  path: paths.runbookPage,
  loader: ({ params: { page }, context: { queries } }) => void queries.prefetchQuery(runbookPageQuery(page)),
  component: lazyRouteComponent(onePage, 'RunbookPage'),
})

export const runbookRoutes = [pages, page] as const
