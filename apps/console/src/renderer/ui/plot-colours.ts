import { useSyncExternalStore } from 'react'

/** What a chart is drawn with, as a canvas understands it. */
export interface Colours {
  line: string
  lineFill: string
  over: string
  overFill: string
  limit: string
  text: string
  dim: string
  grid: string
  silence: string
  panel: string
}

/** In the words of tokens.css. A line in the middle of a chart is quieter than one around a panel. */
const tokens: Colours = {
  line: 'var(--accent)',
  lineFill: 'color-mix(in srgb, var(--accent) 10%, transparent)',
  over: 'var(--sev2)',
  overFill: 'color-mix(in srgb, var(--sev2) 22%, transparent)',
  limit: 'var(--sev2)',
  text: 'var(--text)',
  dim: 'var(--dim)',
  grid: 'color-mix(in srgb, var(--line) 70%, transparent)',
  silence: 'color-mix(in srgb, var(--dim) 12%, transparent)',
  panel: 'var(--panel)',
}

/** Where the system forces its own few colours, a chart is drawn with those, and nothing is tinted. */
const forced: Colours = {
  ...{ line: 'CanvasText', lineFill: 'transparent', over: 'LinkText', overFill: 'transparent', limit: 'LinkText' },
  ...{ text: 'CanvasText', dim: 'CanvasText', grid: 'GrayText', silence: 'transparent', panel: 'Canvas' },
}

const media = ['(forced-colors: active)', '(prefers-color-scheme: dark)'] as const

let known: Colours | undefined
const listeners = new Set<() => void>()
let stop = () => {}

/** The colours as they are now, read once for all charts: another scheme, contrast or system setting changes them. */
export const useColours = (): Colours => useSyncExternalStore(subscribe, () => (known ??= read()))

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) stop = watch()
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) stop()
  }
}

function watch(): () => void {
  const changed = () => {
    known = undefined
    listeners.forEach((listener) => listener())
  }
  const root = new MutationObserver(changed)
  root.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme', 'data-contrast'] })
  const lists = media.map((one) => matchMedia(one))
  lists.forEach((list) => list.addEventListener('change', changed))
  return () => {
    known = undefined
    root.disconnect()
    lists.forEach((list) => list.removeEventListener('change', changed))
  }
}

/** A canvas knows no custom properties, and `light-dark()` only means something on an element: so an element is asked. */
function read(): Colours {
  const words = matchMedia(media[0]).matches ? forced : tokens
  const probe = document.createElement('span')
  // Else the system's colours stand in the place of every other, also of none.
  probe.style.forcedColorAdjust = 'none'
  document.body.append(probe)
  const found = Object.entries(words).map(([name, word]) => {
    probe.style.color = word as string
    return [name, getComputedStyle(probe).color]
  })
  probe.remove()
  return Object.fromEntries(found) as Colours
}
