import type { QueryClient } from '@tanstack/react-query'
import { transport } from './transport.js'

/*
 * One stream of events for the whole page. An event only tells that something happened: what it is now is asked again.
 * Between events the heartbeat tells that silence means quiet, and not a broken line.
 */

/** Milliseconds since the last sign of life, and what that is called. */
export type Freshness = 'live' | 'catching up' | 'stale'

export const freshness = (silent: number): Freshness =>
  silent < 10_000 ? 'live' : silent < 30_000 ? 'catching up' : 'stale'

/** What the stream sends: what changed, by type and id. */
export interface Happened {
  type: string
  id: string
  version: number
}

/**
 * The noun of an event: `incident`, `plan`, … An entry's type begins with it (`plan.proposed`), and an id may carry it
 * (`plan:…`). Which queries that touches is decided in one place, below.
 */
export function touchedBy(event: Happened): string[] {
  const noun = event.type.split('.')[0] ?? ''
  return touches[noun] ?? Object.keys(touches)
}

const touches: Record<string, string[]> = {
  incident: ['incident', 'timeline'],
  alert: ['incident', 'timeline'],
  request: ['incident', 'plan', 'timeline'],
  plan: ['incident', 'plan', 'timeline'],
  approval: ['plan', 'timeline'],
  run: ['incident', 'plan', 'run', 'loan', 'timeline'],
  step: ['run', 'timeline'],
  loan: ['run', 'loan', 'timeline'],
}

export class Stream {
  private source: EventSource | undefined
  private heard = 0
  private touched = new Set<string>()
  private flushing = false
  private reopen: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly queries: QueryClient,
    private readonly now: () => number = () => performance.now(),
  ) {}

  open(): void {
    this.close()
    this.heard = this.now()
    const source = transport.openStream('/v1/stream')
    this.source = source
    source.addEventListener('open', () => this.alive())
    source.addEventListener('heartbeat', () => this.alive())
    source.addEventListener('message', (event: MessageEvent<string>) => this.happened(event.data))
    source.addEventListener('resync', () => this.missedSome())
    source.addEventListener('error', () => {
      // The browser tries again by itself, with the last id, unless the answer was a "no": then we ask who we are.
      if (source.readyState !== EventSource.CLOSED) return
      void this.queries.invalidateQueries({ queryKey: ['me'] })
      this.reopen = setTimeout(() => this.open(), 3_000)
    })
  }

  close(): void {
    clearTimeout(this.reopen)
    this.source?.close()
    this.source = undefined
  }

  /** Milliseconds since the last sign of life. */
  silence(): number {
    return this.now() - this.heard
  }

  private alive(): void {
    const slept = freshness(this.silence()) === 'stale'
    this.heard = this.now()
    // A lid that was closed: replay brings what it has, and asking again brings the rest.
    if (slept) this.missedSome()
  }

  private happened(data: string): void {
    this.alive()
    const event = parse(data)
    if (!event) return this.missedSome()
    for (const noun of touchedBy(event)) this.touched.add(noun)
    this.soon()
  }

  private missedSome(): void {
    this.heard = this.now()
    for (const noun of [...new Set(Object.values(touches).flat())]) this.touched.add(noun)
    this.soon()
  }

  /** A burst of events is one round of questions, not one each. */
  private soon(): void {
    if (this.flushing) return
    this.flushing = true
    setTimeout(() => {
      this.flushing = false
      const nouns = [...this.touched]
      this.touched.clear()
      for (const noun of nouns) void this.queries.invalidateQueries({ queryKey: [noun] })
    }, 50)
  }
}

function parse(data: string): Happened | undefined {
  try {
    const event = JSON.parse(data) as Partial<Happened> | null
    if (typeof event?.type !== 'string' || typeof event.id !== 'string') return undefined
    return { type: event.type, id: event.id, version: Number(event.version ?? 0) }
  } catch {
    return undefined
  }
}
