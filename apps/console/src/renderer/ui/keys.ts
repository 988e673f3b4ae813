import { useEffect, useRef, type KeyboardEvent as Pressed } from 'react'
import { settings } from './settings.js'
import { storeOf, useStore } from './store.js'

/*
 * The one registry of keys: it binds them, and the help sheet, the palette, `aria-keyshortcuts` and the tests read it.
 * Nothing here changes production by itself: `Mod+Enter` arms, and the press that confirms is a press on the focused
 * button.
 */

export interface Binding {
  /** `e`, `?`, `Escape`, `Mod+Enter`, or one after the other: `g i`. `Mod` is ⌘ on a Mac and Ctrl elsewhere. */
  keys: string
  /** What it does, as the help sheet and the palette say it. */
  does: string
  /** Where it holds: a heading of the help sheet. `Everywhere` is every page, anything else is this one. */
  where: string
  run(): void
  /** Also while a dialog is open. Else nothing happens behind one: nobody sees it. */
  always?: boolean
}

/** What of a keyboard event decides. */
export interface Press {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  /** Held down: the key repeats itself. */
  repeat: boolean
  isComposing: boolean
}

/** Whether a press is this key. In a text field only those with a modifier, and Escape. */
export function matches(keys: string, press: Press, inText: boolean): boolean {
  if (press.repeat || press.isComposing || press.altKey) return false
  const modified = press.ctrlKey || press.metaKey
  if (keys.startsWith('Mod+')) return modified && press.key === keys.slice(4)
  if (inText && keys !== 'Escape') return false
  return !modified && press.key === keys
}

/** Whether it is made of single characters, with no modifier: those can be turned off (WCAG 2.1.4). */
export const isLetter = (keys: string): boolean => keys.split(' ').every((key) => key.length === 1)

/** What a press does: a binding, or the beginning of a sequence, or nothing. The last that was bound goes first. */
export function find<B extends Pick<Binding, 'keys'>>(
  bindings: readonly B[],
  /** The key before this one, if a sequence began with it. */
  begun: string | null,
  press: Press,
  { inText, letters }: { inText: boolean; letters: boolean },
): { binding?: B; begun?: string } {
  const held = letters ? bindings : bindings.filter(({ keys }) => !isLetter(keys))
  if (begun !== null) {
    const second = held.findLast(({ keys }) => {
      const [first, then] = keys.split(' ')
      return then !== undefined && first === begun && matches(then, press, inText)
    })
    if (second) return { binding: second }
  }
  const binding = held.findLast(({ keys }) => matches(keys, press, inText))
  if (binding) return { binding }
  const first = held.find(({ keys }) => keys.includes(' ') && matches(keys.split(' ')[0]!, press, inText))
  return first ? { begun: press.key } : {}
}

const bound = new Set<readonly Binding[]>()
const all = storeOf<readonly Binding[]>([])
const changed = () => all.set([...bound].flat())

/** Binds keys for as long as the component is there. The list of keys must not change; what they do may. */
export function useKeys(bindings: readonly Binding[]): void {
  const latest = useRef(bindings)
  useEffect(() => {
    latest.current = bindings
  })
  useEffect(() => {
    const mine = latest.current.map((binding, at) => ({ ...binding, run: () => latest.current[at]?.run() }))
    bound.add(mine)
    changed()
    return () => {
      bound.delete(mine)
      changed()
    }
  }, [])
}

/** For a field that somebody writes in: `Mod+Enter` sends what is written, and arms nothing that stands beside it. */
export const sentBy = (send: () => void) => (event: Pressed) => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
  event.preventDefault()
  event.stopPropagation()
  send()
}

/** Every key that does something now. */
export const useBindings = (): readonly Binding[] => useStore(all)

/** Milliseconds within which the second key of a sequence is one. */
const SEQUENCE = 1_500

/** Listens on the window, once, for every binding. */
export function listen(): () => void {
  let begun: { key: string; at: number } | null = null
  const press = (event: KeyboardEvent) => {
    if (['Shift', 'Control', 'Meta', 'Alt'].includes(event.key)) return
    const target = event.target instanceof HTMLElement ? event.target : null
    const inText = target !== null && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
    const open = document.querySelector('dialog[open], [role="dialog"]') !== null
    const before = begun !== null && event.timeStamp - begun.at < SEQUENCE ? begun.key : null
    const found = find(
      all.get().filter(({ always }) => always === true || !open),
      before,
      event,
      { inText, letters: settings.get().letters },
    )
    begun = found.begun === undefined ? null : { key: found.begun, at: event.timeStamp }
    if (!found.binding) return
    event.preventDefault()
    found.binding.run()
  }
  window.addEventListener('keydown', press)
  return () => window.removeEventListener('keydown', press)
}

const onMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent)

/** Keys as they are printed: `Ctrl ↵`. */
export const shown = (keys: string): string =>
  keys
    .replace(/Mod\+(.+)/, (_, key: string) => `${onMac ? '⌘' : 'Ctrl'} ${key.length === 1 ? key.toUpperCase() : key}`)
    .replace('Enter', '↵')
    .replace('Escape', 'Esc')

/** Keys as `aria-keyshortcuts` writes them; it knows no sequences. */
export const ariaKeys = (keys: string): string | undefined =>
  keys.includes(' ') ? undefined : keys.replace('Mod', onMac ? 'Meta' : 'Control')
