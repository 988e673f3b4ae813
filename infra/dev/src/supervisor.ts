import { setTimeout as wait } from 'node:timers/promises'
import type { Running, Service } from './service.js'

export interface SupervisorOptions {
  /** One line on the terminal for what a person should know. */
  say: (line: string) => void
  /** Told after each start and end, with all that run now. */
  changed?: (running: { name: string; pid: number }[]) => void
  /** Whether somebody wants this one to stay away: what ended is not started again for as long as that is so. */
  held?: (name: string) => boolean
  /** Milliseconds before the first new start of a service that ended; doubles up to 32 times that. */
  backoff?: number
}

/** Who lives this long has recovered. */
const STEADY_MS = 30_000

interface Kept {
  service: Service
  running: Running | undefined
  /** Settles when whatever is being done about this service now is done. */
  turn: Promise<void>
  /** Ends in a row, each soon after a start. */
  failures: number
}

/** Keeps services running: what ends is started again, and stop ends all, the latest first, and leaves no process. */
export class Supervisor {
  readonly #kept: Kept[] = []
  readonly #options: SupervisorOptions
  readonly #stopping = new AbortController()

  constructor(options: SupervisorOptions) {
    this.#options = options
  }

  get running(): { name: string; pid: number }[] {
    return this.#kept.flatMap(({ service, running }) => (running ? [{ name: service.name, pid: running.pid }] : []))
  }

  /** Starts `service` and resolves when it is ready. A service that does not even start once rejects and is not kept. */
  async start(service: Service): Promise<void> {
    if (this.#stopping.signal.aborted) throw new Error('stopping')
    const kept: Kept = { service, running: undefined, turn: Promise.resolve(), failures: 0 }
    this.#kept.push(kept)
    const started = this.#launch(kept)
    kept.turn = started.catch(() => {})
    await started
  }

  /** Ends all in the reverse order of their starts. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    for (const kept of this.#kept.toReversed()) {
      await kept.turn
      await kept.running?.stop()
      kept.running = undefined
      this.#tell()
    }
  }

  /** Ends all at once. Nothing is lost by it: the next start recovers. */
  kill(): void {
    this.#stopping.abort()
    for (const { running } of this.#kept) running?.kill()
  }

  async #launch(kept: Kept): Promise<void> {
    const running = await kept.service.start(this.#stopping.signal)
    const since = performance.now()
    kept.running = running
    this.#tell()
    void running.gone.then((how) => {
      if (this.#stopping.signal.aborted) return
      kept.running = undefined
      if (performance.now() - since > STEADY_MS) kept.failures = 0
      this.#tell()
      kept.turn = this.#again(kept, how)
    })
  }

  async #again(kept: Kept, how: string): Promise<void> {
    const { say, held = () => false, backoff = 250 } = this.#options
    const { name } = kept.service
    if (held(name)) {
      say(`${name} ended (${how}), and is held back`)
      while (held(name) && !this.#stopping.signal.aborted) await pause(backoff, this.#stopping.signal)
    } else say(`${name} ended (${how}); starting it again`)
    while (!this.#stopping.signal.aborted) {
      await pause(backoff * 2 ** Math.min(kept.failures++, 5), this.#stopping.signal)
      if (this.#stopping.signal.aborted) return
      try {
        return await this.#launch(kept)
      } catch (error) {
        if (!this.#stopping.signal.aborted) say((error as Error).message)
      }
    }
  }

  #tell(): void {
    this.#options.changed?.(this.running)
  }
}

/** Is over at once when it is aborted; what it listened with goes with it, for one that is held back pauses for hours. */
const pause = (ms: number, signal: AbortSignal): Promise<void> => wait(ms, undefined, { signal }).catch(() => {})
