import { Fault, NotMade, type Check } from './check.js'
import { instant, SKEW } from './quorum.js'

/**
 * No entry claims a time after the witnesses first saw it, and none that came after the auditor's own checkpoint claims
 * to be older than that: a clock that was turned is found by clocks that are not the log's.
 */
export const time: Check = {
  name: 'time',
  says: 'the times of the entries fit the clocks of the witnesses',
  start({ checkpoint, cosigned, history, stored: kept }) {
    if (!checkpoint) return new NotMade('the checkpoint cannot be read')
    // What a log that was lost knew at a size is nothing that its successor knew there.
    const stored = kept?.checkpoint.origin === checkpoint.origin ? kept : undefined
    const seen = latest(cosigned)
    if (seen === -Infinity) return new NotMade('there is no cosignature by whose clock to hold them')
    const bounds = history
      .map((older) => ({ size: older.checkpoint.size, seen: latest(older.cosigned) }))
      .filter(({ seen }) => seen !== -Infinity)
      .concat({ size: Infinity, seen })
      .map(({ seen, size }) => ({ size, seen, latestHonest: instant(seen + SKEW) }))
    let bound = bounds.shift()!
    const known = latest(() => stored?.cosigned ?? new Map())
    const earliestHonest = known === -Infinity ? '' : instant(Math.max(0, known - SKEW))
    const from = stored?.checkpoint.size ?? 0
    return {
      see(batch) {
        for (const { entry, index } of batch) {
          if (!entry) continue
          while (bounds[0] && index >= bound.size) bound = bounds.shift()!
          if (entry.ts > bound.latestHonest) {
            throw new Fault(
              'time',
              `entry ${index} says ${entry.ts}, and was cosigned at ${instant(bound.seen)} already`,
              index,
            )
          }
          if (index >= from && entry.ts < earliestHonest) {
            throw new Fault(
              'time',
              `entry ${index} says ${entry.ts}, and was not there yet at ${instant(known)}`,
              index,
            )
          }
        }
      },
      end: () => `cosigned at ${instant(seen)}`,
    }
  },
}

/** In seconds; -Infinity without one, and where one is wrong, of which the check `quorum` tells. */
function latest(cosigned: () => ReadonlyMap<string, number>): number {
  try {
    return Math.max(-Infinity, ...cosigned().values())
  } catch (error) {
    if (error instanceof Fault) return -Infinity
    throw error
  }
}
