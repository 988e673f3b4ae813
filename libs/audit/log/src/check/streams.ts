import { counted, Fault, type Check } from './check.js'

/**
 * Each stream counts 0, 1, 2, … without a gap or a repetition. The order of the log does not matter: transactions that
 * commit side by side may land either way round.
 */
export const streams: Check = {
  name: 'streams',
  says: 'no stream lacks an entry',
  start() {
    const next = new Map<string, number>()
    /** Numbers that came before their predecessors, with their indices. */
    const early = new Map<string, Map<number, number>>()
    return {
      see(batch) {
        for (const { entry, index } of batch) {
          if (!entry) continue
          const { stream, stream_seq: seq } = entry
          const due = next.get(stream) ?? 0
          const waiting = early.get(stream)
          if (seq < due || waiting?.has(seq)) {
            throw new Fault(
              'stream-gap',
              `entry ${index} is number ${seq} of ${stream}, which was there already`,
              index,
            )
          }
          if (seq > due) {
            if (waiting) waiting.set(seq, index)
            else early.set(stream, new Map([[seq, index]]))
            continue
          }
          let reached = due + 1
          while (waiting?.delete(reached)) reached++
          next.set(stream, reached)
          if (waiting?.size === 0) early.delete(stream)
        }
      },
      end() {
        const gaps = [...early].map(([stream, waiting]) => ({ stream, index: Math.min(...waiting.values()) }))
        const [first] = gaps.sort((a, b) => a.index - b.index)
        if (!first) return counted(next.size, 'stream')
        const { index, stream } = first
        throw new Fault(
          'stream-gap',
          `${stream} lacks its number ${next.get(stream) ?? 0}; entry ${index} is a later one`,
          index,
        )
      },
    }
  },
}
