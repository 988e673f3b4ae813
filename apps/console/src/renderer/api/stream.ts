import type { QueryClient } from '@tanstack/react-query'
import type { Line } from './line.js'
import { everything, touchedBy, type Happened, type Touched } from './touches.js'
import { transport } from './transport.js'

/*
 * One stream of events for the whole page. An event only tells that something happened: what it is now is asked again.
 * Between events the heartbeat tells that silence means quiet, and not a broken line.
 */

/** Milliseconds since the last sign of life, and what that is called. */
export type Freshness = 'live' | 'catching up' | 'stale'

export const freshness = (silent: number): Freshness =>
  silent < 10_000 ? 'live' : silent < 30_000 ? 'catching up' : 'stale'

/** Milliseconds for which events are gathered, and at least between two rounds of questions. */
const BURST = 50
const STORM = 250

/** Hears what happens besides the queries, and follows it by itself. */
export interface Hearer {
  happened(event: Happened): void
  /** Some events were not heard: before it listened, or while the line was broken. */
  missed(): void
}

export class Stream {
  private source: Line | undefined
  private readonly hearers = new Set<Hearer>()
  private joined = false
  private heard = 0
  /** What is to be asked again, once each. */
  private readonly touched = new Map<string, Touched>()
  private flushing = false
  private broken = false
  private asked = -STORM
  private reopen: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly queries: Pick<QueryClient, 'invalidateQueries'>,
    /** Hears the server's time. */
    private readonly heardTime: (time: string) => void,
    /** Hears each event, besides what it makes be asked again. */
    private readonly told: (event: Happened) => void = () => {},
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Answers how to stop. */
  hear(hearer: Hearer): () => void {
    this.hearers.add(hearer)
    return () => this.hearers.delete(hearer)
  }

  open(): void {
    this.close()
    this.joined = false
    this.heard = this.now()
    const source = transport.openStream('/v1/stream')
    this.source = source
    source.addEventListener('open', () => this.alive())
    for (const sign of ['hello', 'hb', 'resync'])
      source.addEventListener(sign, (event) => this.sign(sign, dataOf(event)))
    source.addEventListener('message', (event) => this.happened(dataOf(event)))
    source.addEventListener('error', () => {
      // The browser tries again by itself, with the last id, unless the answer was a "no": then we ask who we are.
      if (source.readyState !== EventSource.CLOSED) return this.lost()
      void this.queries.invalidateQueries({ queryKey: ['me'] })
      this.reopen = setTimeout(() => this.open(), 3_000)
    })
  }

  close(): void {
    clearTimeout(this.reopen)
    this.source?.close()
    this.source = undefined
  }

  /** The line broke. Whether the API is gone with it is asked at once: a page that nobody touches would learn it late. */
  private lost(): void {
    if (this.broken) return
    this.broken = true
    void this.queries.invalidateQueries({ queryKey: ['me'] })
  }

  /** Milliseconds since the last sign of life. */
  silence(): number {
    return this.now() - this.heard
  }

  private alive(): void {
    this.broken = false
    const slept = freshness(this.silence()) === 'stale'
    this.heard = this.now()
    // A lid that was closed: replay brings what it has, and asking again brings the rest.
    if (slept) this.missedSome()
  }

  /** `hello` and `hb`: it is there. `resync`: more was missed than it will tell. */
  private sign(sign: string, data: string): void {
    const { time } = parse(data) ?? {}
    if (typeof time === 'string') this.heardTime(time)
    this.alive()
    // A line that is new begins now: what was asked before may be older than what it tells first.
    if (sign === 'resync' || (sign === 'hello' && !this.joined)) this.missedSome()
    if (sign === 'hello') this.joined = true
  }

  private happened(data: string): void {
    this.alive()
    const { type, id } = parse(data) ?? {}
    if (typeof type !== 'string' || typeof id !== 'string') return this.missedSome()
    this.told({ type, id })
    for (const hearer of this.hearers) hearer.happened({ type, id })
    this.soon(touchedBy({ type, id }))
  }

  private missedSome(): void {
    this.heard = this.now()
    for (const hearer of this.hearers) hearer.missed()
    this.soon(everything)
  }

  /** A burst of events is one round of questions, not one each; a storm is four rounds a second. */
  private soon(touched: readonly Touched[]): void {
    for (const key of touched) this.touched.set(key.join(' '), key)
    if (this.flushing) return
    this.flushing = true
    const wait = Math.max(BURST, this.asked + STORM - this.now())
    setTimeout(() => {
      this.flushing = false
      this.asked = this.now()
      const keys = [...this.touched.values()]
      this.touched.clear()
      for (const queryKey of keys) void this.queries.invalidateQueries({ queryKey })
    }, wait)
  }
}

const dataOf = (event: Event): string => String((event as MessageEvent<unknown>).data)

function parse(data: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(data)
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
