import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { putAllAway, putAway, useFacts, type Fact } from '../ui/activity.js'
import { useKeys } from '../ui/keys.js'
import { Time } from '../ui/Time.js'
import { close, useOpen } from './dialogs.js'
import css from './Drawer.module.css'

const marks = { news: '●', done: '✓', failed: '✗' } as const
const words = { news: 'News', done: 'Done', failed: 'Failed' } as const

/** `` ` ``: everything that happened since the page was opened, the newest first. */
export function Drawer() {
  return useOpen() === 'activity' ? <Opened /> : null
}

function Opened() {
  const facts = useFacts()
  const aside = useRef<HTMLElement>(null)
  useKeys([{ keys: 'Escape', does: 'Close the activity', where: 'Activity', run: close }])
  useEffect(() => {
    const before = document.activeElement
    aside.current?.focus()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <aside ref={aside} aria-label="Activity" className={css.drawer} tabIndex={-1} data-part>
      <div className={css.head}>
        <h2>Activity</h2>
        {facts.length > 0 ? (
          <button type="button" onClick={putAllAway}>
            Put all away
          </button>
        ) : null}
        <button type="button" aria-label="Close the activity" onClick={close}>
          ✕
        </button>
      </div>
      {facts.length === 0 ? (
        <p className={css.none}>Nothing yet since this page was opened. What happens, and what fails, is kept here.</p>
      ) : (
        <ul>
          {facts.map((fact) => (
            <li key={fact.id} data-kind={fact.kind}>
              <Line fact={fact} />
              <p className={css.foot}>
                <Time at={fact.at} />
                <button type="button" aria-label={`Put away: ${fact.says}`} onClick={() => putAway(fact.id)}>
                  Put away
                </button>
              </p>
            </li>
          ))}
        </ul>
      )}
    </aside>
  )
}

function Line({ fact: { kind, says, because, to } }: { fact: Fact }) {
  return (
    <p className={css.says} data-kind={kind}>
      <span aria-hidden>{marks[kind]}</span> <span className="unseen">{words[kind]}: </span>
      {to === undefined ? <b>{says}</b> : <Link to={to}>{says}</Link>}
      {because === undefined ? null : <span className={css.because}>{because}</span>}
    </p>
  )
}

/** Milliseconds for which a note stays on the glass. */
const GLIMPSE = { news: 6_000, done: 6_000, failed: 10_000 } as const

/** The newest facts, for a moment: each is a line of the drawer, where it stays. */
export function Toasts() {
  const facts = useFacts()
  const [gone, setGone] = useState(0)
  const newest = facts[0]
  useEffect(() => {
    if (newest === undefined || newest.id <= gone) return
    const timer = setTimeout(() => setGone(newest.id), GLIMPSE[newest.kind])
    return () => clearTimeout(timer)
  }, [newest?.id, gone])
  const open = useOpen() === 'activity'
  const shown = open ? [] : facts.filter(({ id }) => id > gone).slice(0, 3)
  return (
    <div role="status" aria-label="News" className={css.toasts}>
      {shown.map((fact) => (
        <div key={fact.id} className={css.toast} data-kind={fact.kind}>
          <Line fact={fact} />
        </div>
      ))}
    </div>
  )
}
