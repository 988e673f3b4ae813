/** How long the growth of a queue is looked back for, and how often it is written down. Milliseconds of the sandbox. */
const WINDOW_MS = 60_000
const EVERY_MS = 1_000
/** What comes and goes while the fault is on, and after it. */
const GROWS_PER_MS = 0.05
const SHRINKS_PER_MS = 1
const MOST = 100_000

/** What waits behind a service: the jobs of the queue, and, where a fault says so, ever more that only figures tell of. */
export class Backlog {
  #more = 0
  #since = 0
  readonly #seen: number[] = []

  /** What comes now is not measured against what was: another fault is another story. */
  forget(): void {
    this.#more = 0
    this.#seen.length = 0
  }

  /** It has grown for as long as anybody looks back: whoever looks at once sees it. */
  hasGrown(): void {
    this.#more = WINDOW_MS * GROWS_PER_MS
    this.#seen.length = 0
    for (let ago = WINDOW_MS; ago >= 0; ago -= EVERY_MS) this.#seen.push(Math.round(this.#more - ago * GROWS_PER_MS))
  }

  /** Answers how much waits now. */
  step(elapsedMs: number, jobs: number, grows: boolean): number {
    this.#more = Math.min(MOST, Math.max(0, this.#more + elapsedMs * (grows ? GROWS_PER_MS : -SHRINKS_PER_MS)))
    const depth = jobs + Math.round(this.#more)
    this.#since += elapsedMs
    if (this.#since >= EVERY_MS || this.#seen.length === 0) {
      this.#since = 0
      this.#seen.push(depth)
      if (this.#seen.length > WINDOW_MS / EVERY_MS + 1) this.#seen.shift()
    }
    return depth
  }

  /** Of the last minute, or of as much of it as there was; 0 before there was half of it. */
  get perMinute(): number {
    const minutes = ((this.#seen.length - 1) * EVERY_MS) / 60_000
    // A few jobs that come while few are looked back at are no growth: they would be told as dozens a minute.
    return minutes < 0.5 ? 0 : Math.round((this.#seen.at(-1)! - this.#seen[0]!) / minutes)
  }
}
