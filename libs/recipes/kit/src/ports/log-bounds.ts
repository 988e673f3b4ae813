import { MOST_LOG_BYTES, MOST_LOG_LINES, type LogWish } from './cluster.js'
import { PortFailure } from './failure.js'

/**
 * How much of a log is read: what was asked for, or as much as may be asked for.
 *
 * @throws PortFailure('invalid') for bounds that are none
 */
export function boundsOf({ tail = 1_000, limit_bytes = MOST_LOG_BYTES, since_s }: LogWish): {
  tail: number
  limit_bytes: number
  since_s?: number
} {
  within('tail', tail, MOST_LOG_LINES)
  within('limit_bytes', limit_bytes, MOST_LOG_BYTES)
  if (since_s === undefined) return { tail, limit_bytes }
  within('since_s', since_s, 31_536_000)
  return { tail, limit_bytes, since_s }
}

function within(name: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new PortFailure('invalid', `${name} is ${value}; expected a whole number from 1 to ${most}`)
}
