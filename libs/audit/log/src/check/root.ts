import { hex, same } from '../bytes.js'
import { CompactRange } from '../tree.js'
import { Fault, NotMade, type Check } from './check.js'

/** The entries, hashed again, lead to the signed root. */
export const root: Check = {
  name: 'root',
  says: 'the entries lead to the root hash that was signed',
  start({ checkpoint }) {
    if (!checkpoint) return new NotMade('the checkpoint cannot be read')
    const range = new CompactRange()
    return {
      see(batch) {
        for (const { leaf } of batch) range.append(leaf)
      },
      end() {
        if (same(range.root(), checkpoint.root)) return hex(checkpoint.root)
        throw new Fault('root', `the entries lead to ${hex(range.root())}; signed was ${hex(checkpoint.root)}`)
      },
    }
  },
}
