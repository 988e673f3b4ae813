import { Ledger, type Books, type WriteBooks } from './ledger.js'
import { Refused } from './refused.js'
import type { Idempotency } from './rows.js'
import { time } from './world.js'

const KEPT_MS = 24 * 60 * 60_000

/** One call that says a key: whatever it does under that key is done once, however often it is asked for. */
export class Once {
  private readonly ids: string[]
  private drawn = 0
  private written = 0

  constructor(
    /** SHA-256 of who, which route, and their key. */
    readonly id: string,
    /** SHA-256 of what is asked. */
    readonly digest: string,
    /** What an earlier call with the key has left. */
    private readonly before: Idempotency | undefined,
  ) {
    if (before && before.digest !== digest)
      throw new Refused(
        'key-reused',
        'This Idempotency-Key was used for another request. Whatever you ask for anew takes a new key.',
      )
    this.ids = [...(before?.ids ?? [])]
  }

  /** An id: on the way that an earlier call has gone already, the one that it made there. */
  newId(make: () => string): string {
    const at = this.drawn++
    return (this.ids[at] ??= make())
  }

  /**
   * Does the work and remembers it, in one transaction. What an earlier call did is not done again: what it returned is
   * returned. So a call that died between its transaction and its answer is gone through again, and does nothing twice.
   */
  async write<T>(books: WriteBooks, now: Date, work: (books: WriteBooks) => Promise<T>): Promise<T> {
    const at = this.written++
    const [free, row] = await Promise.all([books.tryKey(`once ${this.id}`), books.idempotency.get(this.id)])
    const done = row && row.results.length > at
    // Somebody else is at it, or was while this call was on its way here: then their ids are not ours.
    if (!free || (done && !this.before))
      throw new Refused(
        'in-progress',
        'A call with this Idempotency-Key is on its way. Send it again in a moment for its answer.',
      )
    if (done) return row.results[at]?.value as T
    const value = await work(books)
    const results = [...(row?.results ?? []), value === undefined ? {} : { value }]
    if (row) await books.idempotency.change(this.id, { results, ids: this.ids })
    else
      await books.idempotency.add({
        ...{ id: this.id, digest: this.digest, results, ids: this.ids },
        ...{ at: time(now), expires_at: time(new Date(now.getTime() + KEPT_MS)) },
        ...{ status: null, headers: null, answer: null },
      })
    return value
  }
}

/** A ledger for calls of which some say a key: `current` tells which, and is asked with every transaction. */
export class OnceLedger extends Ledger {
  constructor(
    private readonly ledger: Ledger,
    private readonly now: () => Date,
    private readonly current: () => Once | undefined,
  ) {
    super()
  }

  override write<T>(work: (books: WriteBooks) => Promise<T>): Promise<T> {
    const once = this.current()
    return this.ledger.write(once ? (books) => once.write(books, this.now(), work) : work)
  }

  override read<T>(work: (books: Books) => Promise<T>): Promise<T> {
    return this.ledger.read(work)
  }
}
