import type { OcrRoute } from './directory.js'
import { PortFailure, type ConfigMap, type ServiceDirectory } from './ports.js'

/**
 * The OCR that a recipe is about: the one that was named, or the only one of the service of the alert. Nothing else of an
 * alert is believed. Throws `PortFailure('not-found')` that names those that there are.
 */
export function ocrRouteOf(
  directory: ServiceDirectory,
  wanted: string | undefined,
  labels: Readonly<Record<string, string>>,
): OcrRoute {
  const all = directory.things().ocr
  const service = labels['service']
  const chosen = all.filter((route) => (wanted === undefined ? route.service === service : route.name === wanted))
  if (chosen.length === 1) return chosen[0]!
  const known = all.map(({ name }) => name).join(', ') || 'none'
  const asked = JSON.stringify((wanted ?? service ?? '').slice(0, 63))
  throw new PortFailure(
    'not-found',
    chosen.length > 1
      ? `the service ${asked} has more than one OCR: name one of ${chosen.map(({ name }) => name).join(', ')}`
      : wanted !== undefined
        ? `there is no OCR ${asked}; the house knows ${known} (firebreak.yaml, ocr)`
        : `no OCR belongs to the service ${asked}; the house knows ${known} (firebreak.yaml, ocr)`,
  )
}

/**
 * How many percent of the documents a routing sends to the fallback: a whole number from 0 to 100, as the value of `key`.
 * Anything else is `PortFailure('invalid')`: nobody could say what its consumers make of it.
 */
export function shareIn({ ref, data }: Pick<ConfigMap, 'ref' | 'data'>, key: string): number {
  const value = Object.hasOwn(data, key) ? data[key]! : undefined
  if (value !== undefined && /^(0|[1-9]\d?|100)$/.test(value)) return Number(value)
  const found = value === undefined ? 'not there' : JSON.stringify(value.slice(0, 63))
  throw new PortFailure(
    'invalid',
    `${key} of configmap ${ref} is ${found}, expected a whole number from 0 to 100: set it to what its consumers go by`,
  )
}
