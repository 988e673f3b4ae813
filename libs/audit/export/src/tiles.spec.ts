import { CompactRange, concat, hex, leafHash, tilesOf, utf8, type Tile } from '@firebreak/audit-log'
import { expect, test } from 'vitest'
import { TileWriter } from './tiles.js'

test.each([0, 1, 255, 256, 257, 65_536, 66_100])('a tree of %i leaves comes as its tiles, level by level', (size) => {
  const writer = new TileWriter()
  const range = new CompactRange()
  const levels: Uint8Array[][] = []
  const written: { tile: Tile; hashes: Uint8Array }[] = []
  for (let i = 0; i < size; i++) {
    const leaf = leafHash(utf8(`${i}`))
    range.append(leaf, (level, _, hash) => {
      if (level % 8 === 0) (levels[level / 8] ??= []).push(hash)
    })
    const full = writer.append(leaf)
    if (full) written.push(full)
  }
  written.push(...writer.rest())
  expect(written.map(({ tile }) => tile)).toEqual(tilesOf(size))
  for (const { hashes, tile } of written) {
    const wanted = levels[tile.level]!.slice(tile.index * 256, tile.index * 256 + tile.width)
    expect(hex(hashes)).toBe(hex(concat(...wanted)))
  }
  expect(hex(writer.root())).toBe(hex(range.root()))
})
