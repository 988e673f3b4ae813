import { same } from '../bytes.js'
import { CompactRange } from '../tree.js'
import { counted, Fault, NotMade, type Check } from './check.js'

/** The log still begins with all that it held when the auditor last looked, and has not become shorter. */
export const consistency: Check = {
  name: 'consistency',
  says: 'the log only grew since the checkpoint that you keep',
  start({ checkpoint, stored }) {
    if (!stored) return new NotMade('no earlier checkpoint was given (--checkpoint)')
    if (!checkpoint) return new NotMade('the checkpoint cannot be read')
    const known = stored.checkpoint
    if (known.origin !== checkpoint.origin) {
      throw new Fault('not-consistent', `you keep a checkpoint of ${known.origin}; this one is of ${checkpoint.origin}`)
    }
    if (checkpoint.size < known.size) {
      throw new Fault(
        'rolled-back',
        `the log has ${checkpoint.size} entries; you have seen ${known.size}`,
        checkpoint.size,
      )
    }
    const range = new CompactRange()
    return {
      see(batch) {
        for (const { leaf } of batch) if (range.size < known.size) range.append(leaf)
      },
      end() {
        if (same(range.root(), known.root))
          return `the first ${counted(known.size, 'entry is', 'entries are')} those that you knew`
        throw new Fault('not-consistent', `the first ${known.size} entries are not those that you have seen`)
      },
    }
  },
}
