import { PortFailure } from '@firebreak/kit'
import { z } from 'zod'

const SUFFIXES: Record<string, number> = {
  n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
} // prettier-ignore

/** Quantities by the names of their resources, as the API server writes them. */
export const amounts = z.record(z.string(), z.union([z.string(), z.number()])).default({})

/**
 * A quantity of Kubernetes (`250m`, `1.5Gi`, `2e3`) in whole thousandths (`millis`) or whole pieces, rounded up.
 *
 * @throws PortFailure('invalid') for what is none, and for one that no plan can hold
 */
export function quantity(text: string | number, unit: 'millis' | 'pieces'): number {
  const [, number, suffix = ''] =
    /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?)([A-Za-z]{0,2})$/.exec(String(text)) ?? []
  const factor = Object.hasOwn(SUFFIXES, suffix) ? SUFFIXES[suffix] : undefined
  // The thousandths first: 0.29 * 1e3 would be a little more than 290, and rounded up to 291.
  const value = Number(number) * (factor ?? NaN) * (unit === 'millis' ? 1_000 : 1)
  const whole = Math.ceil(Number(value.toPrecision(15)))
  if (!Number.isSafeInteger(whole))
    throw new PortFailure('invalid', `${JSON.stringify(text)} is no quantity that can be used`)
  return whole
}

/** In which unit a resource is counted: CPU in thousandths, memory and storage in bytes, all else in pieces. */
export const unitOf = (resource: string): 'millis' | 'pieces' =>
  /^((requests|limits)\.)?cpu$/.test(resource) ? 'millis' : 'pieces'
