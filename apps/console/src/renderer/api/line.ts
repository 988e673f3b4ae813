/*
 * One line to the server for the whole browser. Every tab would hold a connection of its own, and a browser has six for
 * a host: with seven tabs open nothing would load. So the tab that holds a lock has the line and says on a channel what
 * it hears; when it goes, the next one takes over.
 */

/** What a stream of events is to who listens: an EventSource, or something that speaks as one. */
export type Line = EventTarget & Pick<EventSource, 'readyState' | 'close'>

/** What of the browser it stands on. A page on plain HTTP has no locks, and each of its tabs a line of its own. */
export interface Browser {
  open(url: string): Line
  locks: Pick<LockManager, 'request'>
  channel(name: string): Pick<BroadcastChannel, 'postMessage' | 'addEventListener' | 'close'>
}

const SIGNS = ['open', 'hello', 'hb', 'resync', 'message'] as const
/** Milliseconds without a word after which the tab that has the line is taken to be gone, and its lock is taken. */
export const GIVEN_UP = 45_000

interface Word {
  sign: string
  data: string
}

export class SharedLine extends EventTarget implements Line {
  readyState = 0
  private source: Line | undefined
  private readonly ended = new AbortController()
  private readonly told: ReturnType<Browser['channel']>
  private patience: ReturnType<typeof setTimeout> | undefined
  private heardOthers = false

  constructor(
    private readonly url: string,
    private readonly browser: Browser,
  ) {
    super()
    this.told = browser.channel(`firebreak ${url}`)
    this.told.addEventListener('message', ({ data }: MessageEvent) => this.overheard(data))
    this.wait(false)
  }

  close(): void {
    this.readyState = 2
    clearTimeout(this.patience)
    this.ended.abort()
    this.source?.close()
    this.told.close()
  }

  /** Waits for the lock, or takes it from a tab that says nothing any more. */
  private wait(steal: boolean): void {
    this.beImpatient()
    this.browser.locks
      .request(`firebreak ${this.url}`, steal ? { steal } : { signal: this.ended.signal }, () => this.lead())
      .catch(() => {
        // The lock was taken from us, or we ended. Whoever took it has the line now.
        this.source?.close()
        this.source = undefined
        if (!this.ended.signal.aborted) this.wait(false)
      })
  }

  /** Has the line, until this tab ends: the lock is held as long as this promise is open. */
  private lead(): Promise<void> {
    if (this.ended.signal.aborted || this.source !== undefined) return Promise.resolve()
    clearTimeout(this.patience)
    const source = this.browser.open(this.url)
    this.source = source
    for (const sign of SIGNS)
      source.addEventListener(sign, (event) => this.heard({ sign, data: String((event as MessageEvent).data ?? '') }))
    source.addEventListener('error', () => {
      // An answer that was a "no" ends it for every tab; else the browser itself tries again, and each tab hears of it.
      this.heard({ sign: source.readyState === 2 ? 'error' : 'lost', data: '' })
    })
    // Between two tabs something may have been missed.
    if (this.heardOthers) this.say({ sign: 'resync', data: '{}' })
    return new Promise((done) => this.ended.signal.addEventListener('abort', () => done()))
  }

  private heard(word: Word): void {
    this.told.postMessage(word)
    this.say(word)
  }

  private overheard(data: unknown): void {
    const { sign, data: what } = (data ?? {}) as Partial<Word>
    if (this.source !== undefined || typeof sign !== 'string' || typeof what !== 'string') return
    this.heardOthers = true
    this.beImpatient()
    this.say({ sign, data: what })
  }

  private say({ sign, data }: Word): void {
    if (this.ended.signal.aborted) return
    this.readyState = sign === 'error' ? 2 : sign === 'lost' ? 0 : 1
    // As an EventSource says it: what is lost is an error, after which it is connecting again.
    this.dispatchEvent(new MessageEvent(sign === 'lost' ? 'error' : sign, { data }))
  }

  private beImpatient(): void {
    clearTimeout(this.patience)
    this.patience = setTimeout(() => {
      if (this.source === undefined) this.wait(true)
    }, GIVEN_UP)
  }
}

/** The line of this tab: shared where the browser can, else its own. */
export function openLine(url: string): Line {
  const open = (at: string): Line => new EventSource(at)
  if (!('locks' in navigator) || typeof BroadcastChannel === 'undefined') return open(url)
  return new SharedLine(url, { open, locks: navigator.locks, channel: (name) => new BroadcastChannel(name) })
}
