import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { commandOf, isAlive, signal } from '../processes.js'
import type { TemporaryPostgres } from '../postgres.js'
import type { Dice } from './dice.js'

/** Postgres as a victim: all of its processes, which are children of the one that we started. */
export class Cluster {
  #turn: Promise<void> = Promise.resolve()

  constructor(readonly postgres: TemporaryPostgres) {}

  /** Ends the postmaster the hard way; its sessions notice and end. Comes back on the same files and port. */
  async killAndStart(): Promise<void> {
    const turn = this.#turn.then(async () => {
      this.postgres.kill('SIGKILL')
      await this.#again()
    })
    this.#turn = turn.catch(() => undefined)
    await turn
  }

  /** Ends one session's process; Postgres takes its memory for damaged, ends all the others and recovers by itself. */
  killSession(dice: Dice): void {
    const sessions = this.#processes().filter((pid) => /^postgres: fb_/.test(commandOf(pid)))
    if (sessions.length > 0) signal(dice.pick(sessions), 'SIGKILL')
  }

  async freeze(ms: number): Promise<void> {
    // The parent first, so that no new one is started while the others are stopped.
    const pids = [this.postgres.pid, ...this.#processes()]
    for (const pid of pids) signal(pid, 'SIGSTOP')
    await sleep(ms)
    for (const pid of pids.toReversed()) signal(pid, 'SIGCONT')
  }

  async #again(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.postgres.startAgain()
        return
      } catch (error) {
        if (attempt === 5) throw error
        await sleep(300)
      }
    }
  }

  #processes(): number[] {
    const { pid } = this.postgres
    try {
      return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number).filter(isAlive)
    } catch {
      return []
    }
  }
}
