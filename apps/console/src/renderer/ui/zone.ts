import { useSyncExternalStore } from 'react'
import type { Zone } from './time.js'

/** The zone in which this person reads times; remembered on this device. */
const KEY = 'firebreak.zone'
const listeners = new Set<() => void>()
let zone: Zone = remembered()

export function useZone(): Zone {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => zone,
  )
}

export function toggleZone(): void {
  zone = zone === 'UTC' ? 'local' : 'UTC'
  try {
    localStorage.setItem(KEY, zone)
  } catch {
    // A browser that keeps nothing forgets it on reload.
  }
  for (const listener of listeners) listener()
}

function remembered(): Zone {
  try {
    return localStorage.getItem(KEY) === 'UTC' ? 'UTC' : 'local'
  } catch {
    return 'local'
  }
}
