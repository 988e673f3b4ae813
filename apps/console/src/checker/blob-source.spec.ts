import { expect, test } from 'vitest'
import { blobSource } from './blob-source.js'

const MiB = 1 << 20
const bytes = Uint8Array.from({ length: 6 * MiB + 17 }, (_, i) => (i * 7 + (i >> 8)) & 0xff)

/** A file that says which pieces of it were read. */
function file() {
  const pieces: [number, number][] = []
  const blob = new Blob([bytes])
  const whole = blob.slice.bind(blob)
  blob.slice = (from = 0, to = bytes.length) => {
    pieces.push([from, Math.min(to, bytes.length) - from])
    return whole(from, to)
  }
  return { pieces, source: blobSource(blob) }
}

test('gives the bytes that are there, wherever they are asked for', async () => {
  const { source } = file()
  expect(source.size).toBe(bytes.length)
  for (const [offset, length] of [
    [0, 512],
    [MiB - 3, 9],
    [5, 0],
    [3 * MiB, 2 * MiB + 1],
    [bytes.length - 5, 5],
  ] as const)
    expect(await source.read(offset, length)).toEqual(bytes.subarray(offset, offset + length))
})

test('past the end there are fewer', async () => {
  const { source } = file()
  expect(await source.read(bytes.length - 2, 512)).toEqual(bytes.subarray(bytes.length - 2))
  expect(await source.read(bytes.length + 7, 512)).toEqual(new Uint8Array())
})

test('what is read in order is fetched once, in large pieces', async () => {
  const { pieces, source } = file()
  for (let at = 0; at < 2 * MiB; at += 512) await source.read(at, 512)
  expect(pieces).toEqual([
    [0, MiB],
    [MiB, MiB],
  ])
})

test('two places are read by turns without fetching either again', async () => {
  const { pieces, source } = file()
  for (let i = 0; i < 100; i++) {
    await source.read(i * 100, 100)
    await source.read(4 * MiB + i * 100, 100)
  }
  expect(pieces).toEqual([
    [0, MiB],
    [4 * MiB, MiB],
  ])
})

test('four windows are held, and no more', async () => {
  const { pieces, source } = file()
  for (const window of [0, 1, 2, 3, 4]) await source.read(window * MiB, 10)
  await source.read(4 * MiB, 10)
  expect(pieces).toHaveLength(5)
  await source.read(0, 10)
  expect(pieces).toHaveLength(6)
})
