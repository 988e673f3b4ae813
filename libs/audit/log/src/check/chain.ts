import { chainOf, knownAfter } from '../chain.js'
import type { EntryBody } from '../entry.js'
import { counted, Fault, NotMade, type Check } from './check.js'

/**
 * Each target is found as the entry before it left it. Where it was not (somebody else changed it, or it changed by
 * itself), the log has to say so: an effect that is told by nobody, an entry that was left out of two streams at once,
 * and a `before` that was made up are what this finds.
 */
export const chain: Check = {
  name: 'chain',
  says: 'each target was found as it had been left, or the log says that it was not',
  start({ manifest }) {
    if (manifest.completeness !== 'FULL') return new NotMade('the entries about a target stand in many streams')
    const known = new Map<string, Known>()
    let moved = 0
    return {
      see(batch) {
        for (const { entry, index } of batch) {
          const about = entry && chainIn(entry)
          if (about === undefined) continue
          hold(entry!, index, known.get(about))
          const state = knownAfter(statesOf(entry!), known.get(about)?.digest)
          if (state === undefined) known.delete(about)
          else if (entry!.before || entry!.after) known.set(about, { digest: state, index })
          if (entry!.type === 'target.moved') moved++
        }
      },
      end: () => `${counted(known.size, 'target')}; ${counted(moved, 'time')} one had changed in between`,
    }
  },
}

interface Known {
  digest: string
  /** Of the entry that tells it. */
  index: number
}

/** Which chain an entry belongs to; undefined for one that says nothing of a target's state. */
function chainIn({ detail, target }: EntryBody): string | undefined {
  const verb = (detail as { verb?: string } | undefined)?.verb
  return verb === undefined || target === undefined ? undefined : chainOf(verb, target)
}

const statesOf = ({ after, before, type }: EntryBody) => ({ type, before: before?.digest, after: after?.digest })

function hold({ before, target, type }: EntryBody, index: number, known: Known | undefined): void {
  const fault = (sentence: string) => new Fault('chain', `entry ${index} (${type}) ${sentence}`, index)
  if (type === 'target.moved' && (!known || !before))
    throw fault(`says how ${target} had been left, and no entry before it left it so`)
  if (before && known && before.digest !== known.digest)
    throw fault(
      `found ${target} otherwise than entry ${known.index} had left it, and no entry says that it was changed in between`,
    )
}
