import { storeOf, useStore } from './store.js'
import type { Zone } from './time.js'

/** What a person has chosen about how this device shows the console. Nothing of it leaves the device. */
export interface Settings {
  scheme: 'system' | 'light' | 'dark'
  contrast: 'system' | 'usual' | 'more'
  /** In which zone times are read. */
  zone: Zone
  /** Whether keys of one character do something: `j`, `?`, `g i`. Who speaks to the device, or rests on its keys, turns them off. */
  letters: boolean
  /** Seconds after which an armed button is safe again by itself; `never` for whoever needs longer (WCAG 2.2.1). */
  armed: '8' | '20' | '60' | 'never'
  /** How much of what happened a timeline shows. */
  timeline: 'story' | 'everything'
}

const choices = {
  scheme: ['system', 'light', 'dark'],
  contrast: ['system', 'usual', 'more'],
  zone: ['local', 'UTC'],
  letters: [true, false],
  armed: ['8', '20', '60', 'never'],
  timeline: ['story', 'everything'],
} as const satisfies { [K in keyof Settings]: readonly Settings[K][] }

const usual: Settings = {
  ...{ scheme: 'system', contrast: 'system', zone: 'local', letters: true, armed: '8' },
  timeline: 'story',
}

/** The settings in what was kept; what stands there and is none is as if nothing stood there. */
export function readSettings(kept: string | null): Settings {
  let found: unknown
  try {
    found = JSON.parse(kept ?? '{}')
  } catch {
    return usual
  }
  if (found === null || typeof found !== 'object') return usual
  const chosen = Object.entries(choices).flatMap(([name, allowed]) => {
    const value = (found as Record<string, unknown>)[name]
    return (allowed as readonly unknown[]).includes(value) ? [[name, value]] : []
  })
  return { ...usual, ...(Object.fromEntries(chosen) as Partial<Settings>) }
}

const KEY = 'firebreak.settings'
export const settings = storeOf<Settings>(remembered())

export const useSettings = (): Settings => useStore(settings)

export function choose(changed: Partial<Settings>): void {
  settings.set({ ...settings.get(), ...changed })
  try {
    localStorage.setItem(KEY, JSON.stringify(settings.get()))
  } catch {
    // A browser that keeps nothing forgets it on reload.
  }
}

function remembered(): Settings {
  try {
    return readSettings(localStorage.getItem(KEY))
  } catch {
    return usual
  }
}
