/** What to do about a page that died or stands still. */
export type Remedy = 'offer to reload' | 'show the safe page'

const TOO_MANY = 3
const WITHIN_MS = 5 * 60_000

/** Counts how often the page died: the third time within five minutes loading it anew is no remedy. */
export class Crashes {
  private times: number[] = []

  /** @param now milliseconds */
  happened(now: number): Remedy {
    this.times = [...this.times.filter((time) => now - time < WITHIN_MS), now]
    if (this.times.length < TOO_MANY) return 'offer to reload'
    this.times = []
    return 'show the safe page'
  }
}
