import type { MantineColorSchemeManager } from '@mantine/core'
import { settings } from './settings.js'

/*
 * Light, dark and high contrast: the switch of this page, else the system's. The kit keeps the scheme on the root
 * element; the contrast stands beside it, as `data-contrast`, which tokens.css reads.
 */

const toKit = () => (settings.get().scheme === 'system' ? 'auto' : settings.get().scheme) as 'auto' | 'light' | 'dark'

let stop = () => {}

/** The kit's scheme is the setting, and nothing is kept twice. */
export const schemeManager: MantineColorSchemeManager = {
  get: toKit,
  set: () => {},
  subscribe: (hear) => {
    stop = settings.subscribe(() => hear(toKit()))
  },
  unsubscribe: () => stop(),
  clear: () => {},
}

/** Keeps the root element's contrast to what is chosen, for as long as the page is there. */
export function keepContrast(): void {
  const system = matchMedia('(prefers-contrast: more)')
  const apply = () => {
    const { contrast } = settings.get()
    document.documentElement.dataset['contrast'] =
      contrast === 'system' ? (system.matches ? 'more' : 'usual') : contrast
  }
  system.addEventListener('change', apply)
  settings.subscribe(apply)
  apply()
}
