import type { Books } from './ledger.js'
import type { Tenure } from './rows.js'
import type { Timers } from './timers.js'
import { time, type World } from './world.js'

/** Somebody else carries the thing out now; whoever sees this stops at once, and touches nothing more. */
export class TenureLost extends Error {
  constructor(readonly thing: string) {
    super(`the tenure of ${thing} is somebody else's now`)
    this.name = 'TenureLost'
  }
}

/** How long a tenure lasts unless it is renewed. A worker that is silent this long has lost its runs. */
export interface TenureSettings {
  seconds: number
}

/** The right of one worker to carry out one run, or to return one loan, for a while. */
export class Tenures {
  constructor(
    private readonly world: World,
    private readonly holder: string,
    private readonly settings: TenureSettings,
  ) {}

  /**
   * Takes the tenure of a thing whose stream is locked. Undefined when another worker holds it. The fence rises with
   * every taking, also by the same worker: what an earlier self still has in flight is void.
   */
  async take(books: Books, thing: string): Promise<number | undefined> {
    const now = this.world.now()
    const held = await books.tenures.get(thing)
    if (held && held.holder !== '' && new Date(held.until) > now) return undefined
    const next: Tenure = { id: thing, holder: this.holder, fence: (held?.fence ?? 0) + 1, until: this.until(now) }
    if (held) await books.tenures.change(thing, { holder: next.holder, fence: next.fence, until: next.until })
    else await books.tenures.add(next)
    return next.fence
  }

  /** Takes the tenure of a thing that this transaction makes: nobody can have it. Answers the first fence. */
  async begin(books: Books, thing: string): Promise<number> {
    await books.tenures.add({ id: thing, holder: this.holder, fence: 1, until: this.until(this.world.now()) })
    return 1
  }

  /** Throws unless the fence is still ours. Called in every transaction, and before every outside effect. */
  async hold(books: Books, thing: string, fence: number): Promise<void> {
    if ((await books.tenures.get(thing))?.fence !== fence) throw new TenureLost(thing)
  }

  /** Keeps a tenure alive while `work` goes on. Giving it back is part of the transaction that ends the work. */
  async during<T>(thing: string, fence: number, every: Timers['every'], work: () => Promise<T>): Promise<T> {
    const stop = every((this.settings.seconds * 1000) / 3, () => this.renew(thing, fence))
    try {
      return await work()
    } finally {
      stop()
    }
  }

  private async renew(thing: string, fence: number): Promise<void> {
    await this.world.ledger.write(async (books) => {
      await books.lock({ key: [`tenure:${thing}`] })
      await this.hold(books, thing, fence)
      await books.tenures.change(thing, { until: this.until(this.world.now()) })
    })
  }

  /** Gives a tenure back, so that the next worker need not wait for it to run out. */
  async release(books: Books, thing: string, fence: number): Promise<void> {
    if ((await books.tenures.get(thing))?.fence === fence) await this.letGo(books, thing)
  }

  /** The same where this transaction took it, or asked with `hold` behind the lock of the thing's stream. */
  async letGo(books: Books, thing: string): Promise<void> {
    await books.tenures.change(thing, { holder: '' })
  }

  private until(now: Date): string {
    return time(new Date(now.getTime() + this.settings.seconds * 1000))
  }
}
