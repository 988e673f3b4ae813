import { CompactRange, tileOf, type Tile } from '@firebreak/audit-log'

/**
 * Collects the tiles of a tree while it grows. The lowest level is handed on tile by tile; the levels above hold a 256th
 * of the hashes and wait for the end, so that the tiles come level by level.
 */
export class TileWriter {
  readonly #range = new CompactRange()
  readonly #levels: Uint8Array[][] = []

  get size(): number {
    return this.#range.size
  }

  root(): Uint8Array {
    return this.#range.root()
  }

  /** A full tile of the lowest level, when this leaf completes one. */
  append(leaf: Uint8Array): { tile: Tile; hashes: Uint8Array } | undefined {
    this.#range.append(leaf, (level, _, hash) => {
      if (level % 8 === 0) (this.#levels[level / 8] ??= []).push(hash)
    })
    const lowest = this.#levels[0] ?? []
    if (lowest.length < 256) return undefined
    this.#levels[0] = []
    return { tile: { level: 0, index: tileOf(0, this.size - 1).index, width: 256 }, hashes: joined(lowest) }
  }

  /** What is left after the last leaf: the partial tile of the lowest level, and the levels above. */
  *rest(): Generator<{ tile: Tile; hashes: Uint8Array }> {
    for (const [level, hashes] of this.#levels.entries()) {
      const before = level === 0 ? tileOf(0, this.size - hashes.length).index : 0
      for (let from = 0; from < hashes.length; from += 256) {
        const part = hashes.slice(from, from + 256)
        yield { tile: { level, index: before + from / 256, width: part.length }, hashes: joined(part) }
      }
    }
  }
}

function joined(hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * 32)
  for (const [i, hash] of hashes.entries()) bytes.set(hash, i * 32)
  return bytes
}
