import { hex, same } from '../bytes.js'
import { MissingTile, rootAt } from '../bundle/part.js'
import type { Checkpoint } from '../checkpoint.js'
import { tilePath } from '../tile.js'
import { CompactRange } from '../tree.js'
import { Fault, NotMade, type Check, type Subject, type Watch } from './check.js'

/** The entries, hashed again, lead to the signed root; where not all of them are here, the tiles that lead on from them do. */
export const root: Check = {
  name: 'root',
  says: 'the entries lead to the root hash that was signed',
  async start({ checkpoint, manifest, read }) {
    if (!checkpoint) return new NotMade('the checkpoint cannot be read')
    if (manifest.completeness !== 'FULL') return fromTiles(checkpoint, read)
    const range = new CompactRange()
    return {
      see(batch) {
        for (const { nodes } of batch) range.follow(nodes!)
      },
      end() {
        if (same(range.root(), checkpoint.root)) return hex(checkpoint.root)
        throw new Fault('root', `the entries lead to ${hex(range.root())}; signed was ${hex(checkpoint.root)}`)
      },
    }
  },
}

async function fromTiles({ root, size }: Checkpoint, read: Subject['read']): Promise<Watch | NotMade> {
  let found
  try {
    found = await rootAt(size, size, (tile) => read(tilePath(tile)))
  } catch (error) {
    if (error instanceof MissingTile) return new NotMade(error.message)
    throw error
  }
  if (!same(found, root)) throw new Fault('root', `the tiles lead to ${hex(found)}; signed was ${hex(root)}`)
  return { end: () => hex(root) }
}
