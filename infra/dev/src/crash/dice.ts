/** Chance that comes again with its seed (mulberry32), so that a bad hour can be played twice. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new Error('there is nothing to pick from')
    return from[this.between(0, from.length - 1)]!
  }

  shuffled<T>(all: readonly T[]): T[] {
    const left = [...all]
    for (let i = left.length - 1; i > 0; i--) {
      const j = this.between(0, i)
      ;[left[i], left[j]] = [left[j]!, left[i]!]
    }
    return left
  }
}
