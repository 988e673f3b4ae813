import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { signOut } from '../api/identity.js'
import { useUnanswered } from '../api/reach.js'
import { freshness } from '../api/stream.js'
import type { Me } from '../api/view.js'
import { paths } from '../paths.js'
import { useFacts } from '../ui/activity.js'
import { Keys } from '../ui/Keys.js'
import { ariaKeys } from '../ui/keys.js'
import { useSilence } from '../ui/live.js'
import { useNow } from '../ui/now.js'
import { clock, offset, span, zoneName } from '../ui/time.js'
import { toggleZone, useZone } from '../ui/zone.js'
import css from './Bar.module.css'
import { toggle, useOpen } from './dialogs.js'

/** One line over every page. */
export function Bar({ me }: { me: Me }) {
  return (
    <header className={css.bar} data-mode={me.mode} data-part>
      <Environment mode={me.mode} />
      <Link to={paths.home} className={css.brand}>
        Firebreak
      </Link>
      <Find />
      <Live />
      <Clock />
      <Activity />
      <Person me={me} />
    </header>
  )
}

/** Production and sandbox differ by word, colour and place: it is the first thing on every page. */
const Environment = ({ mode }: { mode: Me['mode'] }) => (
  <strong className={css.environment} data-mode={mode}>
    {mode === 'production' ? 'PRODUCTION' : 'SANDBOX'}
  </strong>
)

const Find = () => (
  <button type="button" className={css.find} aria-keyshortcuts={ariaKeys('Mod+k')} onClick={() => toggle('palette')}>
    <span>Find or do…</span>
    <Keys keys="Mod+k" />
  </button>
)

function Live() {
  const silent = useSilence()
  const lost = useUnanswered()
  const state = lost === null ? freshness(silent) : 'no answer'
  return (
    <span className={css.live} data-state={state.replace(' ', '-')} title={`Last heard ${span(silent)} ago`}>
      <span aria-hidden>{state === 'live' ? '●' : state === 'catching up' ? '◐' : '▲'}</span>{' '}
      {state === 'live' ? 'live' : `${state}, ${span(lost === null ? silent : Date.now() - lost)}`}
    </span>
  )
}

function Clock() {
  const at = useNow()
  const zone = useZone()
  return (
    <button type="button" className={css.clock} aria-keyshortcuts=";" onClick={toggleZone}>
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

function Activity() {
  const failed = useFacts().filter(({ kind }) => kind === 'failed').length
  const open = useOpen() === 'activity'
  return (
    <button
      type="button"
      className={css.activity}
      data-failed={failed > 0}
      aria-expanded={open}
      aria-keyshortcuts="`"
      onClick={() => toggle('activity')}
    >
      Activity
      {failed > 0 ? (
        <b>
          {failed} <span>failed</span>
        </b>
      ) : null}
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
      <button type="button" className={css.me} aria-haspopup="dialog" onClick={() => toggle('settings')}>
        <b>{me.name}</b> <span className={css.roles}>{me.roles.join(', ')}</span>
        <span className="unseen">: settings</span>
      </button>
      <Button size="compact-sm" variant="default" loading={leave.isPending} onClick={() => leave.mutate()}>
        Sign out
      </Button>
    </div>
  )
}
