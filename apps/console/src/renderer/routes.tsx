import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Link,
  Outlet,
  redirect,
  type ErrorComponentProps,
} from '@tanstack/react-router'
import { useEffect, useMemo } from 'react'
import { parseFilter } from './api/filter.js'
import { isRefusal } from './api/problem.js'
import { incidentQuery, meQuery, timelineQuery } from './api/queries.js'
import { Stream } from './api/stream.js'
import { IncidentPage } from './pages/incidents/IncidentPage.js'
import { InboxPage } from './pages/incidents/InboxPage.js'
import { SignInPage } from './pages/sign-in/SignInPage.js'
import { paths } from './paths.js'
import { Frame } from './ui/Frame.js'
import { Heading } from './ui/Heading.js'
import { Live } from './ui/live.js'
import { heardTime } from './ui/now.js'
import { ProblemNote } from './ui/ProblemNote.js'

/** Whoever is not signed in signs in first; the address that was asked for stays. */
function Root() {
  const me = useQuery(meQuery)
  const queries = useQueryClient()
  const stream = useMemo(() => new Stream(queries, heardTime), [queries])
  const who = isRefusal(me.error, 401) ? undefined : me.data
  useEffect(() => {
    if (who === undefined) return
    stream.open()
    return () => stream.close()
  }, [stream, who?.id])

  if (isRefusal(me.error, 401)) return <SignInPage />
  if (who === undefined)
    return me.error ? (
      <ProblemNote error={me.error} what="The API cannot be reached" again={() => void me.refetch()} />
    ) : null
  return (
    <Live value={stream}>
      <Frame me={who}>
        <Outlet />
      </Frame>
    </Live>
  )
}

const Failed = ({ error, reset }: ErrorComponentProps) => (
  <ProblemNote error={error} what="This page failed" again={reset} />
)

const NotThere = () => (
  <>
    <Heading>There is no such page</Heading>
    <p>
      <Link to={paths.incidents}>To the incidents</Link>
    </p>
  </>
)

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: Root,
  notFoundComponent: NotThere,
  errorComponent: Failed,
})

const home = createRoute({
  getParentRoute: () => root,
  path: paths.home,
  beforeLoad: () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- how this router redirects
    throw redirect({ to: paths.incidents })
  },
})

const inbox = createRoute({
  getParentRoute: () => root,
  path: paths.incidents,
  validateSearch: parseFilter,
  component: InboxPage,
})

const incident = createRoute({
  getParentRoute: () => root,
  path: paths.incident,
  // Begun while the pointer or the focus rests on a link to it: the room is there when it is opened.
  loader: ({ params: { id }, context: { queries } }) => {
    void queries.prefetchQuery(incidentQuery(id))
    void queries.prefetchQuery(timelineQuery(id))
  },
  component: IncidentPage,
})

const auditCheck = createRoute({
  getParentRoute: () => root,
  path: paths.auditCheck,
  // On call nobody waits for it: its script comes when the page is opened, and the check itself with its worker.
  component: lazyRouteComponent(() => import('./pages/audit/CheckPage.js'), 'CheckPage'),
})

export const routeTree = root.addChildren([home, inbox, incident, auditCheck])

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
