import { FILE } from '../bundle/manifest.js'
import { counted, Fault, type Check } from './check.js'

/** No entry id comes twice: an entry that was copied to another place is found, even by a log that signed it there. */
export const ids: Check = {
  name: 'entry-ids',
  says: 'no entry stands in the log twice',
  start({ files, manifest }) {
    // A number from nowhere must not fill the memory: no entry has less than a hundred bytes.
    const most = files.has(FILE.entries) ? Math.ceil(files.size(FILE.entries) / 100) : 0
    const seen = new IdTable(Math.min(manifest.entries, most))
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
 * and a million entries would fill the checker's memory. Sized for what is expected, since growing needs it twice.
 */
class IdTable {
  size = 0
  #slots: Uint32Array

  /** With room for so many before it has to grow. */
  constructor(expected: number) {
    this.#slots = new Uint32Array(5 * Math.max(1024, Math.ceil(expected * 1.3)))
  }

  /** The index that has the id already; otherwise takes it down. Indices beyond 2^32 − 2 are told modulo that. */
  add(id: string, index: number): number | undefined {
    const words = [
      id.slice(0, 8),
      id.slice(9, 13) + id.slice(14, 18),
      id.slice(19, 23) + id.slice(24, 28),
      id.slice(28),
    ]
    if ((this.size + 1) * 6 > this.#slots.length) this.#grow()
    return this.#put(
      words.map((word) => Number.parseInt(word, 16)),
      (index % 0xffff_fffe) + 1,
    )
  }

  #put(words: readonly number[], mark: number): number | undefined {
    const slots = this.#slots
    const capacity = slots.length / 5
    // The last two words of a UUIDv7 are random; whoever chooses them badly makes the check slow, not wrong.
    for (let slot = ((words[3]! ^ words[1]!) >>> 0) % capacity; ; slot = (slot + 1) % capacity) {
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
    this.#slots = new Uint32Array(5 * Math.ceil((old.length / 5) * 1.6))
    this.size = 0
    for (let at = 0; at < old.length; at += 5) {
      if (old[at] !== 0) this.#put([old[at + 1]!, old[at + 2]!, old[at + 3]!, old[at + 4]!], old[at]!)
    }
  }
}
