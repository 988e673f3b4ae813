import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import css from './Chart.module.css'
import { amount, domainOf, dotsOf, gapsOf, timeTicks, valueTicks, withGaps, type Measured } from './figure.js'
import './plot.css'
import { useColours, type Colours } from './plot-colours.js'
import { clock, day, minute, offset, type Zone } from './time.js'

/** A moment that a chart shows, with the word beside it: `opened`. */
export interface Mark {
  at: number
  word: string
}

export interface PlotProps {
  measured: Measured
  /** From when to when: the same for all that share a cursor. */
  window: readonly [from: number, until: number]
  marks: readonly Mark[]
  zone: Zone
  /** Charts with the same word move their cursors together. */
  group: string | undefined
}

/** CSS pixels: of the whole, of what the upright axis takes, and of letters (`--text-xs`). */
const HEIGHT = 104
const LEFT = 48
const LETTERS = 12

/**
 * The drawing of a chart, by uPlot on a canvas. It is for the eye alone: the caption and the table beside it say the same.
 * Its script comes when the first chart is drawn (`Chart.tsx`).
 */
export function Plot(props: PlotProps) {
  const host = useRef<HTMLDivElement>(null)
  const readout = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const colours = useColours()
  // What is drawn is read when it is drawn: the canvas is made once, and drawn again.
  const latest = useRef({ ...props, colours })
  latest.current = { ...props, colours }
  const { group, measured, window, marks, zone } = props

  useEffect(() => {
    const box = host.current!
    const made = new uPlot(optionsOf(() => latest.current, box.clientWidth, group, readout.current!), dataOf(measured), box) // prettier-ignore
    plot.current = made
    const resized = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height: HEIGHT }))
    resized.observe(box)
    // The letters of the page are a file of their own; on a canvas they do not change by themselves.
    void document.fonts.ready.then(() => plot.current === made && made.redraw(false))
    return () => {
      plot.current = undefined
      resized.disconnect()
      made.destroy()
    }
    // Only the group is part of how it is made; the data comes by the effect below.
  }, [group])

  useEffect(() => plot.current?.setData(dataOf(measured)), [measured, window])
  useEffect(() => plot.current?.redraw(false, true), [marks, zone, colours])

  return (
    <div className={css.plot} aria-hidden="true">
      <div ref={host} />
      <div ref={readout} className={css.readout} hidden />
    </div>
  )
}

type Now = () => PlotProps & { colours: Colours }

function dataOf(measured: Measured): uPlot.AlignedData {
  const points = withGaps(measured)
  return [points.map(([at]) => at), points.map(([, value]) => value)]
}

function optionsOf(now: Now, width: number, group: string | undefined, readout: HTMLElement): uPlot.Options {
  const font = `${LETTERS}px ${getComputedStyle(document.body).fontFamily}`
  const line = () => now().colours.grid
  return {
    width: Math.max(1, width),
    height: HEIGHT,
    padding: [8, 6, 0, 0],
    legend: { show: false },
    select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: false, range: () => [...now().window] },
      y: { range: () => domainOf(now().measured) },
    },
    axes: [
      {
        ...{ font, size: 22, gap: 4, stroke: () => now().colours.dim },
        grid: { show: false },
        ticks: { stroke: line, width: 1, size: 4 },
        border: { show: true, stroke: line, width: 1 },
        splits: ({ width }, _, from, until) =>
          timeTicks(from, until, Math.max(2, Math.floor((width - LEFT) / 58)), aheadOf(from, now().zone)),
        values: (plot, ticks) =>
          ticks.map((at) => {
            const says = tickSays(at, ticks, now().zone)
            // One that would be cut off at the edge says nothing.
            const room = plot.width - LEFT - plot.valToPos(at, 'x')
            return room < (says.length * LETTERS) / 3.5 ? '' : says
          }),
      },
      {
        ...{ font, size: LEFT, gap: 6, stroke: () => now().colours.dim },
        grid: { stroke: line, width: 1 },
        ticks: { show: false },
        splits: (_, __, min, max) => valueTicks(min, max, 4),
        values: (_, ticks) => shortAmounts(ticks),
      },
    ],
    series: [
      {},
      {
        width: 1.75,
        stroke: (plot) => split(plot, now(), 'line', 'over'),
        fill: (plot) => split(plot, now(), 'lineFill', 'overFill'),
        points: {
          show: false,
          size: 6,
          width: 0,
          fill: (plot) => split(plot, now(), 'line', 'over'),
          filter: () => dotsOf(withGaps(now().measured)),
        },
      },
    ],
    cursor: {
      y: false,
      drag: { x: false, y: false, setScale: false },
      points: { size: 8, width: 1.5, stroke: () => now().colours.panel, fill: () => now().colours.line },
      ...(group === undefined ? {} : { sync: { key: group, setSeries: false, scales: ['x', null] } }),
    },
    hooks: {
      drawClear: [(plot) => silences(plot, now())],
      draw: [(plot) => limits(plot, now(), font)],
      setCursor: [(plot) => readOut(plot, now(), readout)],
    },
  }
}

/** Seconds that a zone is ahead of UTC at a moment. The other zone is the device's own. */
const aheadOf = (at: number, zone: Zone) => (zone === 'UTC' ? 0 : -new Date(at * 1_000).getTimezoneOffset() * 60)

/** `03:07`; with seconds where the marks are closer than a minute, and the day where it begins. */
function tickSays(at: number, ticks: readonly number[], zone: Zone): string {
  const date = new Date(at * 1_000)
  if (ticks.length > 1 && ticks[1]! - ticks[0]! < 60) return clock(date, zone)
  return minute(date, zone) === '00:00' ? day(date, zone) : minute(date, zone)
}

