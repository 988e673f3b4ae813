import { entry, processActor, time, type Actor, type World } from '@firebreak/flow'
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common'

const MINUTE_MS = 60_000
const LOOK_EVERY_MS = 10_000

/** Refusals of one kind, counted until their time is over. */
interface Tally {
  by: Actor | undefined
  code: string
  status: number
  method: string
  route: string
  count: number
  since: Date
  until: Date
}

/**
 * Refusals stand in the log, and do not fill it. Whoever is not signed in is counted a minute; somebody whom we know is
 * counted five, by route. Counted in memory: a process that is killed loses the counts of those minutes, one that stops
 * writes them down.
 */
export class Refusals implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly tallies = new Map<string, Tally>()
  private timer: NodeJS.Timeout | undefined
  private writing: Promise<void> = Promise.resolve()

  constructor(
    private readonly world: World,
    private readonly say: (line: string) => void,
  ) {}

  /** Takes a refusal down. Never throws, never waits. */
  note(by: Actor | undefined, refused: { code: string; status: number; method: string; route: string }): void {
    const key = by ? `${by.id} ${refused.method} ${refused.route}` : ''
    const known = this.tallies.get(key)
    if (known) return void known.count++
    const since = this.world.now()
    const until = new Date(since.getTime() + (by ? 5 : 1) * MINUTE_MS)
    this.tallies.set(key, { by, ...refused, count: 1, since, until })
  }

  /** Writes down what is over; `all` what is not, too. What cannot be written stays counted. */
  flush(all = false): Promise<void> {
    this.writing = this.writing.then(async () => {
      for (const [key, tally] of [...this.tallies]) {
        if (!all && tally.until > this.world.now()) continue
        // Off first: a refusal while this one is written begins a tally of its own.
        this.tallies.delete(key)
        try {
          await this.write(tally)
        } catch {
          const since = this.tallies.get(key)
          this.tallies.set(key, since ? { ...tally, count: tally.count + since.count } : tally)
        }
      }
    })
    return this.writing
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.flush(), LOOK_EVERY_MS)
    this.timer.unref()
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer)
    await this.flush(true)
    const lost = [...this.tallies.values()].reduce((sum, { count }) => sum + count, 0)
    if (lost > 0) this.say(`${lost} refusals could not be written down before the end`)
  }

  private write({ by, code, count, method, route, since, status }: Tally): Promise<void> {
    const stream = `access:${by?.id ?? 'nobody'}`
    return this.world.ledger.write(async (books) => {
      await books.lock({ stream: [stream] })
      // Of nobody it is one number: which doors they tried says more about us than about them.
      const where = by ? { method: method.toLowerCase(), route } : {}
      const detail = { code, status, count, since: time(since), until: time(this.world.now()), ...where }
      books.audit.append(
        entry(by ?? processActor('api'), stream, 'access.refused', stream, { outcome: 'refused', detail }),
      )
    })
  }
}
