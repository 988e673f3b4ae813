/** How many of the entries of a control are named, for somebody who wants to look some up. */
const MOST = 10

/**
 * A sample that is spread evenly over all that came by, without knowing beforehand how many will: every first, every
 * second, every fourth … Six to ten of them once there are six. No dice: whoever makes the sample again gets the same.
 */
export class Sample<T> {
  #stride = 1
  #seen = 0
  #held: T[] = []

  add(make: () => T): void {
    if (this.#seen++ % this.#stride !== 0) return
    this.#held.push(make())
    if (this.#held.length <= MOST) return
    this.#held = this.#held.filter((_, i) => i % 2 === 0)
    this.#stride *= 2
  }

  get held(): readonly T[] {
    return this.#held
  }
}
