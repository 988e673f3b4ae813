import { Refused } from '@firebreak/flow'
import type { Caller } from '../people/callers.js'
import type { Right } from './rights.js'

/** So many seconds' worth may come at once: a page that opens asks for a dozen things. */
const AT_ONCE_S = 10
/** With so many callers remembered, those that have been quiet are forgotten; looked at so often, however many come. */
const MOST = 10_000
const FORGET_EVERY_MS = 1_000

/**
 * Never refused for being many, nor counted. Alerts, for that is when they are needed; health and the page, for behind one proxy
 * all who are not signed in share one address, and a stranger's haste would have us taken for dead, and lock everybody out.
 */
const UNCOUNTED: ReadonlySet<Right> = new Set(['alert.send', 'health.read', 'page.load'] satisfies Right[])

interface Bucket {
  left: number
  at: number
}

/**
 * How often somebody may ask, in memory and for each API process by itself: it keeps a tool that has run wild from taking
 * everybody's Postgres, and is no quota. A person has a share, and one key at most half of it, so that their tool does not
 * shut out their own page. Whoever is not signed in has the share of one person, by the network that they ask from.
 */
export class Rates {
  private readonly buckets = new Map<string, Bucket>()
  private forgotAt = -Infinity

  constructor(
    /** Requests a second of one person, in the long run; 0: as many as they like. */
    private readonly perSecond: number,
    private readonly now: () => Date,
  ) {}

  /** Counts one request. Throws `rate` when it is one too many. */
  take(right: Right, caller: Pick<Caller, 'id' | 'key'>): void {
    if (this.perSecond === 0 || UNCOUNTED.has(right)) return
    if (caller.key) this.one(`key ${caller.key.id}`, this.perSecond / 2, `The key ${caller.key.id}`)
    this.one(`person ${caller.id}`, this.perSecond, caller.id)
  }

  /** Counts one request of nobody, or one that anybody may make. Throws `rate` when it is one too many from there. */
  takeFrom(right: Right, address: string): void {
    if (this.perSecond === 0 || UNCOUNTED.has(right)) return
    this.one(`network ${networkOf(address)}`, this.perSecond, 'Whoever is not signed in at this address')
  }

  private one(name: string, perSecond: number, who: string): void {
    const now = this.now().getTime()
    const most = Math.max(1, perSecond * AT_ONCE_S)
    const bucket = this.buckets.get(name) ?? { left: most, at: now }
    bucket.left = Math.min(most, bucket.left + (Math.max(0, now - bucket.at) / 1000) * perSecond)
    bucket.at = now
    this.buckets.set(name, bucket)
    if (this.buckets.size > MOST && Math.abs(now - this.forgotAt) >= FORGET_EVERY_MS) this.forget(now)
    if (bucket.left < 1)
      throw new Refused(
        'rate',
        `${who} asks more often than ${perSecond} times a second. Wait a moment; GET /v1/stream tells what changes.`,
      )
    bucket.left -= 1
  }

  /** Whoever has been quiet long enough to have everything again is like one who never asked. */
  private forget(now: number): void {
    this.forgotAt = now
    for (const [name, { at }] of this.buckets) if (now - at > AT_ONCE_S * 1000) this.buckets.delete(name)
  }
}

/** Of IPv6 the /64, for one machine has all of it; of IPv4 the address. */
export function networkOf(address: string): string {
  const [, v4] = /^(?:::ffff:)?(\d+(?:\.\d+){3})$/i.exec(address) ?? []
  if (v4 !== undefined) return v4
  const [before = '', after] = address.toLowerCase().split('%')[0]!.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':'))
  const [first, last] = [groups(before), groups(after ?? '')]
  const zeros = after === undefined ? 0 : Math.max(0, 8 - first.length - last.length)
  return [...first, ...Array<string>(zeros).fill('0'), ...last].slice(0, 4).join(':')
}
