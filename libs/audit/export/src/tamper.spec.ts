import {
  checkBundle,
  encodeEntry,
  Fault,
  FILE,
  TarError,
  text,
  utf8,
  type CheckOptions,
  type Report,
} from '@firebreak/audit-log'
import {
  seeded,
  TEST_KEYS,
  TEST_POLICY,
  TEST_START,
  testBodies,
  testCheckpoint,
  testEntries,
} from '@firebreak/audit-log/testing'
import { describe, expect, test } from 'vitest'
import { bundleOf, made, packed, unpacked, withManifest } from './testing/bundles.js'

const check = async (tar: Uint8Array, options: CheckOptions = {}): Promise<Report> =>
  checkBundle(await bundleOf(tar), TEST_POLICY, options)

/** The checks that failed, and the index that the report names first. */
const failed = ({ findings, first }: Report) => ({
  checks: findings.filter(({ state }) => state === 'failed').map((finding) => finding.check),
  index: first?.index,
})

describe('one flipped bit in any byte of the file is found', () => {
  // The checkpoint carries a line that the policy does not know: what is ignored must not be a place to hide either.
  const bodies = testBodies(2)
  const checkpoint = testCheckpoint(bodies, { cosigners: [TEST_KEYS.notary, TEST_KEYS.stranger] })

  /** Flips one bit in each byte in turn; how often the bundle was unusable, how often tampered, and where it passed. */
  async function flip(tar: Uint8Array, from: number, to: number, options: CheckOptions) {
    expect((await check(tar, options)).verdict).toBe('valid')
    const random = seeded(8)
    const missed: number[] = []
    let [tampered, unusable] = [0, 0]
    for (let at = from; at < to; at++) {
      const bit = 1 << random.below(8)
      tar[at]! ^= bit
      try {
        if ((await check(tar, options)).verdict === 'tampered') tampered++
        else missed.push(at)
      } catch (error) {
        if (!(error instanceof TarError || error instanceof Fault)) throw error
        unusable++
      }
      tar[at]! ^= bit
    }
    return { missed, tampered, unusable }
  }

  test('all of them', { timeout: 300_000 }, async () => {
    const { tar } = await made(bodies, { checkpoint })
    const { missed, tampered, unusable } = await flip(tar, 0, tar.length, {})
    expect(missed).toEqual([])
    expect(tampered + unusable).toBe(tar.length)
    expect(tampered).toBeGreaterThan(tar.length / 4)
  })

  test('those of the statement, with the key of its exporter', { timeout: 300_000 }, async () => {
    const options = { exportKeys: [TEST_KEYS.exporter] }
    const { tar } = await made(bodies, { checkpoint, exportKey: TEST_KEYS.exporter })
    const bare = await made(bodies, { checkpoint })
    const from = bare.tar.length - 1024
    expect((await flip(tar, from, tar.length, options)).missed).toEqual([])
  })

  test('and without that key such a bundle is never simply valid', async () => {
    const { tar } = await made(bodies, { checkpoint, exportKey: TEST_KEYS.exporter })
    expect((await check(tar)).verdict).toBe('incomplete')
  })
})

test('a bundle that was cut anywhere is unusable', async () => {
  const { tar } = await made(testBodies(3))
  const random = seeded(9)
  for (let i = 0; i < 200; i++) {
    await expect(check(tar.slice(0, random.below(tar.length)))).rejects.toThrow(TarError)
  }
})

describe('entries, of 300, by somebody who makes the manifest fit', () => {
  const bodies = testBodies(300)
  const changed = async (change: (lines: string[]) => string[]) => {
    const files = await unpacked((await made(bodies)).tar)
    const lines = text(files.get(FILE.entries)!).split('\n').slice(0, -1)
    files.set(
      FILE.entries,
      utf8(
        change(lines)
          .map((line) => `${line}\n`)
          .join(''),
      ),
    )
    return failed(await check(packed(withManifest(files))))
  }
  const random = seeded(10)
  const anywhere = Array.from({ length: 25 }, () => random.below(299))
  const places = [0, 1, 255, 256, 298, ...anywhere]

  test('dropped: named by its place', async () => {
    for (const place of [...places, 299]) {
      const { checks, index } = await changed((lines) => lines.toSpliced(place, 1))
      expect(checks).toEqual(expect.arrayContaining(['count', 'root', 'report']))
      expect(index).toBe(place)
    }
  })

  test('swapped: named by the first of them', async () => {
    for (const place of places) {
      const { checks, index } = await changed((lines) => lines.toSpliced(place, 2, lines[place + 1]!, lines[place]!))
      expect(checks).toEqual(expect.arrayContaining(['leaf', 'root']))
      expect(index).toBe(place)
    }
  })

  test('doubled: named by the second', async () => {
    for (const place of places) {
      const { checks, index } = await changed((lines) => lines.toSpliced(place, 0, lines[place]!))
      expect(checks).toEqual(expect.arrayContaining(['count', 'entry-ids', 'streams', 'root']))
      expect(index).toBe(place + 1)
    }
  })

  test('edited: named', async () => {
    for (const place of places) {
      const { checks, index } = await changed((lines) =>
        lines.with(place, lines[place]!.replace('Z"', '1Z"').replace('01Z', '1Z')),
      )
      expect(checks).toEqual(expect.arrayContaining(['leaf', 'root']))
      expect(index).toBe(place)
    }
  })

  test('replaced by those of another log', async () => {
    const other = testBodies(300, 2).map(text)
    expect(await changed(() => other)).toMatchObject({ index: 0 })
  })
})

const remade = async (bodies: readonly Uint8Array[]) => (await made(bodies)).tar

const entries = testEntries(20)
const [bodies, stored] = [
  entries.map(encodeEntry),
  testCheckpoint(entries.slice(0, 12).map(encodeEntry), { seconds: 2 }),
]
test('with the checkpoint that the auditor keeps, a log that only grew is valid', async () => {
  const report = await check(await remade(bodies), { stored, now: TEST_START + 7_200_000 })
  expect(report.verdict).toBe('valid')
  expect(report.findings.find((f) => f.check === 'consistency')).toMatchObject({ state: 'passed' })
})

test('a checkpoint kept that nobody signed is unusable', async () => {
  const tar = await remade(bodies)
  await expect(check(tar, { stored: 'x' })).rejects.toMatchObject({ code: 'stored-checkpoint' })
  const forged = testCheckpoint(bodies, { log: TEST_KEYS.forger })
  await expect(check(tar, { stored: forged })).rejects.toMatchObject({ code: 'stored-checkpoint' })
})

test.each([
  ['no manifest', (f: Map<string, Uint8Array>) => f.delete(FILE.manifest), 'not-a-bundle'],
  ['a manifest that is no JSON', (f: Map<string, Uint8Array>) => f.set(FILE.manifest, utf8('{')), 'manifest'],
  ['a manifest of another format', (f: Map<string, Uint8Array>) => f.set(FILE.manifest, utf8(text(f.get(FILE.manifest)!).replace('evidence/2', 'evidence/1'))), 'manifest'],
  ['a manifest with a key twice', (f: Map<string, Uint8Array>) => f.set(FILE.manifest, utf8(text(f.get(FILE.manifest)!).replace('{', '{"a":1,"a":1,'))), 'manifest'],
])('unusable: %s', async (_, change, code) => {
  const found = await unpacked(await remade(bodies))
  change(found)
  await expect(check(packed(found))).rejects.toMatchObject({ code })
}) // prettier-ignore
