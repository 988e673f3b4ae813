import { same } from '../bytes.js'
import { tilePath } from '../tile.js'
import { Fault, NotMade, type Check } from './check.js'

/** The bytes of each entry hash to the leaf that the tree's lowest tiles keep of it: this finds out which entry was changed. */
export const leaf: Check = {
  name: 'leaf',
  says: 'each entry hashes to its leaf in the tree',
  start({ checkpoint, read }) {
    if (!checkpoint) return new NotMade('the checkpoint cannot be read')
    const { size } = checkpoint
    let tile: Uint8Array | undefined
    return {
      async see(batch) {
        for (const { index, leaf } of batch) {
          if (index >= size) return
          if (index % 256 === 0) {
            tile = await read(tilePath({ level: 0, index: index / 256, width: Math.min(256, size - index) }))
          }
          if (!tile) throw new Fault('leaf', `the tile with the leaf of entry ${index} is missing`, index)
          const at = (index % 256) * 32
          if (!same(tile.subarray(at, at + 32), leaf)) {
            throw new Fault('leaf', `entry ${index} is not the one that was put into the tree there`, index)
          }
        }
      },
    }
  },
}