/** On an axis of 48 pixels: `5k`, `10k`, as soon as one of them has five figures. */
function shortAmounts(ticks: readonly number[]): string[] {
  const compact = ticks.some((value) => Math.abs(value) >= 10_000)
  return ticks.map((value) => (compact ? value.toLocaleString('en-GB', { notation: 'compact' }) : amount(value, '')))
}

/** One colour up to the threshold, and the other above it; one alone where nobody has set one. */
function split(
  plot: uPlot,
  { measured: { threshold }, colours }: ReturnType<Now>,
  below: keyof Colours,
  over: keyof Colours,
) {
  const { top, height } = plot.bbox
  if (threshold === null || !(height > 0)) return colours[below]
  const share = Math.min(1, Math.max(0, (plot.valToPos(threshold, 'y', true) - top) / height))
  const gradient = plot.ctx.createLinearGradient(0, top, 0, top + height)
  gradient.addColorStop(0, colours[over])
  gradient.addColorStop(share, colours[over])
  gradient.addColorStop(share, colours[below])
  gradient.addColorStop(1, colours[below])
  return gradient
}

/** Behind everything: where nothing was measured, as a band that says so. */
function silences(plot: uPlot, { measured, window: [, until], colours }: ReturnType<Now>): void {
  const { ctx, bbox } = plot
  ctx.save()
  for (const { from, to } of gapsOf(measured, until)) {
    const [left, right] = [from, to].map((at) => plot.valToPos(at, 'x', true)) as [number, number]
    ctx.fillStyle = colours.silence
    ctx.fillRect(left, bbox.top, right - left, bbox.height)
    const letters = LETTERS * uPlot.pxRatio
    ctx.font = `${letters}px ${getComputedStyle(document.body).fontFamily}`
    const says = 'not measured'
    if (ctx.measureText(says).width + letters > right - left) continue
    ctx.fillStyle = colours.dim
    ctx.textAlign = 'center'
    ctx.textBaseline = 'middle'
    ctx.fillText(says, (left + right) / 2, bbox.top + bbox.height - letters)
  }
  ctx.restore()
}

/** Over the line: the threshold with its word, and the moments that are marked with theirs. */
function limits(plot: uPlot, { measured, window: [from, until], marks, colours }: ReturnType<Now>, font: string): void {
  const { ctx, bbox } = plot
  const px = uPlot.pxRatio
  const right = bbox.left + bbox.width
  ctx.save()
  ctx.font = font.replace(/^\d+px/, `${LETTERS * px}px`)
  ctx.lineWidth = px
  const crisp = (at: number) => Math.round(at) + (px % 2 ? 0.5 : 0)
  // On the panel's own colour, so that words stand clear of the line.
  const word = (says: string, x: number, y: number, colour: string) => {
    ctx.lineJoin = 'round'
    ctx.strokeStyle = colours.panel
    ctx.lineWidth = 4 * px
    ctx.strokeText(says, x, y)
    ctx.lineWidth = px
    ctx.fillStyle = colour
    ctx.fillText(says, x, y)
  }
  if (measured.threshold !== null) {
    const y = crisp(plot.valToPos(measured.threshold, 'y', true))
    ctx.setLineDash([6 * px, 4 * px])
    stroke(ctx, colours.limit, bbox.left, y, right, y)
    ctx.setLineDash([])
    ctx.textAlign = 'left'
    ctx.textBaseline = 'bottom'
    word(`threshold ${amount(measured.threshold, measured.unit)}`, bbox.left + 6 * px, y - 2 * px, colours.limit)
  }
  /** Where each line of words ends that stand over the marks, from the left: one that has no room stands a line lower. */
  const ends: number[] = []
  for (const mark of marks) {
    if (mark.at < from || mark.at > until) continue
    const x = crisp(plot.valToPos(mark.at, 'x', true))
    stroke(ctx, colours.text, x, bbox.top, x, bbox.top + bbox.height)
    // To the side on which there is room.
    const wide = ctx.measureText(mark.word).width + 5 * px
    const before = x + wide + 5 * px > right
    const begins = before ? x - wide : x
    const free = ends.findIndex((end) => end < begins)
    const row = free < 0 ? ends.length : free
    ends[row] = begins + wide
    ctx.textAlign = before ? 'right' : 'left'
    ctx.textBaseline = 'top'
    word(mark.word, x + (before ? -5 : 5) * px, bbox.top + row * (LETTERS + 2) * px, colours.text)
  }
  ctx.restore()
}

function stroke(ctx: CanvasRenderingContext2D, colour: string, ...[x, y, toX, toY]: [number, number, number, number]) {
  ctx.strokeStyle = colour
  ctx.beginPath()
  ctx.moveTo(x, y)
  ctx.lineTo(toX, toY)
  ctx.stroke()
}

/** What the cursor stands on: `03:07:10  812 ms`. */
function readOut(plot: uPlot, { measured, zone }: ReturnType<Now>, readout: HTMLElement): void {
  const { idx, left = -1 } = plot.cursor
  const at = idx == null || left < 0 ? undefined : plot.data[0][idx]
  readout.hidden = at === undefined
  if (at === undefined) return
  const value = plot.data[1]![idx!]
  const when = new Date(at * 1_000)
  readout.textContent = `${clock(when, zone)} ${offset(when, zone)}  ${value == null ? 'not measured' : amount(value, measured.unit)}`
  const middle = plot.over.offsetLeft + left
  const half = readout.offsetWidth / 2
  const most = plot.width - readout.offsetWidth
  readout.style.transform = `translateX(${Math.round(Math.min(most, Math.max(0, middle - half)))}px)`
}
