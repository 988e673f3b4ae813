/** A random number in [0, 1). */
export type Dice = () => number

/**
 * Seeded dice (mulberry32): the same seed rehearses the same day. Nothing secret is thrown with them.
 * Dice of different names fall differently, so that one more throw here moves nothing there.
 */
export function dice(seed: number, name = ''): Dice {
  let state = seed >>> 0
  for (const letter of name) state = (Math.imul(state, 31) + letter.codePointAt(0)!) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
