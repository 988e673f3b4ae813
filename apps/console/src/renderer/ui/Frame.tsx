import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, type ReactNode } from 'react'
import { signOut } from '../api/identity.js'
import { freshness } from '../api/stream.js'
import type { Me } from '../api/view.js'
import { navFor } from '../nav.js'
import { paths } from '../paths.js'
import { Announcer } from './announce.js'
import css from './Frame.module.css'
import { useArrivals } from './Heading.js'
import { KeysHelp } from './KeysHelp.js'
import { listen, useKeys } from './keys.js'
import { useSilence } from './live.js'
import { useNow } from './now.js'
import { clock, offset, span, zoneName } from './time.js'
import { toggleZone, useZone } from './zone.js'

/** What stands around every page: where one is, whether what is shown is fresh, what time it is, who one is. */
export function Frame({ me, children }: { me: Me; children: ReactNode }) {
  useEffect(listen, [])
  useKeys([{ keys: ';', does: 'Times in your zone or in UTC', where: 'Everywhere', run: toggleZone }])
  useArrivals()
  return (
    <div className={css.frame} data-mode={me.mode}>
      <header className={css.bar}>
        <Environment mode={me.mode} />
        <Link to={paths.home} className={css.brand}>
          Firebreak
        </Link>
        <nav aria-label="Pages" className={css.nav}>
          {navFor(me.roles).map(({ to, name }) => (
            <Link key={to} to={to} activeProps={{ 'aria-current': 'page' }}>
              {name}
            </Link>
          ))}
        </nav>
        <Live />
        <Clock />
        <Person me={me} />
      </header>
      <main className={css.main}>{children}</main>
      <Announcer />
      <KeysHelp />
    </div>
  )
}

/** Production and sandbox differ by word, colour and place: it is the first thing on every page. */
function Environment({ mode }: { mode: Me['mode'] }) {
  return (
    <strong className={css.environment} data-mode={mode}>
      {mode === 'production' ? 'PRODUCTION' : 'SANDBOX'}
    </strong>
  )
}

function Live() {
  const silent = useSilence()
  const state = freshness(silent)
  return (
    <span className={css.live} data-state={state.replace(' ', '-')} title={`Last heard ${span(silent)} ago`}>
      <span aria-hidden>{state === 'live' ? '●' : state === 'catching up' ? '◐' : '▲'}</span>{' '}
      {state === 'live' ? 'live' : `${state}, ${span(silent)}`}
    </span>
  )
}

function Clock() {
  const at = useNow()
  const zone = useZone()
  return (
    <button type="button" className={css.clock} onClick={toggleZone}>
      <span className={css.now}>{clock(at, zone)}</span> {zone === 'UTC' ? 'UTC' : zoneName(zone)}
      {zone === 'UTC' ? null : (
        <span className={css.other}>
          {' '}
          {offset(at, zone)} · {clock(at, 'UTC').slice(0, 5)} UTC
        </span>
      )}
      <span className="unseen">: read times in {zone === 'UTC' ? 'your zone' : 'UTC'}</span>
    </button>
  )
}

function Person({ me }: { me: Me }) {
  const queries = useQueryClient()
  const leave = useMutation({
    mutationFn: signOut,
    // What one person read is not left for the next: a new start, and the page that signs in.
    onSettled: () => {
      queries.clear()
      location.assign(paths.home)
    },
  })
  return (
    <div className={css.person}>
      <span>
        <b>{me.name}</b> <span className={css.roles}>{me.roles.join(', ')}</span>
      </span>
      <Button size="compact-sm" variant="default" loading={leave.isPending} onClick={() => leave.mutate()}>
        Sign out
      </Button>
    </div>
  )
}
