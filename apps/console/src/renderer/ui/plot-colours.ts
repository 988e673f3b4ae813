import { useEffect, useState, type RefObject } from 'react'

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
  ...{ line: 'CanvasText', lineFill: 'Canvas', over: 'LinkText', overFill: 'Canvas', limit: 'LinkText' },
  ...{ text: 'CanvasText', dim: 'CanvasText', grid: 'GrayText', silence: 'Canvas', panel: 'Canvas' },
}

const media = ['(forced-colors: active)', '(prefers-color-scheme: dark)'] as const

/** The colours as they are now where `host` stands: another scheme, contrast or system setting changes them. */
export function useColours(host: RefObject<HTMLElement | null>): Colours {
  const [colours, setColours] = useState<Colours>(forced)
  useEffect(() => {
    const read = () => setColours(readIn(host.current!))
    const root = new MutationObserver(read)
    root.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme', 'data-contrast'] })
    const lists = media.map((one) => matchMedia(one))
    lists.forEach((list) => list.addEventListener('change', read))
    read()
    return () => {
      root.disconnect()
      lists.forEach((list) => list.removeEventListener('change', read))
    }
  }, [host])
  return colours
}

/** A canvas knows no custom properties, and `light-dark()` only means something on an element: so an element is asked. */
function readIn(host: HTMLElement): Colours {
  const words = matchMedia(media[0]).matches ? forced : tokens
  const probe = document.createElement('span')
  host.append(probe)
  const read = Object.entries(words).map(([name, word]) => {
    probe.style.color = word as string
    return [name, getComputedStyle(probe).color]
  })
  probe.remove()
  return Object.fromEntries(read) as Colours
}
