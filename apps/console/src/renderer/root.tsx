import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  Link,
  Outlet,
  useRouterState,
  type ErrorComponentProps,
} from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import { meQuery } from './api/identity.js'
import { isRefusal } from './api/problem.js'
import { keepFor, keepingHears } from './api/keeping.js'
import { Stream } from './api/stream.js'
import { Frame } from './frame/Frame.js'
import { News } from './frame/news.js'
import { SignedOut } from './frame/SignedOut.js'
import { fetchRunbookScripts } from './pages/runbook/scripts.js'
import { SignInPage } from './pages/sign-in/SignInPage.js'
import { paths } from './paths.js'
import css from './root.module.css'
import { Heading } from './ui/Heading.js'
import { listen } from './ui/keys.js'
import { Live } from './ui/live.js'
import { heardTime } from './ui/now.js'
import { ProblemNote } from './ui/ProblemNote.js'

/** Whoever is not signed in signs in first; the address that was asked for stays, and so does what was being read. */
function Root() {
  const me = useQuery(meQuery)
  const queries = useQueryClient()
  const stream = useMemo(() => {
    const news = new News(queries)
    return new Stream(queries, heardTime, (event) => {
      news.heard(event)
      keepingHears(event)
    })
  }, [queries])
  const who = me.data
  const out = isRefusal(me.error, 401)
  // It stays while it is asked again: whoever reads meanwhile goes on reading.
  const [failed, setFailed] = useState<Error | null>(null)
  if (me.error !== null && me.error !== failed) setFailed(me.error)
  const listening = out ? undefined : who?.id
  useEffect(() => {
    if (listening === undefined) return
    stream.open()
    return () => stream.close()
  }, [stream, listening])
  useEffect(() => {
    if (listening === undefined) return
    return keepFor(listening, queries, fetchRunbookScripts)
  }, [queries, listening])

  if (who === undefined && out) return <SignInPage />
  if (who === undefined) return failed ? <Unreachable error={failed} again={() => void me.refetch()} /> : null
  return (
    <Live value={stream}>
      <Frame me={who} over={out}>
        <Outlet />
      </Frame>
      {out ? <SignedOut name={who.name} /> : null}
    </Live>
  )
}

/** Milliseconds until an API that did not answer is asked again. */
const AGAIN = 5_000

const kept = [paths.runbook, paths.incidents]

/** The API was down before anybody was known. What the device has kept can be read all the same. */
function Unreachable({ error, again }: { error: unknown; again(): void }) {
  const path = useRouterState({ select: ({ location }) => location.pathname })
  const reading = kept.some((one) => path === one || path.startsWith(`${one}/`))
  useEffect(listen, [])
  const latest = useRef(again)
  useEffect(() => {
    latest.current = again
  })
  useEffect(() => {
    const timer = setInterval(() => latest.current(), AGAIN)
    return () => clearInterval(timer)
  }, [])
  return (
    <main className={css.alone}>
      <ProblemNote error={error} what="The API cannot be reached" again={again} />
      <nav aria-label="Kept on this device">
        <p>
          <Link to={paths.runbook}>Read the runbook, as this device has kept it</Link>
        </p>
        <p>
          <Link to={paths.incidents}>Read the open incidents, as this device has kept them</Link>
        </p>
      </nav>
      {reading ? <Outlet /> : null}
    </main>
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
