import { useQuery, useQueryClient } from '@tanstack/react-query'
import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  Outlet,
  redirect,
  type ErrorComponentProps,
} from '@tanstack/react-router'
import { useEffect, useMemo } from 'react'
import { parseFilter } from './api/filter.js'
import { isRefusal } from './api/problem.js'
import { meQuery } from './api/queries.js'
import { Stream } from './api/stream.js'
import { IncidentPage } from './pages/incidents/IncidentPage.js'
import { InboxPage } from './pages/incidents/InboxPage.js'
import { SignInPage } from './pages/sign-in/SignInPage.js'
import { paths } from './paths.js'
import { Frame } from './ui/Frame.js'
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
    <h1 tabIndex={-1}>There is no such page</h1>
    <p>
      <Link to={paths.incidents}>To the incidents</Link>
    </p>
  </>
)

const root = createRootRoute({ component: Root, notFoundComponent: NotThere, errorComponent: Failed })

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

const incident = createRoute({ getParentRoute: () => root, path: paths.incident, component: IncidentPage })

export const routeTree = root.addChildren([home, inbox, incident])

export const newRouter = () => createRouter({ routeTree })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof newRouter>
  }
}
