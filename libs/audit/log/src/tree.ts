import { concat, same, sha256 } from './bytes.js'

/** RFC 6962, section 2.1. Sizes and indices are safe integers; hashes are 32 bytes. */

/** Where prefix and content are put side by side: room for the largest entry. What is in it between two calls is nobody's. */
const leafInput = new Uint8Array(1 + 65_535)
const nodeInput = new Uint8Array(1 + 64).fill(1, 0, 1)

/** Root of the empty tree: SHA-256 of nothing. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array())

/** SHA-256(0x00 ‖ body). */
export function leafHash(body: Uint8Array): Uint8Array {
  if (body.length >= leafInput.length) return sha256(concat(Uint8Array.of(0), body))
  leafInput.set(body, 1)
  return sha256(leafInput.subarray(0, 1 + body.length))
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (!isHash(left) || !isHash(right)) throw new RangeError('a node is made of two hashes of 32 bytes')
  nodeInput.set(left, 1)
  nodeInput.set(right, 33)
  return sha256(nodeInput)
}

const isHash = (bytes: Uint8Array) => bytes.length === 32
const isCount = (n: number) => Number.isSafeInteger(n) && n >= 0

/** Told of each perfect subtree as it is completed: the one over leaves [index · 2^level, (index + 1) · 2^level). */
export type OnNode = (level: number, index: number, hash: Uint8Array) => void

/** Reads the hash of a perfect subtree; `level` 0 are the leaves. */
export type ReadNode = (level: number, index: number) => Uint8Array | Promise<Uint8Array>

/**
 * All that is needed to append: the roots of the perfect subtrees of which a tree of this size is made, largest first
 * (one for each 1 in the binary form of `size`). Appending costs one node hash on average.
 */
export class CompactRange {
  #size = 0
  #hashes: Uint8Array[] = []

  static from(size: number, hashes: readonly Uint8Array[]): CompactRange {
    if (!isCount(size)) throw new RangeError(`no tree has the size ${size}`)
    const wanted = ones(size)
    if (hashes.length !== wanted || !hashes.every(isHash)) {
      throw new RangeError(`a compact range of size ${size} has ${wanted} hashes of 32 bytes`)
    }
    const range = new CompactRange()
    range.#size = size
    range.#hashes = [...hashes]
    return range
  }

  get size(): number {
    return this.#size
  }

