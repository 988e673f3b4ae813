import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, Link, Outlet, type ErrorComponentProps } from '@tanstack/react-router'
import { useEffect, useMemo } from 'react'
import { meQuery } from './api/identity.js'
import { isRefusal } from './api/problem.js'
import { Stream } from './api/stream.js'
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

export const Failed = ({ error, reset }: ErrorComponentProps) => (
  <ProblemNote error={error} what="This page failed" again={reset} />
)

const NotThere = () => (
  <>
    <Heading>There is no such page</Heading>
    <p>
      <Link to={paths.home}>To your first page</Link>
    </p>
  </>
)

/** What is around every page. The routes of a noun stand beside its pages and have this for a parent. */
export const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: Root,
  notFoundComponent: NotThere,
  errorComponent: Failed,
})
