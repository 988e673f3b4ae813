import { same } from '../bytes.js'
import { tileOf, tilePath } from '../tile.js'
import { Fault, NotMade, type Check } from './check.js'

/** The bytes of each entry hash to the leaf that the tree's lowest tiles keep of it: this finds out which entry was changed. */
export const leaf: Check = {
  name: 'leaf',
  says: 'each entry hashes to its leaf in the tree',
  start({ checkpoint, read }) {
    if (!checkpoint) return new NotMade('the checkpoint cannot be read')
    const { size } = checkpoint
    let held: { index: number; hashes: Uint8Array | undefined } | undefined
    return {
      async see(batch) {
        for (const { index, leaf } of batch) {
          if (index >= size) return
          const { index: tile, offset } = tileOf(0, index)
          if (held?.index !== tile) {
            const width = Math.min(256, size - tile * 256)
            held = { index: tile, hashes: await read(tilePath({ level: 0, index: tile, width })) }
          }
          if (!held.hashes) throw new Fault('leaf', `the tile with the leaf of entry ${index} is missing`, index)
          if (!same(held.hashes.subarray(offset * 32, offset * 32 + 32), leaf)) {
            throw new Fault('leaf', `entry ${index} is not the one that was put into the tree there`, index)
          }
        }
      },
    }
  },
}
