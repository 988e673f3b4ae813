import type { EntryBody } from '../entry.js'
import { counted, Fault, NotMade, type Check, type Seen, type Subject, type Watch } from './check.js'

/**
 * Each stream counts 0, 1, 2, … without a gap or a repetition. The order of the log does not matter: transactions that
 * commit side by side may land either way round.
 *
 * How long a stream was when an export of it began, the log says in that export's `export.running`. Where every entry is
 * here, each such word is held against what stands before it; where only whole streams are, they are held against it.
 */
export const streams: Check = {
  name: 'streams',
  says: 'no stream lacks an entry',
  start(subject) {
    switch (subject.manifest.completeness) {
      case 'FULL':
        return everyStream()
      case 'STREAM':
        return claimedStreams(subject)
      case 'SELECTED':
        return new NotMade('entries were selected: of what is not here, nothing is said', true)
    }
  },
}

function everyStream(): Watch {
  const numbers = new Numbers()
  return {
    see(batch) {
      for (const seen of batch) {
        if (seen.entry) holdClaims(seen.entry, seen.index, numbers)
        numbers.see(seen)
      }
    },
    end: () => {
      numbers.end()
      return counted(numbers.streams, 'stream')
    },
  }
}

function holdClaims(entry: EntryBody, index: number, numbers: Numbers): void {
  if (entry.type !== 'export.running') return
  for (const { count, stream } of entry.detail?.streams ?? []) {
    const had = numbers.count(stream)
    if (had === count) continue
    throw new Fault('stream-claim', `entry ${index} says that ${stream} had ${count} entries, and it had ${had}`, index)
  }
}

function claimedStreams({ manifest }: Subject): Watch {
  const due = new Map(manifest.streams.map(({ count, stream }) => [stream, count]))
  const numbers = new Numbers()
  return {
    see(batch) {
      for (const seen of batch) if (seen.entry && due.has(seen.entry.stream)) numbers.see(seen)
    },
    end() {
      numbers.end()
      for (const [stream, count] of due) {
        const has = numbers.count(stream)
        if (has === count) continue
        throw new Fault('stream-gap', `${stream} has ${has} entries here; the log counted ${count}`)
      }
      return `${counted(due.size, 'stream')}, to the end that the log counted`
    },
  }
}

class Numbers {
  readonly #next = new Map<string, number>()
  /** Numbers that came before their predecessors, with their indices. */
  readonly #early = new Map<string, Map<number, number>>()

  get streams(): number {
    return this.#next.size
  }

  /** How many entries of the stream have come by. */
  count(stream: string): number {
    return (this.#next.get(stream) ?? 0) + (this.#early.get(stream)?.size ?? 0)
  }

  see({ entry, index }: Seen): void {
    if (!entry) return
    const { stream, stream_seq: seq } = entry
    const due = this.#next.get(stream) ?? 0
    const waiting = this.#early.get(stream)
    if (seq < due || waiting?.has(seq)) {
      throw new Fault('stream-gap', `entry ${index} is number ${seq} of ${stream}, which was there already`, index)
    }
    if (seq > due) {
      if (waiting) waiting.set(seq, index)
      else this.#early.set(stream, new Map([[seq, index]]))
      return
    }
    let reached = due + 1
    while (waiting?.delete(reached)) reached++
    this.#next.set(stream, reached)
    if (waiting?.size === 0) this.#early.delete(stream)
  }

  end(): void {
    const gaps = [...this.#early].map(([stream, waiting]) => ({ stream, index: Math.min(...waiting.values()) }))
    const [first] = gaps.sort((a, b) => a.index - b.index)
    if (!first) return
    const { index, stream } = first
    const lacks = `${stream} lacks its number ${this.#next.get(stream) ?? 0}`
    throw new Fault('stream-gap', `${lacks}; entry ${index} is a later one`, index)
  }
}
