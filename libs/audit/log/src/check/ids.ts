import { counted, Fault, type Check } from './check.js'

/** No entry id comes twice: an entry that was copied to another place is found, even by a log that signed it there. */
export const ids: Check = {
  name: 'entry-ids',
  says: 'no entry stands in the log twice',
  start() {
    const seen = new IdTable()
    return {
      see(batch) {
        for (const { entry, index } of batch) {
          if (!entry) continue
          const earlier = seen.add(entry.entry_id, index)
          if (earlier !== undefined) {
            throw new Fault('entry-id', `entry ${index} has the id ${entry.entry_id}, as entry ${earlier} has`, index)
          }
        }
      },
      end: () => counted(seen.size, 'id'),
    }
  },
}

/**
 * Which index had which id. Open addressing over plain numbers: 20 bytes a slot, where a Set of strings takes over 100
 * and a million entries would fill the checker's memory.
 */
class IdTable {
  size = 0
  #slots = new Uint32Array(1024 * 5)

  /** The index that has the id already; otherwise takes it down. Indices beyond 2^32 − 2 are told modulo that. */
  add(id: string, index: number): number | undefined {
    const digits = id.replaceAll('-', '')
    const words = [0, 8, 16, 24].map((at) => Number.parseInt(digits.slice(at, at + 8), 16))
    if ((this.size + 1) * 10 > this.#slots.length) this.#grow()
    return this.#put(words, (index % 0xffff_fffe) + 1)
  }

  #put(words: readonly number[], mark: number): number | undefined {
    const slots = this.#slots
    const capacity = slots.length / 5
    // The last two words of a UUIDv7 are random; whoever chooses them badly makes the check slow, not wrong.
    for (let slot = (words[3]! ^ words[1]!) & (capacity - 1); ; slot = (slot + 1) & (capacity - 1)) {
      const at = slot * 5
      if (slots[at] === 0) {
        slots.set([mark, ...words], at)
        this.size++
        return undefined
      }
      if (words.every((word, i) => slots[at + 1 + i] === word)) return slots[at]! - 1
    }
  }

  #grow(): void {
    const old = this.#slots
    this.#slots = new Uint32Array(old.length * 2)
    this.size = 0
    for (let at = 0; at < old.length; at += 5) {
      if (old[at] !== 0) this.#put([old[at + 1]!, old[at + 2]!, old[at + 3]!, old[at + 4]!], old[at]!)
    }
  }
}
