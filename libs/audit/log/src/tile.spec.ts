import { expect, test } from 'vitest'
import { concat, hex, utf8 } from './bytes.js'
import { seeded } from './testing/random.js'
import {
  decodeEntryBundle,
  encodeEntryBundle,
  entriesPath,
  nodesFromTiles,
  parseTilePath,
  tilePath,
  tilesOf,
  tilesTouched,
} from './tile.js'
import { CompactRange, consistencyProof, inclusionProof, leafHash, verifyConsistency, verifyInclusion } from './tree.js'

test('paths as tlog-tiles writes them', () => {
  expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067')
  expect(tilePath({ level: 2, index: 0, width: 1 })).toBe('tile/2/000.p/1')
  expect(tilePath({ level: 0, index: 1000, width: 255 })).toBe('tile/0/x001/000.p/255')
  expect(entriesPath({ index: 273, width: 112 })).toBe('tile/entries/273.p/112')
})

test('paths are read back, each in its one spelling', () => {
  for (const path of ['tile/0/x001/x234/067', 'tile/2/000.p/1', 'tile/0/x001/000.p/255', 'tile/entries/273.p/112']) {
    const tile = parseTilePath(path)!
    expect(tile.level === 'entries' ? entriesPath(tile) : tilePath({ ...tile, level: tile.level })).toBe(path)
  }
  expect(parseTilePath('tile/entries/x001/234')).toEqual({ level: 'entries', index: 1234, width: 256 })
  for (const path of [
    '', 'checkpoint', 'tile/0', 'tile/0/1', 'tile/0/0001', 'tile/0/x000/001', 'tile/00/001', 'tile/0/001.p/0', 'tile/0/001.p/256',
    'tile/0/001.p/01', 'tile/0/001.p', 'tile/x/001', 'tile/-1/001', 'tile/0/../001', '/tile/0/001', 'tile/0/001/', 'tile/0/x001', 'tile/0/001.p/1e1',
  ]) expect(parseTilePath(path), path).toBeUndefined()
}) // prettier-ignore

test('a tree of 70,000 is the tiles that the text of tlog-tiles counts', () => {
  const tiles = tilesOf(70_000)
  const at = (level: number) => tiles.filter((tile) => tile.level === level).map(({ width }) => width)
  expect(at(0)).toEqual([...Array.from({ length: 273 }, () => 256), 112])
  expect(at(1)).toEqual([256, 17])
  expect(at(2)).toEqual([1])
  expect(tilesOf(256).map(tilePath)).toEqual(['tile/0/000', 'tile/1/000.p/1'])
  expect(tilesOf(0)).toEqual([])
})

test('growing step by step writes, at last, the tiles of the whole', () => {
  const random = seeded(6)
  const widest = new Map<string, number>()
  for (let size = 0; size < 200_000;) {
    const grown = size + random.below(3000)
    for (const { index, level, width } of tilesTouched(size, grown)) {
      const before = widest.get(`${level}/${index}`) ?? 0
      expect(width).toBeGreaterThan(before)
      widest.set(`${level}/${index}`, width)
    }
    size = grown
    expect(widest.size).toBe(tilesOf(size).length)
  }
})

test('proofs from tiles verify, over the edges of tiles too', async () => {
  const size = 66_000
  const levels: Uint8Array[][] = [[], [], []]
  const roots = new Map<number, Uint8Array>()
  const range = new CompactRange()
  const sizes = [1, 255, 256, 257, 511, 65_535, 65_536, 65_537, size]
  for (let i = 0; i < size; i++) {
    range.append(leafHash(utf8(`${i}`)), (level, _, hash) => {
      if (level % 8 === 0) levels[level / 8]!.push(hash)
    })
    if (sizes.includes(i + 1)) roots.set(i + 1, range.root())
  }
  const read = nodesFromTiles(size, ({ index, level, width }) => {
    const hashes = levels[level]!.slice(index * 256, index * 256 + width)
    expect(hashes).toHaveLength(width)
    return concat(...hashes)
  })
  const root = range.root()
  for (const index of [0, 1, 255, 256, 65_535, 65_536, size - 1]) {
    const proof = await inclusionProof(index, size, read)
    expect(verifyInclusion({ index, size, leaf: levels[0]![index]!, root, proof })).toBe(true)
  }
  for (const size1 of sizes) {
    const proof = await consistencyProof(size1, size, read)
    expect(verifyConsistency({ size1, size2: size, root1: roots.get(size1)!, root2: root, proof })).toBe(true)
  }
  await expect(read(0, size)).rejects.toThrow('not in a tree')
})

test('entry bundles', () => {
  const bodies = [utf8('{"n":0}'), new Uint8Array(), utf8('x'.repeat(300))]
  const bundle = encodeEntryBundle(bodies)
  expect(hex(bundle.subarray(0, 2))).toBe('0007')
  expect(decodeEntryBundle(bundle)).toEqual(bodies)
  expect(() => decodeEntryBundle(bundle.subarray(0, -1))).toThrow('breaks off in body 2')
  expect(() => decodeEntryBundle(Uint8Array.of(0))).toThrow('breaks off')
  expect(() => encodeEntryBundle([new Uint8Array(65_536)])).toThrow('65,535')
})
