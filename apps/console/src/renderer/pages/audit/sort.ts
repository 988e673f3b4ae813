import type { Input } from '../../../checker/messages.js'

/** As much of a file as `sortOf` wants to see. */
export const HEAD = 4096

/**
 * What a file that was dropped anywhere seems to be, by its beginning; undefined where that cannot be told. It is a
 * convenience: whether a file is what it seems to be is said by reading it.
 */
export function sortOf(name: string, head: Uint8Array): Input | undefined {
  const octets = String.fromCharCode(...head.subarray(0, HEAD))
  if (/\.tar$/i.test(name) || octets.slice(257, 262) === 'ustar') return 'bundle'
  if (/^\s*\{/.test(octets) && octets.includes('"tiers"')) return 'rules'
  if (/^(log|witness|group|quorum)[ \t]/m.test(octets)) return 'policy'
  // A note's signature line begins with an em dash, three octets of UTF-8.
  if (/^[^\n]+\n\d+\n[^\n]+\n\n\u00e2\u0080\u0094 /.test(octets)) return 'checkpoint'
  if (/^\S+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*\r?$/m.test(octets)) return 'keys'
  return undefined
}
