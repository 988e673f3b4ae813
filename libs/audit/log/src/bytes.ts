import { sha256 as digest } from '@noble/hashes/sha2.js'

// Node and every browser have these two; the types of neither are loaded here, so that nothing else of either slips in.
declare const TextEncoder: new () => { encode(text: string): Uint8Array }
declare const TextDecoder: new (
  label: 'utf-8',
  options: { fatal: true; ignoreBOM: true },
) => { decode(bytes: Uint8Array, options?: { stream: boolean }): string }

const encoder = new TextEncoder()

/** UTF-8 of a string. A lone surrogate would become U+FFFD: callers that take outside text refuse it before. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text)

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of UTF-8 bytes, a BOM kept as U+FEFF; throws a TypeError where the bytes are not UTF-8. */
export const text = (bytes: Uint8Array): string => decoder.decode(bytes)

/** Whether every surrogate in the string has its other half: only then is there UTF-8 for it. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text)

/** Offset of the first byte at which `bytes` stops being UTF-8: the longest prefix without an error, by halving. */
export function firstBadByte(bytes: Uint8Array): number {
  let [good, bad] = [0, bytes.length]
  while (good < bad) {
    const middle = (good + bad + 1) >> 1
    try {
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, middle), { stream: true })
      good = middle
    } catch {
      bad = middle - 1
    }
  }
  return good
}

/** SHA-256, 32 bytes. */
export const sha256 = (bytes: Uint8Array): Uint8Array => hashing.whole(bytes)

/** SHA-256 over chunks that come one by one. */
export const sha256Stream = (): HashStream => hashing.stream()

interface HashStream {
  update(bytes: Uint8Array): void
  digest(): Uint8Array
}

/** In the page noble hashes, and everywhere until somebody knows better. */
let hashing: { whole(bytes: Uint8Array): Uint8Array; stream(): HashStream } = {
  whole: digest,
  stream: () => {
    const state = digest.create()
    return { update: (bytes) => void state.update(bytes), digest: () => state.digest() }
  },
}

/** What is used of `node:crypto`, which is ten times as fast as noble. */
export interface NodeHashing {
  hash(algorithm: 'sha256', bytes: Uint8Array, encoding: 'binary'): string
  createHash(algorithm: 'sha256'): { update(bytes: Uint8Array): unknown; digest(): Uint8Array }
}

/**
 * Lets this process hash with `node:crypto`: one call when it starts, `hashWith(crypto)`. The results are the same bytes.
 *
 * Digests are fetched as text and made bytes here: a Buffer of its own for each costs five times the hashing.
 */
export function hashWith({ createHash, hash }: NodeHashing): void {
  hashing = {
    whole: (bytes) => {
      const chars = hash('sha256', bytes, 'binary')
      const out = new Uint8Array(32)
      for (let i = 0; i < 32; i++) out[i] = chars.charCodeAt(i)
      return out
    },
    stream: () => {
      const state = createHash('sha256')
      return { update: (bytes) => void state.update(bytes), digest: () => state.digest() }
    },
  }
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  let out = ''
  for (const byte of bytes) out += HEX[byte]
  return out
}

/** Bytes of lower-case hexadecimal; anything else throws. */
export function unhex(digits: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(digits)) throw new SyntaxError('not lower-case hexadecimal')
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16))
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const SEXTET = new Map([...BASE64].map((char, value) => [char, value]))

/** Standard base64 with padding (RFC 4648, section 4). */
export function base64(bytes: Uint8Array): string {
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    const left = bytes.length - i
    out += BASE64.charAt(word >> 18) + BASE64.charAt((word >> 12) & 63)
    out += left > 1 ? BASE64.charAt((word >> 6) & 63) : '='
    out += left > 2 ? BASE64.charAt(word & 63) : '='
  }
  return out
}

/**
 * Bytes of standard base64. Strict, because a second spelling of the same bytes would be a flipped bit that nobody
 * finds: whole groups of four, padding only at the end and no more than needed, spare bits zero.
 */
export function unbase64(chars: string): Uint8Array {
  const padding = chars.endsWith('==') ? 2 : chars.endsWith('=') ? 1 : 0
  if (chars.length % 4 !== 0) throw new SyntaxError('base64 comes in groups of four')
  const out = new Uint8Array((chars.length / 4) * 3 - padding)
  let [word, bits, at] = [0, 0, 0]
  for (const char of chars.slice(0, chars.length - padding)) {
    const sextet = SEXTET.get(char)
    if (sextet === undefined) throw new SyntaxError('not a base64 character')
    word = ((word << 6) | sextet) & 0xffffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      out[at++] = (word >> bits) & 0xff
    }
  }
  if ((word & ((1 << bits) - 1)) !== 0) throw new SyntaxError('base64 with spare bits that are not zero')
  return out
}

/** Whether two byte strings are the same. Not for secrets: it stops at the first difference. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** One byte string out of several. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
