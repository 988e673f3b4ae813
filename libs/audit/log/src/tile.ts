import { concat } from './bytes.js'
import { nodeHash, type ReadNode } from './tree.js'

/** C2SP tlog-tiles, height 8: the tree at rest, as files of at most 256 hashes that never change once they are full. */

const WIDTH = 256

/** `width` 1 to 255: partial; 256: full. */
export interface Tile {
  level: number
  index: number
  width: number
}

/** The tile that holds hash number `index` of tile level `level` (which is tree level 8 · `level`). */
export const tileOf = (level: number, index: number): { level: number; index: number; offset: number } => ({
  level,
  index: Math.floor(index / WIDTH),
  offset: index % WIDTH,
})

/** All tiles of a tree of `size` leaves, level by level, each level from the left. */
export const tilesOf = (size: number): Tile[] => tilesTouched(0, size)

/**
 * The tiles that growing from `from` to `to` leaves creates or widens, each as it is at size `to`; level by level, each
 * level from the left. A caller that keeps partial tiles by their width writes exactly these.
 */
export function tilesTouched(from: number, to: number): Tile[] {
  const tiles: Tile[] = []
  for (let level = 0, span = 1; span <= to; level++, span *= WIDTH) {
    const [had, has] = [Math.floor(from / span), Math.floor(to / span)]
    if (had === has) continue
    for (let index = Math.floor(had / WIDTH); index * WIDTH < has; index++) {
      tiles.push({ level, index, width: Math.min(WIDTH, has - index * WIDTH) })
    }
  }
  return tiles
}

/** `tile/<L>/<N>[.p/<W>]` */
export const tilePath = ({ level, index, width }: Tile): string => `tile/${level}/${place(index, width)}`

/** `tile/entries/<N>[.p/<W>]` */
export const entriesPath = ({ index, width }: Omit<Tile, 'level'>): string => `tile/entries/${place(index, width)}`

/** The tile or entry bundle at a path; undefined where it is not a path as we write them. */
export function parseTilePath(path: string): Tile | (Omit<Tile, 'level'> & { level: 'entries' }) | undefined {
  const [, kind, groups, partial] =
    /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path) ?? []
  if (kind === undefined || groups === undefined) return undefined
  const at = { index: Number(groups.replace(/[x/]/g, '')), width: partial === undefined ? WIDTH : Number(partial) }
  if (at.width < 1 || (partial !== undefined && at.width >= WIDTH)) return undefined
  const tile = kind === 'entries' ? ({ ...at, level: 'entries' } as const) : { ...at, level: Number(kind) }
  const written = tile.level === 'entries' ? entriesPath(tile) : tilePath({ ...tile, level: tile.level })
  return written === path ? tile : undefined
}

/** 1234067 is `x001/x234/067`. */
function place(index: number, width: number): string {
  const groups = [(index % 1000).toString().padStart(3, '0')]
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift('x' + (rest % 1000).toString().padStart(3, '0'))
  }
  return groups.join('/') + (width === WIDTH ? '' : `.p/${width}`)
}

/** Reads any perfect subtree of a tree of `size` leaves out of its tiles: at most one tile a read. */
export function nodesFromTiles(size: number, readTile: (tile: Tile) => Uint8Array | Promise<Uint8Array>): ReadNode {
  return async (level, index) => {
    const tileLevel = Math.floor(level / 8)
    const span = 2 ** (level % 8)
    const at = tileOf(tileLevel, index * span)
    const has = Math.floor(size / WIDTH ** tileLevel) - at.index * WIDTH
    if (at.offset + span > has) throw new RangeError(`node ${index} of level ${level} is not in a tree of size ${size}`)
    const tile = await readTile({ level: tileLevel, index: at.index, width: Math.min(WIDTH, has) })
    let row: Uint8Array[] = Array.from({ length: span }, (_, i) =>
      tile.slice((at.offset + i) * 32, (at.offset + i + 1) * 32),
    )
    while (row.length > 1) {
      row = Array.from({ length: row.length / 2 }, (_, i) => nodeHash(row[2 * i]!, row[2 * i + 1]!))
    }
    return row[0]!
  }
}

/** Entry bundle: each body after its length as a big-endian uint16. */
export function encodeEntryBundle(bodies: readonly Uint8Array[]): Uint8Array {
  return concat(
    ...bodies.flatMap((body) => {
      if (body.length > 0xffff) throw new RangeError('a body in an entry bundle has at most 65,535 bytes')
      return [Uint8Array.of(body.length >> 8, body.length & 0xff), body]
    }),
  )
}

/** Bodies of an entry bundle; throws where a length points past the end. */
export function decodeEntryBundle(bytes: Uint8Array): Uint8Array[] {
  const bodies: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    const from = at + 2
    const to = from + ((bytes[at]! << 8) | (bytes[at + 1] ?? 0))
    if (to > bytes.length) throw new RangeError(`the entry bundle breaks off in body ${bodies.length}`)
    bodies.push(bytes.slice(from, to))
    at = to
  }
  return bodies
}
