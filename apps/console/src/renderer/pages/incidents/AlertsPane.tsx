import { useState } from 'react'
import type { Alert } from '../../api/view.js'
import { outside } from '../../paths.js'
import { Pane } from '../../ui/Pane.js'
import { Time } from '../../ui/Time.js'
import css from './AlertsPane.module.css'

/** Alerts that are read at a glance; the others are shown when somebody asks. */
const FEW = 4

/** What the monitors say. All of it comes from outside: it is shown as text, whatever it looks like. */
export function AlertsPane({ alerts }: { alerts: Alert[] }) {
  const [all, setAll] = useState(false)
  const firing = alerts.filter(({ state }) => state === 'firing')
  // What fires is above what is over; among those the API's order, the newest first.
  const sorted = [...firing, ...alerts.filter(({ state }) => state !== 'firing')]
  const shown = all ? sorted : sorted.slice(0, FEW)
  return (
    <Pane
      title={alerts.length === 1 ? 'Alert' : `Alerts (${alerts.length})`}
      head={alerts.length > 1 ? <span className={css.when}>{firing.length} firing</span> : null}
    >
      {alerts.length === 0 ? <p>No alert belongs to it: a person opened it.</p> : null}
      <ul className={css.alerts}>
        {shown.map((alert) => (
          <One key={alert.id} alert={alert} />
        ))}
      </ul>
      {alerts.length > FEW ? (
        <button type="button" className={css.all} aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? `Show ${FEW} of them` : `Show all ${alerts.length}`}
        </button>
      ) : null}
    </Pane>
  )
}

function One({ alert }: { alert: Alert }) {
  const { labels, annotations, generator_url, starts_at, ends_at, state, flaps, source } = alert
  const link = outside(generator_url)
  return (
    <li>
      <p className={css.line}>
        <b data-state={state}>
          <span aria-hidden>{state === 'firing' ? '▲' : '✓'}</span> {state}
        </b>{' '}
        {labels['alertname'] ?? alert.fingerprint}, by {source}
      </p>
      <p className={css.when}>
        since <Time at={starts_at} />
        {ends_at === null ? null : (
          <>
            {' '}
            until <Time at={ends_at} />
          </>
        )}
        {flaps > 0 ? `, fired again ${flaps === 1 ? 'once' : `${flaps} times`}` : null}
      </p>
      {Object.entries(annotations).map(([name, text]) => (
        <p key={name} className={css.annotation}>
          <span className={css.name}>{name}</span> {text}
        </p>
      ))}
      <ul className={css.labels} aria-label="Labels">
        {Object.entries(labels).map(([name, value]) => (
          <li key={name}>
            <span className={css.name}>{name}</span>={value}
          </li>
        ))}
      </ul>
      {link ? (
        <p className={css.when}>
          <a href={link.href} target="_blank" rel="noopener noreferrer">
            Open at {link.host} <span aria-hidden>↗</span>
          </a>
        </p>
      ) : generator_url === null ? null : (
        <p className={css.when}>
          Its source, which is not a web address: <code>{generator_url}</code>
        </p>
      )}
    </li>
  )
}
