import { Ledger, type Books, type WriteBooks } from '@firebreak/flow'

/**
 * A record in which everything is done and nothing is kept: each transaction goes as far as its commit and is rolled back
 * there. So a thousand questions can be asked of the same situation, and of each it is known whether it was done.
 */
export class NothingKept extends Ledger {
  /** How many transactions came to their end. */
  done = 0

  constructor(private readonly ledger: Ledger) {
    super()
  }

  override async write<T>(work: (books: WriteBooks) => Promise<T>): Promise<T> {
    let end: { result: T } | undefined
    try {
      await this.ledger.write(async (books) => {
        const result = await work(books)
        // Asked behind all that was written: what the database refused of it is told here.
        await books.people.get('nobody')
        end = { result }
        throw new RolledBack()
      })
    } catch (error) {
      if (!(error instanceof RolledBack)) throw error
    }
    this.done++
    return end!.result
  }

  override read<T>(work: (books: Books) => Promise<T>): Promise<T> {
    return this.ledger.read(work)
  }
}

class RolledBack extends Error {}
