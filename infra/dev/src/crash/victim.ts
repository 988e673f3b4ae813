import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { signal, until } from '../processes.js'
import { ended, launch, type Program } from '../service.js'

/** Before it is started again: about what a supervisor needs to notice. */
const NOTICED_MS = 150
const STARTS_MS = 60_000

/** One program of ours, started again whenever it ends, as the launcher would, but without ever losing patience. */
export class Victim {
  /** How it ended without having been killed by us. */
  readonly ends: string[] = []
  /** How many of these were before it was ready: it could not start, because something that it needs was away. */
  falseStarts = 0
  readonly #spec: Omit<Program, 'ready'>
  readonly #logs: string
  readonly #hear: (message: unknown) => void
  readonly #killed = new WeakSet<ChildProcess>()
  #child: ChildProcess | undefined
  #isReady = false
  #stopping = false
  #kept: Promise<void> | undefined

  constructor(spec: Omit<Program, 'ready'>, logs: string, hear: (message: unknown) => void = () => undefined) {
    this.#spec = spec
    this.#logs = logs
    this.#hear = hear
  }

  get name(): string {
    return this.#spec.name
  }

  /** Of the process that runs now. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Resolves when it is ready for the first time. Rejects when it ends before that. */
  async start(): Promise<void> {
    this.#kept = this.#keep()
    await until(() => this.#isReady || this.ends.length > 0, STARTS_MS)
    if (!this.#isReady)
      throw new Error(`${this.name} does not start (${this.ends.join(', ')}):\n${this.log().slice(-2_000)}`)
  }

  /** Waits until the process that runs now, or the one that follows it, is ready. */
  async ready(): Promise<boolean> {
    return until(() => this.#isReady, STARTS_MS)
  }

  kill(): void {
    const child = this.#child
    if (!child) return
    this.#killed.add(child)
    this.#isReady = false
    child.kill('SIGKILL')
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Ends it in good order and waits for that. */
  async stop(): Promise<void> {
    this.#stopping = true
    const child = this.#child
    if (child?.pid !== undefined) {
      this.#killed.add(child)
      signal(child.pid, 'SIGCONT')
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await this.#kept
      clearTimeout(late)
    }
    await this.#kept
  }

  log(): string {
    return readFileSync(join(this.#logs, `${this.name}.log`), 'utf8')
  }

  async #keep(): Promise<void> {
    while (!this.#stopping) {
      const { child } = launch(this.#spec, this.#logs)
      this.#child = child
      child.on('message', (message) => {
        if ((message as { ready?: unknown } | null)?.ready === true) this.#isReady = true
        else this.#hear(message)
      })
      const how = await ended(child)
      this.#child = undefined
      if (!this.#killed.has(child)) {
        this.ends.push(how)
        if (!this.#isReady) this.falseStarts++
      }
      this.#isReady = false
      if (!this.#stopping) await sleep(NOTICED_MS)
    }
  }
}
