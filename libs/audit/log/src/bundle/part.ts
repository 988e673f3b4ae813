import { same } from '../bytes.js'
import { nodesFromTiles, type Tile } from '../tile.js'
import { CompactRange, EMPTY_ROOT, type ReadNode } from '../tree.js'

/** A part of the tree, as tiles: enough to lead from some entries, and from some older sizes, to the root. */

const WIDTH = 256

/**
 * The tiles between these entries, these older sizes, and the root of a tree of `size` leaves; level by level, each level
 * from the left. Every one of them is full and has its hash in another, or ends the tree on its level.
 */
export function tilesTowards(size: number, indices: Iterable<number>, sizes: Iterable<number> = []): Tile[] {
  const levels: Set<number>[] = []
  const has = (level: number) => Math.floor(size / WIDTH ** level)
  const take = (level: number, index: number) => {
    for (; ; level++, index = Math.floor(index / WIDTH)) {
      const taken = (levels[level] ??= new Set())
      if (taken.has(index)) return
      taken.add(index)
      if (has(level) < (index + 1) * WIDTH) return
    }
  }
  for (const ends of [size, ...sizes]) {
    for (let level = 0, n = ends; n > 0; level++, n = Math.floor(n / WIDTH)) {
      if (n % WIDTH !== 0) take(level, Math.floor(n / WIDTH))
    }
  }
  for (const index of indices) if (index < size) take(0, Math.floor(index / WIDTH))
  return levels.flatMap((taken, level) =>
    [...taken]
      .sort((a, b) => a - b)
      .map((index) => ({ level, index, width: Math.min(WIDTH, has(level) - index * WIDTH) })),
  )
}

/** Hashes of a tile; undefined where it is missing. */
export type ReadTile = (tile: Tile) => Promise<Uint8Array | undefined>

/** The tile whose hash is not the one that the tile above it has, or that has not its size; undefined: each follows. */
export async function looseTile(tiles: readonly Tile[], read: ReadTile): Promise<Tile | undefined> {
  const higher = new Map(tiles.filter(({ level }) => level > 0).map((tile) => [`${tile.level}/${tile.index}`, tile]))
  let above: { level: number; index: number; hashes: Uint8Array | undefined } | undefined
  for (const tile of tiles) {
    const hashes = await read(tile)
    if (hashes?.length !== tile.width * 32) return tile
    if (tile.width < WIDTH) continue
    const [level, index] = [tile.level + 1, Math.floor(tile.index / WIDTH)]
    if (above?.level !== level || above.index !== index) {
      const parent = higher.get(`${level}/${index}`)
      above = { level, index, hashes: parent && (await read(parent)) }
    }
    const at = (tile.index % WIDTH) * 32
    if (!above.hashes || !same(above.hashes.subarray(at, at + 32), rootOfTile(hashes))) return tile
  }
  return undefined
}

function rootOfTile(hashes: Uint8Array): Uint8Array {
  const range = new CompactRange()
  for (let at = 0; at < hashes.length; at += 32) range.append(hashes.subarray(at, at + 32))
  return range.root()
}

/** The root of the first `older` leaves of a tree of `size`, from its tiles. Throws where one of them is missing. */
export async function rootAt(older: number, size: number, read: ReadTile): Promise<Uint8Array> {
  const node: ReadNode = nodesFromTiles(size, async (tile) => {
    const hashes = await read(tile)
    if (hashes?.length !== tile.width * 32) throw new MissingTile(tile)
    return hashes
  })
  const hashes: Uint8Array[] = []
  let from = 0
  for (let span = largestPower(older); span >= 1; span /= 2) {
    if (older - from < span) continue
    hashes.push(await node(Math.log2(span), from / span))
    from += span
  }
  return older === 0 ? EMPTY_ROOT : CompactRange.from(older, hashes).root()
}

/** The part of the tree does not reach that far. */
export class MissingTile extends Error {
  constructor(readonly tile: Tile) {
    super(`tile ${tile.index} of level ${tile.level} is missing`)
    this.name = 'MissingTile'
  }
}

function largestPower(n: number): number {
  let span = 1
  while (span * 2 <= n) span *= 2
  return span
}