  /** Largest subtree first. */
  hashes(): Uint8Array[] {
    return [...this.#hashes]
  }

  append(leaf: Uint8Array, onNode?: OnNode): void {
    if (!isHash(leaf)) throw new RangeError('a leaf hash has 32 bytes')
    let [hash, index, level] = [leaf, this.#size, 0]
    onNode?.(level, index, hash)
    while (index % 2 === 1) {
      const left = this.#hashes.pop()
      if (!left) throw new Error('the compact range lost a subtree')
      hash = nodeHash(left, hash)
      index = (index - 1) / 2
      level++
      onNode?.(level, index, hash)
    }
    this.#hashes.push(hash)
    this.#size++
  }

  /**
   * As `append`, where another range has hashed already: it is given what that one's leaf completed, the leaf first and
   * then each larger subtree.
   */
  follow(completed: readonly Uint8Array[]): void {
    this.#hashes.length -= completed.length - 1
    this.#hashes.push(completed.at(-1)!)
    this.#size++
  }

  root(): Uint8Array {
    return this.#hashes.length === 0 ? EMPTY_ROOT : this.#hashes.reduceRight((right, left) => nodeHash(left, right))
  }
}

/** Audit path of leaf `index` in the tree of the first `size` leaves, nearest sibling first. */
export async function inclusionProof(index: number, size: number, read: ReadNode): Promise<Uint8Array[]> {
  if (!isCount(index) || !isCount(size) || index >= size) {
    throw new RangeError(`no leaf ${index} in a tree of size ${size}`)
  }
  const siblings: [number, number][] = []
  let [from, to] = [0, size]
  while (to - from > 1) {
    const middle = from + split(to - from)
    if (index < middle) {
      siblings.unshift([middle, to])
      to = middle
    } else {
      siblings.unshift([from, middle])
      from = middle
    }
  }
  return Promise.all(siblings.map(([a, b]) => rangeHash(a, b, read)))
}

/** Proof that the tree of the first `size1` leaves is a prefix of that of the first `size2` (RFC 6962, section 2.1.2). */
export async function consistencyProof(size1: number, size2: number, read: ReadNode): Promise<Uint8Array[]> {
  if (!isCount(size1) || !isCount(size2) || size1 === 0 || size1 > size2) {
    throw new RangeError(`no consistency proof from size ${size1} to ${size2}`)
  }
  const ranges: [number, number][] = []
  let [from, to, size, whole] = [0, size2, size1, true]
  while (size < to - from) {
    const k = split(to - from)
    if (size <= k) {
      ranges.unshift([from + k, to])
      to = from + k
    } else {
      ranges.unshift([from, from + k])
      from += k
      size -= k
      whole = false
    }
  }
  // The old root is known to the verifier; any other subtree at which the old tree ends is not.
  if (!whole) ranges.unshift([from, to])
  return Promise.all(ranges.map(([a, b]) => rangeHash(a, b, read)))
}

export interface Inclusion {
  index: number
  size: number
  leaf: Uint8Array
  root: Uint8Array
  proof: readonly Uint8Array[]
}

/** RFC 9162, section 2.1.3.2. False for anything that is not a proof, numbers beyond 2^53 − 1 included. */
export function verifyInclusion({ index, size, leaf, root, proof }: Inclusion): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false
  if (![leaf, root, ...proof].every(isHash)) return false
  let [fn, sn, hash] = [index, size - 1, leaf]
  for (const sibling of proof) {
    if (sn === 0) return false
    if (odd(fn) || fn === sn) {
      hash = nodeHash(sibling, hash)
      while (!odd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)]
    } else {
      hash = nodeHash(hash, sibling)
    }
    ;[fn, sn] = [half(fn), half(sn)]
  }
  return sn === 0 && same(hash, root)
}

export interface Consistency {
  size1: number
  size2: number
  root1: Uint8Array
  root2: Uint8Array
  proof: readonly Uint8Array[]
}

/** RFC 9162, section 2.1.4.2. `size1` = 0 is refused: every tree extends the empty one, so nothing would be proven. */
export function verifyConsistency({ size1, size2, root1, root2, proof }: Consistency): boolean {
  if (!isCount(size1) || !isCount(size2) || size1 === 0 || size1 > size2) return false
  if (![root1, root2, ...proof].every(isHash)) return false
  if (size1 === size2) return proof.length === 0 && same(root1, root2)
  let [fn, sn] = [size1 - 1, size2 - 1]
  while (odd(fn)) [fn, sn] = [half(fn), half(sn)]
  // A power of two: the old root is itself the first subtree, and is not sent.
  const path = fn === 0 ? [root1, ...proof] : [...proof]
  const first = path.shift()
  if (!first || proof.length === 0) return false
  let [old, now] = [first, first]
  for (const hash of path) {
    if (sn === 0) return false
    if (odd(fn) || fn === sn) {
      old = nodeHash(hash, old)
      now = nodeHash(hash, now)
      while (!odd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)]
    } else {
      now = nodeHash(now, hash)
    }
    ;[fn, sn] = [half(fn), half(sn)]
  }
  return sn === 0 && same(old, root1) && same(now, root2)
}

/** Hash of the tree over the leaves [from, to), where `from` is a multiple of the largest power of two below its length. */
async function rangeHash(from: number, to: number, read: ReadNode): Promise<Uint8Array> {
  const level = Math.log2(to - from)
  if (Number.isInteger(level) && 2 ** level === to - from) return read(level, from / 2 ** level)
  const middle = from + split(to - from)
  const [left, right] = await Promise.all([rangeHash(from, middle, read), rangeHash(middle, to, read)])
  return nodeHash(left, right)
}

// Sizes reach 2^53, bit operators only 2^32.
const odd = (n: number) => n % 2 === 1
const half = (n: number) => Math.floor(n / 2)

/** The largest power of two below n (n ≥ 2). */
function split(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

function ones(n: number): number {
  let count = 0
  for (let rest = n; rest > 0; rest = half(rest)) count += rest % 2
  return count
}
