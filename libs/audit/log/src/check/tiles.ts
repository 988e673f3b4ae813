import { same } from '../bytes.js'
import { tileOf, tilePath } from '../tile.js'
import { CompactRange } from '../tree.js'
import { Fault, NotMade, type Check } from './check.js'

/** Every hash in a tile above the lowest is the one that the entries lead to. */
export const tiles: Check = {
  name: 'tiles',
  says: 'each tile of the tree follows from the entries',
  start({ checkpoint, read }) {
    if (!checkpoint) return new NotMade('the checkpoint cannot be read')
    const { size } = checkpoint
    const range = new CompactRange()
    const current = new Map<number, { index: number; hashes: Uint8Array | undefined }>()
    const hashAt = async (level: number, index: number) => {
      const at = tileOf(level, index)
      let tile = current.get(level)
      if (tile?.index !== at.index) {
        const width = Math.min(256, Math.floor(size / 256 ** level) - at.index * 256)
        tile = { index: at.index, hashes: await read(tilePath({ level, index: at.index, width })) }
        current.set(level, tile)
      }
      return tile.hashes?.subarray(at.offset * 32, at.offset * 32 + 32)
    }
    return {
      async see(batch) {
        const made: { level: number; index: number; hash: Uint8Array; entry: number }[] = []
        for (const { index: entry, leaf } of batch) {
          if (entry >= size) break
          range.append(leaf, (level, index, hash) => {
            if (level > 0 && level % 8 === 0) made.push({ level: level / 8, index, hash, entry })
          })
        }
        for (const { entry, hash, index, level } of made) {
          const found = await hashAt(level, index)
          if (!found || !same(found, hash)) {
            // Without an index: which of them it is, the check `leaf` knows better.
            const first = entry + 1 - 256 ** level
            throw new Fault(
              'tile',
              `hash ${index} of tile level ${level} does not follow from entries ${first} to ${entry}`,
            )
          }
        }
      },
    }
  },
}
