import { cosignedAt } from '../cosignature.js'
import { NoteError, type Note } from '../note.js'
import { quorumMet, type Policy } from '../policy.js'
import { Fault, NotMade, type Check } from './check.js'

/** How far two honest clocks may be apart, and how long an entry may wait for its commit: five minutes, in seconds. */
export const SKEW = 300

/** Enough of the policy's witnesses cosigned, and none of them before it cosigned the smaller tree that the auditor keeps. */
export const quorum: Check = {
  name: 'quorum',
  says: 'enough witnesses of the policy cosigned the checkpoint, in the order in which it grew',
  start({ checkpoint, cosigned: cosignedBy, history, options, policy, stored }) {
    if (!checkpoint) return new NotMade('the checkpoint cannot be read')
    const cosigned = cosignedBy()
    if (!quorumMet(policy, new Set(cosigned.keys()))) {
      const who = [...cosigned.keys()].join(', ') || 'nobody'
      throw new Fault('quorum', `the policy asks for ${policy.quorum}; of its witnesses ${who} cosigned`)
    }
    const earlier = stored && stored.checkpoint.size <= checkpoint.size ? stored.cosigned : undefined
    for (const [name, time] of cosigned) {
      if (time < (earlier?.get(name) ?? 0)) {
        throw new Fault('cosignature-order', `${name} cosigned this checkpoint before the smaller one that you keep`)
      }
      if (options.now !== undefined && time > options.now / 1000 + SKEW) {
        throw new Fault('cosignature-order', `${name} cosigned at ${instant(time)}, which is still to come`)
      }
    }
    inOrder([...history.map((older) => older.cosigned()), cosigned])
    const said = [...cosigned].map(([name, time]) => `${name} at ${instant(time)}`)
    return { end: () => said.join(', ') || 'the policy asks for none' }
  },
}

/** A witness signs the smaller tree first. Older checkpoints need no quorum of today: witnesses come and go. */
function inOrder(history: readonly ReadonlyMap<string, number>[]): void {
  const last = new Map<string, number>()
  for (const cosigned of history) {
    for (const [name, time] of cosigned) {
      if (time + SKEW < (last.get(name) ?? 0)) {
        throw new Fault('cosignature-order', `${name} cosigned a checkpoint before a smaller one`)
      }
      last.set(name, Math.max(time, last.get(name) ?? 0))
    }
  }
}

/** When each witness of the policy cosigned the note, in seconds; those that did not are absent. Throws a Fault where one is wrong. */
export function cosignatures(note: Note, policy: Policy): Map<string, number> {
  const times = new Map<string, number>()
  for (const [name, key] of policy.witnesses) {
    try {
      const time = cosignedAt(note, key)
      if (time !== undefined) times.set(name, time)
    } catch (error) {
      if (error instanceof NoteError) throw new Fault('cosignature', error.message)
      throw error
    }
  }
  return times
}

/** Seconds since 1970 as RFC 3339; a number that no calendar has stays a number. */
export const instant = (seconds: number): string =>
  seconds <= 8.64e12 ? new Date(seconds * 1000).toISOString() : `second ${seconds}`
