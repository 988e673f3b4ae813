import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { meQuery } from '../api/identity.js'
import { useUnanswered } from '../api/reach.js'
import { clock, span } from '../ui/time.js'
import { useNow } from '../ui/now.js'
import { useZone } from '../ui/zone.js'
import css from './Notices.module.css'
import { hasNewer, ownScript } from './skew.js'

/** What holds for every page now, above it. */
export function Notices() {
  return (
    <>
      <NoAnswer />
      <Newer />
    </>
  )
}

/** Milliseconds between two attempts to reach an API that does not answer, and between two looks for a newer page. */
const AGAIN = 3_000
const LOOK = 5 * 60_000

function NoAnswer() {
  const since = useUnanswered()
  return since === null ? null : <Unreachable since={since} />
}

function Unreachable({ since }: { since: number }) {
  const queries = useQueryClient()
  const zone = useZone()
  useNow()
  useQuery({ ...meQuery, queryKey: ['reach'], refetchInterval: AGAIN, staleTime: 0, gcTime: 0, retry: false })
  // It is drawn for as long as nothing answers: when it goes, what was missed is asked.
  useEffect(
    () => () => void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'reach' }),
    [queries],
  )
  return (
    <div role="alert" className={css.notice} data-kind="lost">
      <p>
        <b>The API has not answered since {clock(new Date(since), zone)}</b> ({span(Date.now() - since)}). What is shown
        is from before that and can be read; nothing can be armed, and nothing waits to be sent. It is tried again every
        few seconds.
      </p>
    </div>
  )
}

function Newer() {
  const { data: newer } = useQuery({
    queryKey: ['skew'],
    queryFn: () => hasNewer(ownScript()),
    refetchInterval: ({ state }) => (state.data === true ? false : LOOK),
    staleTime: LOOK,
  })
  if (newer !== true) return null
  return (
    <div role="status" className={css.notice} data-kind="newer">
      <p>
        <b>The server has a newer console.</b> Reload at a safe moment: runs go on without this page.
      </p>
      <button type="button" onClick={() => location.reload()}>
        Reload now
      </button>
    </div>
  )
}
