import { Fault, NotMade, type Check } from './check.js'
import { cosignatures, instant, SKEW } from './quorum.js'

/**
 * No entry claims a time after the witnesses saw it, and none that came after the auditor's own checkpoint claims to be
 * older than that: a clock that was turned is found by clocks that are not the log's.
 */
export const time: Check = {
  name: 'time',
  says: 'the times of the entries fit the clocks of the witnesses',
  start({ checkpoint, note, policy, stored }) {
    if (!note || !checkpoint) return new NotMade('the checkpoint cannot be read')
    const seen = Math.max(-Infinity, ...cosignatures(note, policy).values())
    if (seen === -Infinity)
      return new NotMade('no witness of the policy cosigned, so that there is no clock to hold them against')
    const latest = instant(seen + SKEW)
    const known = stored ? Math.max(-Infinity, ...cosignatures(stored.note, policy).values()) : -Infinity
    const earliest = known === -Infinity ? '' : instant(Math.max(0, known - SKEW))
    const from = stored?.checkpoint.size ?? 0
    return {
      see(batch) {
        for (const { entry, index } of batch) {
          if (!entry) continue
          if (entry.ts > latest) {
            throw new Fault(
              'time',
              `entry ${index} says ${entry.ts}, and was cosigned at ${instant(seen)} already`,
              index,
            )
          }
          if (index >= from && entry.ts < earliest) {
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
