import {
  concat,
  decodeEntryBundle,
  entriesPath,
  hex,
  leafHash,
  openBundle,
  readWhole,
  sourceOf,
  text,
  tilePath,
  tilesOf,
} from '@firebreak/audit-log'
import { testBodies, testCheckpoint } from '@firebreak/audit-log/testing'
import { expect, test } from 'vitest'
import { writeDirectory } from './directory.js'
import { ExportError } from './error.js'
import { stored, tilesIn } from './testing/bundles.js'

const written = async (bodies: readonly Uint8Array[], checkpoint = testCheckpoint(bodies)) => {
  const chunks: Uint8Array[] = []
  const told = await writeDirectory({ entries: stored(bodies), checkpoint }, (chunk) => void chunks.push(chunk))
  return { told, directory: await openBundle(sourceOf(concat(...chunks))) }
}

test.each([0, 1, 255, 256, 257, 700])('a log of %i entries as tlog-tiles lays it out', async (n) => {
  const bodies = testBodies(n)
  const { directory, told } = await written(bodies)
  const file = (name: string) => readWhole(directory, name, 1e8)
  const bundles = tilesOf(n).filter(({ level }) => level === 0)
  expect(told.entries).toBe(n)
  expect([...directory.names].sort()).toEqual(
    ['checkpoint', ...tilesOf(n).map(tilePath), ...bundles.map(entriesPath)].sort(),
  )
  expect(text(await file('checkpoint'))).toBe(testCheckpoint(bodies))
  const tiles = tilesIn(bodies)
  for (const tile of tilesOf(n)) expect(hex(await file(tilePath(tile)))).toBe(hex(await tiles(tile)))
  for (const bundle of bundles) {
    const found = decodeEntryBundle(await file(entriesPath(bundle)))
    expect(found).toEqual(bodies.slice(bundle.index * 256, bundle.index * 256 + bundle.width))
    // What another tool does with it: the leaves of the tile are the hashes of the entries.
    expect(hex(await file(tilePath({ ...bundle, level: 0 })))).toBe(hex(concat(...found.map(leafHash))))
  }
})

test('entries other than those that were signed are no directory', async () => {
  const bodies = testBodies(300)
  await expect(written(bodies.toReversed(), testCheckpoint(bodies))).rejects.toThrow(ExportError)
  await expect(written(bodies.slice(0, 299), testCheckpoint(bodies))).rejects.toThrow(ExportError)
})
