import { memo, useDeferredValue, useEffect, useId, useMemo, useState, type ComponentType } from 'react'
import css from './Chart.module.css'
import { amount, captionOf, linesOf, windowOf, type Measured } from './figure.js'
import { now } from './now.js'
import type { Mark, PlotProps } from './Plot.js'
import { exact, stamp, type Zone } from './time.js'
import { useZone } from './zone.js'

interface Props {
  measured: Measured
  /** Whose it is: `api`. */
  of?: string
  /** Seconds since 1970; left out, as far as its own points go. Those that share a cursor are given the same. */
  window?: readonly [from: number, until: number]
  marks?: readonly Mark[]
  /** Charts with the same word share a cursor. */
  group?: string
}

/**
 * One thing that was measured over time: in words, as a drawing, and as a table, which is there for whoever does not see the
 * drawing and for whoever asks for it.
 */
export function Chart({ measured, of, window, marks = none, group }: Props) {
  const zone = useZone()
  const [asTable, setAsTable] = useState(false)
  const drawn = measured.points.some(([, value]) => value !== null)
  const plot = usePlot(drawn)
  const own = useMemo(() => windowOf([measured]), [measured])
  const time = (at: number) => stamp(new Date(at * 1_000), zone, now())
  const shown = window ?? own
  const caption = captionOf(measured, time, shown[1])
  const table = useId()
  const title = of === undefined ? measured.title : `${measured.title} of ${of}`
  // Drawing and table come behind whatever somebody has just pressed.
  const later = useDeferredValue<Measured | null>(measured, null)
  const tableShown = asTable || plot === 'failed'
  return (
    <figure className={css.chart}>
      <figcaption className={css.caption}>
        <span className={css.title}>
          {measured.title}
          {of === undefined ? null : <span className={css.of}> of {of}</span>}
        </span>
        <span className="unseen">: </span>
        {caption.value === '' ? null : (
          <b className={css.value} data-bad={caption.bad}>
            {caption.value}
          </b>
        )}
        <span className={css.words}>
          {caption.standing === '' ? null : (
            <span className={css.standing} data-bad={caption.bad}>
              {caption.value === '' ? null : <span className="unseen">, </span>}
              {caption.bad ? <span aria-hidden>▲ </span> : null}
              {caption.standing}
            </span>
          )}
          {caption.when === '' ? null : (
            <span className={css.when}>
              <span className="unseen">, </span>
              {caption.when}
            </span>
          )}
        </span>
      </figcaption>
      {drawn ? (
        <>
          {plot === 'failed' ? null : (
            <button
              type="button"
              className={css.switch}
              aria-pressed={asTable}
              aria-controls={table}
              onClick={() => setAsTable(!asTable)}
            >
              as a table<span className="unseen">: {title}</span>
            </button>
          )}
          {plot === 'failed' ? (
            <p className={css.note}>The chart could not be loaded. Its table says the same.</p>
          ) : null}
          {tableShown ? null : plot === 'coming' || later === null ? (
            <div className={css.plot} aria-hidden="true" />
          ) : (
            <plot.Plot measured={later} window={shown} marks={marks} zone={zone} group={group} />
          )}
          <div id={table} className={tableShown ? css.table : 'unseen'}>
            {later === null ? null : <Table measured={later} title={title} zone={zone} scrolls={tableShown} />}
          </div>
        </>
      ) : null}
    </figure>
  )
}

const none: readonly Mark[] = []

const Table = memo(
  ({ measured, title, zone, scrolls }: { measured: Measured; title: string; zone: Zone; scrolls: boolean }) => {
    const today = now()
    const { unit, threshold } = measured
    const { lines, every } = linesOf(measured)
    // Hundreds of them, so no component each.
    const moment = (at: number) => {
      const date = new Date(at * 1_000)
      return (
        <time dateTime={date.toISOString()} title={exact(date)}>
          {stamp(date, zone, today)}
        </time>
      )
    }
    return (
      <div {...(scrolls ? { tabIndex: 0, role: 'region', 'aria-label': `${title}, as a table` } : {})}>
        <table>
          <caption className="unseen">{title}, the newest first</caption>
          <thead>
            <tr>
              <th scope="col">{every === null ? 'When' : `From, ${inWords(every)} each`}</th>
              <th scope="col">
                {every === null ? 'Value' : 'Highest'}
                {unit === '' ? '' : `, ${unit}`}
              </th>
              {threshold === null ? null : <th scope="col">Threshold {amount(threshold, unit)}</th>}
            </tr>
          </thead>
          <tbody>
            {lines.map(({ from, to, value, above }) => (
              <tr key={from} data-above={above}>
                <th scope="row">
                  {moment(from)}
                  {from === to ? null : <> to {moment(to)}</>}
                </th>
                <td>{value === null ? 'not measured' : amount(value, '')}</td>
                {threshold === null ? null : <td>{value === null ? '' : above ? '▲ above' : 'within'}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    )
  },
)

/** A step of the table: `30 s`, `2 min`, `1 h`. */
const inWords = (seconds: number) =>
  seconds < 60 ? `${seconds} s` : seconds < 3_600 ? `${seconds / 60} min` : `${seconds / 3_600} h`

interface Drawing {
  Plot: ComponentType<PlotProps>
}

let known: Drawing | undefined

/** By itself: what hangs on the import in one expression is not told when its style does not come. */
const load = (): Promise<Drawing> => import('./Plot.js')

/** The script that draws, which comes when the first chart is drawn. Where it does not come, the table is there. */
function usePlot(wanted: boolean): Drawing | 'coming' | 'failed' {
  const [plot, setPlot] = useState<Drawing | 'coming' | 'failed'>(known ?? 'coming')
  useEffect(() => {
    if (!wanted || typeof plot === 'object') return
    let there = true
    load().then(
      (drawing) => {
        known = drawing
        if (there) setPlot(drawing)
      },
      () => there && setPlot('failed'),
    )
    return () => void (there = false)
  }, [wanted, plot])
  return plot
}
