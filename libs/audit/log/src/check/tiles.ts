import { same } from '../bytes.js'
import { looseTile, tilesTowards } from '../bundle/part.js'
import { tileOf, tilePath } from '../tile.js'
import { counted, Fault, NotMade, type Check, type Subject, type Watch } from './check.js'

/**
 * Every hash in a tile above the lowest is the one that the entries lead to; where not all entries are here, the one that
 * the tile below it leads to.
 */
export const tiles: Check = {
  name: 'tiles',
  says: 'each tile of the tree follows from the entries, or from the tiles below it',
  async start(subject) {
    const { checkpoint, manifest, read } = subject
    if (!checkpoint) return new NotMade('the checkpoint cannot be read')
    if (manifest.completeness !== 'FULL') return part(subject, checkpoint.size)
    const { size } = checkpoint
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
        for (const { index: entry, nodes } of batch) {
          if (entry >= size) break
          for (let level = 1; level * 8 < nodes!.length; level++) {
            await hold(entry, level, nodes![level * 8]!)
          }
        }
      },
    }

    async function hold(entry: number, level: number, hash: Uint8Array): Promise<void> {
      const index = Math.floor(entry / 256 ** level)
      const found = await hashAt(level, index)
      if (found && same(found, hash)) return
      // Without an index: which of them it is, the check `leaf` knows better.
      const [of, first] = [`hash ${index} of tile level ${level}`, entry + 1 - 256 ** level]
      throw new Fault('tile', `${of} does not follow from entries ${first} to ${entry}`)
    }
  },
}

async function part({ history, indices, read }: Subject, size: number): Promise<Watch | NotMade> {
  if (!indices) return new NotMade('where the entries stand in the log cannot be read')
  const sizes = history.map(({ checkpoint }) => checkpoint.size).filter((older) => older < size)
  const wanted = tilesTowards(size, indices, sizes)
  const loose = await looseTile(wanted, (tile) => read(tilePath(tile)))
  if (loose) throw new Fault('tile', `tile ${loose.index} of level ${loose.level} does not lead to the tile above it`)
  return { end: () => counted(wanted.length, 'tile') }
}
