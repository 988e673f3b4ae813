/** A small seeded generator (mulberry32): a test that fails fails again. */
export function seeded(seed: number) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }
  const below = (n: number) => next() % n
  return {
    below,
    bytes: (length: number) => Uint8Array.from({ length }, () => below(256)),
    pick: <T>(items: readonly T[]): T => items[below(items.length)]!,
  }
}

export type Random = ReturnType<typeof seeded>
