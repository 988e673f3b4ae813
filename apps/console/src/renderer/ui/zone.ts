import { choose, settings, useSettings } from './settings.js'
import type { Zone } from './time.js'

/** The zone in which this person reads times; remembered on this device. */
export const useZone = (): Zone => useSettings().zone

export const toggleZone = (): void => choose({ zone: settings.get().zone === 'UTC' ? 'local' : 'UTC' })
