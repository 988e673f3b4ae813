import { useMemo } from 'react'
import type { Figure } from '../../api/view.js'
import { Chart } from '../../ui/Chart.js'
import { windowOf } from '../../ui/figure.js'
import { useNow } from '../../ui/now.js'
import type { Mark } from '../../ui/Plot.js'
import { span } from '../../ui/time.js'
import { Moment } from '../../ui/Time.js'
import { measuredOf, ownerOf } from './around.js'
import css from './Figures.module.css'

interface Props {
  items: readonly Figure[]
  marks?: readonly Mark[]
  /** Whose they are: those of one group share a cursor. */
  group: string
  /** When they were asked for, where that may be long ago: milliseconds since 1970. What was fresh then is not called old. */
  at?: number
}

/** Figures as the worker read them, on one time axis: each with how old it is, where that is to be known. */
export function Figures({ items, marks, group, at }: Props) {
  const charts = useMemo(() => items.map((figure) => ({ figure, measured: measuredOf(figure) })), [items])
  const window = useMemo(() => windowOf(charts.map(({ measured }) => measured)), [charts])
  return (
    <ul className={css.figures} aria-label="Figures">
      {charts.map(({ figure, measured }) => (
        <li key={`${figure.target}/${figure.name}`} data-drawn={measured.points.some(([, value]) => value !== null)}>
          <Chart
            measured={measured}
            of={ownerOf(figure.target)}
            window={window}
            group={group}
            {...(marks ? { marks } : {})}
          />
          <Source figure={figure} {...(at === undefined ? {} : { asked: at })} />
        </li>
      ))}
    </ul>
  )
}

/** Milliseconds after which a reading is called old. */
const OLD = 60_000

/** Whether what is shown is of now. Nothing where it is: there is little room, and the caption says when it was measured. */
function Source({ figure: { unavailable, at }, asked }: { figure: Figure; asked?: number }) {
  const now = useNow()
  const age = at === null ? null : now.getTime() - Date.parse(at)
  if (unavailable === null && at !== null && (asked ?? now.getTime()) - Date.parse(at) < OLD) return null
  return (
    <p className={css.source}>
      <span aria-hidden>▲</span>{' '}
      {unavailable === null ? 'The worker has not read it' : <>Source unavailable: {unavailable.replace(/\.$/, '')}</>}
      {at === null || age === null ? (
        unavailable === null ? (
          ' yet.'
        ) : (
          '. Nothing was read of it yet.'
        )
      ) : (
        <>
          {unavailable === null ? ' since ' : '. What is shown was read '}
          <Moment at={at} />, {span(age)} ago.
        </>
      )}
    </p>
  )
}
