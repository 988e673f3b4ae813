import { useEffect, useRef, useSyncExternalStore } from 'react'

/*
 * The one registry of keys: it binds them, and the help sheet and the tests read it. Nothing here changes production by
 * itself: `Mod+Enter` arms, and the press that confirms is a press on the focused button.
 */

export interface Binding {
  /** `e`, `?`, `Escape`, `Mod+Enter`; `Mod` is ⌘ on a Mac and Ctrl elsewhere. */
  keys: string
  /** What it does, as the help sheet says it. */
  does: string
  /** Where it holds: a heading of the help sheet. */
  where: string
  run(): void
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

/** Whether a press is this binding. In a text field only those with a modifier, and Escape. */
export function matches(keys: string, press: Press, inText: boolean): boolean {
  if (press.repeat || press.isComposing || press.altKey) return false
  const modified = press.ctrlKey || press.metaKey
  if (keys.startsWith('Mod+')) return modified && press.key === keys.slice(4)
  if (inText && keys !== 'Escape') return false
  return !modified && press.key === keys
}

const bound = new Set<readonly Binding[]>()
const listeners = new Set<() => void>()
let all: readonly Binding[] = []

function changed(): void {
  all = [...bound].flat()
  for (const listener of listeners) listener()
}

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

/** Every key that does something now. */
export function useBindings(): readonly Binding[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => all,
  )
}

/** Listens on the window, once, for every binding. The last that was bound goes first. */
export function listen(): () => void {
  const press = (event: KeyboardEvent) => {
    const target = event.target instanceof HTMLElement ? event.target : null
    const inText = target !== null && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
    const binding = all.findLast(({ keys }) => matches(keys, event, inText))
    if (!binding) return
    // Behind an open dialog nothing happens: nobody sees it.
    if (binding.keys !== '?' && document.querySelector('[role="dialog"]')) return
    event.preventDefault()
    binding.run()
  }
  window.addEventListener('keydown', press)
  return () => window.removeEventListener('keydown', press)
}

const onMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent)

/** A key as it is printed: `Ctrl ↵`. */
export const shown = (keys: string): string =>
  keys
    .replace('Mod+', onMac ? '⌘ ' : 'Ctrl ')
    .replace('Enter', '↵')
    .replace('Escape', 'Esc')
