import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { base64, hex, unbase64 } from './bytes.js'
import type { EntryBody } from './entry.js'
import { canonical, parseCanonical } from './json.js'
import { said, uuidV7, z } from './schema.js'

/**
 * Personal values do not stand in the log, which never forgets: a salted commitment stands there, and value and salt
 * beside it, where they can be deleted. Whoever holds both can show that this was the value; whoever holds the log alone
 * cannot even try all addresses there are.
 */

/** Where in an entry commitments may stand, as JSON pointers; sorted. */
export const PERSONAL_PATHS = ['/actor/ip'] as const
export type PersonalPath = (typeof PERSONAL_PATHS)[number]

/** Bytes of a salt. */
export const SALT = 32

/** A personal value, with what opens its commitment. */
export interface Disclosure {
  entry_id: string
  /** A JSON pointer into the entry. */
  path: string
  /** 32 bytes. */
  salt: Uint8Array
  value: string
}

/** What stands in the entry at the path: HMAC-SHA256 under the salt, over JCS([entry_id, path, value]); hexadecimal. */
export const commitment = ({ entry_id, path, salt, value }: Disclosure): string =>
  hex(hmac(sha256, salt, canonical([entry_id, path, value])))

/** The commitments in an entry, in the order of their paths. */
export function sealedIn({ actor }: Pick<EntryBody, 'actor'>): { path: PersonalPath; commitment: string }[] {
  return actor.ip === undefined ? [] : [{ path: '/actor/ip', commitment: actor.ip }]
}

const line = z.strictObject({ entry_id: uuidV7, path: said, salt: z.string(), value: said })

/** One line of `disclosures.ndjson`, without its newline. */
export const encodeDisclosure = ({ entry_id, path, salt, value }: Disclosure): Uint8Array =>
  canonical({ entry_id, path, salt: base64(salt), value })

/** A disclosure from its line, which must be canonical. Throws a sentence about what does not fit. */
export function decodeDisclosure(bytes: Uint8Array): Disclosure {
  const { salt, ...rest } = line.parse(parseCanonical(bytes))
  const bytesOfSalt = unbase64(salt)
  if (bytesOfSalt.length !== SALT) throw new TypeError(`a salt has ${SALT} bytes, this one ${bytesOfSalt.length}`)
  return { ...rest, salt: bytesOfSalt }
}
