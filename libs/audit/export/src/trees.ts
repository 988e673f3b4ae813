import { looseTile, rootAt, same, tileOf, tilesTowards, utf8, type Checkpoint, type Tile } from '@firebreak/audit-log'
import { ExportError } from './error.js'
import { TileWriter } from './tiles.js'

export interface WrittenTile {
  tile: Tile
  hashes: Uint8Array
}

/** Every entry is there: the tiles follow from them, and must lead to the signed root. */
export class WholeTree {
  readonly #writer = new TileWriter()

  constructor(private readonly checkpoint: Checkpoint) {}

  *add(position: number, leaf: Uint8Array): Generator<WrittenTile> {
    const { size } = this.#writer
    if (position !== size) throw new ExportError('unreadable', `entry ${size} is missing; next came ${position}`)
    const full = this.#writer.append(leaf)
    if (full) yield full
  }

  async *rest(): AsyncGenerator<WrittenTile> {
    const { root, size } = this.checkpoint
    if (this.#writer.size !== size || !same(this.#writer.root(), root)) {
      const lead = `the ${this.#writer.size} entries do not lead to the root that was signed for ${size}`
      throw new ExportError('not-covered', lead)
    }
    yield* this.#writer.rest()
  }

  /** They follow from the lines. */
  indices(): Uint8Array {
    return new Uint8Array()
  }
}

/** Some entries are there: the tiles that lead from them to the root are the log's, and are checked before they go out. */
export class PartOfTree {
  readonly #indices: number[] = []
  readonly #leaves: Uint8Array[] = []

  constructor(
    private readonly checkpoint: Checkpoint,
    private readonly older: readonly number[],
    private readonly tile: ((tile: Tile) => Promise<Uint8Array>) | undefined,
  ) {}

  // Nothing comes before all entries are known.
  *add(position: number, leaf: Uint8Array): Generator<WrittenTile> {
    if (position <= (this.#indices.at(-1) ?? -1) || position >= this.checkpoint.size) {
      throw new ExportError('unreadable', `entry ${position} does not come after ${this.#indices.at(-1)}`)
    }
    this.#indices.push(position)
    this.#leaves.push(leaf)
  }

  async *rest(): AsyncGenerator<WrittenTile> {
    const { root, size } = this.checkpoint
    if (this.#indices.length === 0)
      throw new ExportError('empty-selection', 'Nothing that the checkpoint covers is as was asked for.')
    const read = this.tile
    if (!read) throw new TypeError('a part of the log is written with its tiles')
    const tiles = tilesTowards(size, this.#indices, this.older)
    const loose = await looseTile(tiles, read)
    if (loose) {
      throw new ExportError('not-covered', `tile ${loose.index} of level ${loose.level} does not lead to the root`)
    }
    if (!same(await rootAt(size, size, read), root)) {
      throw new ExportError('not-covered', `the tiles do not lead to the root that was signed for ${size}`)
    }
    let next = 0
    for (const tile of tiles) {
      const hashes = await read(tile)
      for (; tile.level === 0 && tileOf(0, this.#indices[next] ?? Infinity).index === tile.index; next++) {
        const at = (this.#indices[next]! % 256) * 32
        if (!same(hashes.subarray(at, at + 32), this.#leaves[next]!)) {
          throw new ExportError('not-covered', `entry ${this.#indices[next]} is not the one in the tree`)
        }
      }
      yield { tile, hashes }
    }
    if (next !== this.#indices.length) throw new ExportError('not-covered', 'an entry has no tile')
  }

  indices(): Uint8Array {
    return utf8(this.#indices.map((index) => `${index}\n`).join(''))
  }
}
