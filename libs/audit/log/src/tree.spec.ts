import * as crypto from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hashWith, hex, sha256, sha256Stream, unbase64, utf8 } from './bytes.js'
import { seeded } from './testing/random.js'
import {
  CompactRange,
  consistencyProof,
  EMPTY_ROOT,
  inclusionProof,
  leafHash,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
} from './tree.js'

const folder = join(import.meta.dirname, 'fixtures/merkle')
const vectors = (kind: string) => globSync(`${kind}/**/*.json`, { cwd: folder }).sort()
const hashes = (list: string[] | null) => (list ?? []).map(unbase64)

interface InclusionVector {
  leafIdx: number
  treeSize: number
  root: string
  leafHash: string
  proof: string[] | null
  wantErr: boolean
}

interface ConsistencyVector {
  size1: number
  size2: number
  root1: string
  root2: string
  proof: string[] | null
  wantErr: boolean
}

const read = <T>(name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T

test('there are vectors to run', () => {
  expect(vectors('inclusion').length).toBeGreaterThan(30)
  expect(vectors('consistency').length).toBeGreaterThan(20)
})

test.each(vectors('inclusion'))('%s', (name) => {
  const v = read<InclusionVector>(name)
  const claim = { index: v.leafIdx, size: v.treeSize, leaf: unbase64(v.leafHash), root: unbase64(v.root) }
  expect(verifyInclusion({ ...claim, proof: hashes(v.proof) })).toBe(!v.wantErr)
})

test.each(vectors('consistency'))('%s', (name) => {
  const v = read<ConsistencyVector>(name)
  const claim = { size1: v.size1, size2: v.size2, root1: unbase64(v.root1), root2: unbase64(v.root2) }
  expect(verifyConsistency({ ...claim, proof: hashes(v.proof) })).toBe(!v.wantErr)
})

/** RFC 6962 by its definition, slowly: the judge of everything below. */
function definition(leaves: Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return EMPTY_ROOT
  if (leaves.length === 1) return leaves[0]!
  const k = 2 ** Math.ceil(Math.log2(leaves.length) - 1)
  return nodeHash(definition(leaves.slice(0, k)), definition(leaves.slice(k)))
}

const leaves = Array.from({ length: 70 }, (_, i) => leafHash(utf8(`{"n":${i}}`)))
const readNode = (level: number, index: number) =>
  definition(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level))

describe('a tree that grows', () => {
  test('has the root of the definition at every size, also when it is put down and taken up again', () => {
    let range = new CompactRange()
    expect(hex(range.root())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    for (const [i, leaf] of leaves.entries()) {
      range = CompactRange.from(range.size, range.hashes())
      range.append(leaf)
      expect(range.size).toBe(i + 1)
      expect(hex(range.root())).toBe(hex(definition(leaves.slice(0, i + 1))))
    }
  })

  test('tells of every perfect subtree once', () => {
    const told = new Map<string, string>()
    const range = new CompactRange()
    for (const leaf of leaves) {
      range.append(leaf, (level, index, hash) => {
        expect(told.has(`${level}/${index}`)).toBe(false)
        told.set(`${level}/${index}`, hex(hash))
      })
    }
    for (const [place, hash] of told) {
      const [level, index] = place.split('/').map(Number) as [number, number]
      expect(hash).toBe(hex(readNode(level, index)))
    }
    expect(told.size).toBe(70 + 35 + 17 + 8 + 4 + 2 + 1)
  })

  test('refuses a state that does not belong to its size', () => {
    expect(() => CompactRange.from(3, [leaves[0]!])).toThrow('2 hashes')
    expect(() => CompactRange.from(1, [leaves[0]!.slice(1)])).toThrow('32 bytes')
    expect(() => CompactRange.from(-1, [])).toThrow('size -1')
    expect(CompactRange.from(2 ** 40 + 1, [leaves[0]!, leaves[1]!]).size).toBe(2 ** 40 + 1)
  })
})

describe('proofs', () => {
  test('of every leaf in every tree verify, and with one bit wrong they do not', async () => {
    const random = seeded(1)
    for (let size = 1; size <= leaves.length; size++) {
      const root = definition(leaves.slice(0, size))
      for (let index = 0; index < size; index++) {
        const proof = await inclusionProof(index, size, readNode)
        const claim = { index, size, leaf: leaves[index]!, root, proof }
        expect(verifyInclusion(claim)).toBe(true)
        expect(verifyInclusion({ ...claim, index: (index + 1) % (size + 1) })).toBe(false)
        if (proof.length > 0) expect(verifyInclusion({ ...claim, proof: spoil(proof, random.below) })).toBe(false)
      }
    }
  })

  test('of every earlier tree in every later one verify, and with one bit wrong they do not', async () => {
    const random = seeded(2)
    for (let size2 = 1; size2 <= 40; size2++) {
      for (let size1 = 1; size1 <= size2; size1++) {
        const proof = await consistencyProof(size1, size2, readNode)
        const root1 = definition(leaves.slice(0, size1))
        const claim = { size1, size2, root1, root2: definition(leaves.slice(0, size2)), proof }
        expect(verifyConsistency(claim)).toBe(true)
        if (size1 !== size2) {
          expect(verifyConsistency({ ...claim, root1: leafHash(root1) })).toBe(false)
          expect(verifyConsistency({ ...claim, proof: spoil(proof, random.below) })).toBe(false)
        }
      }
    }
  })

  test('that cannot be are not made', async () => {
    await expect(inclusionProof(3, 3, readNode)).rejects.toThrow('no leaf 3')
    await expect(consistencyProof(0, 3, readNode)).rejects.toThrow('from size 0')
    await expect(consistencyProof(4, 3, readNode)).rejects.toThrow('from size 4')
  })
})

function spoil(proof: Uint8Array[], below: (n: number) => number): Uint8Array[] {
  const spoilt = proof.map((hash) => hash.slice())
  spoilt[below(spoilt.length)]![below(32)]! ^= 1 << below(8)
  return spoilt
}

test('hashed with node:crypto or with noble: the same bytes', () => {
  const bytes = seeded(6).bytes(70_000)
  const lengths = [0, 1, 31, 32, 55, 56, 63, 64, 65, 1000, 65_535, 65_536, 70_000]
  const hashes = () =>
    lengths.flatMap((length) => {
      const stream = sha256Stream()
      stream.update(bytes.subarray(0, 7 % (length + 1)))
      stream.update(bytes.subarray(7 % (length + 1), length))
      const body = bytes.subarray(0, length)
      return [sha256(body), leafHash(body), Uint8Array.from(stream.digest())]
    })
  const byNoble = hashes()
  hashWith(crypto)
  expect(hashes()).toEqual(byNoble)
})
