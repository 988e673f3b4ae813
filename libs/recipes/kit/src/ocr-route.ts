import { chosenOf } from './chosen-of.js'
import type { OcrRoute } from './directory.js'
import { PortFailure, type ConfigMap, type ServiceDirectory } from './ports.js'

/** The OCR that a recipe is about, chosen as `chosenOf` chooses. */
export const ocrRouteOf = (
  directory: ServiceDirectory,
  wanted: string | undefined,
  labels: Readonly<Record<string, string>>,
): OcrRoute => chosenOf(directory.things().ocr, { one: 'OCR', key: 'ocr' }, wanted, labels)

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
