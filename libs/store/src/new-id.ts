import { randomFillSync } from 'node:crypto'
import { v7 } from 'uuid'

const SIZE = 16
/** Randomness for many ids at once: asking the system for each costs as much as what the id is for. */
const pool = new Uint8Array(SIZE * 256)
let used = pool.length
let [last, nth] = [0, 0]

/** A UUIDv7, of an entry, a row or a request: of two that one process makes, the later one is the greater. */
export function newUuid(): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const random = pool.subarray(used, (used += SIZE))
  const now = Date.now()
  // Within a millisecond, and where the clock was set back, they are counted.
  if (now > last) [last, nth] = [now, 0]
  else nth++
  return v7({ random, msecs: last, seq: nth })
}
