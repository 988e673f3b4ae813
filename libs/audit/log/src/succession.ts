import { digestOf } from './json.js'

/**
 * A log that cannot go on (its database was lost and an old copy restored) is succeeded by one of another name, which
 * keeps what is left. People approve exactly this, by its digest: which log, how far it was known to reach, who follows
 * and why.
 */
export interface Succession {
  old_origin: string
  /** The largest checkpoint of the old log that anybody could show. */
  old_size: number
  /** Hexadecimal. */
  old_root: string
  new_origin: string
  reason: string
  /** Id of the request. */
  request: string
}

/** What is approved: JCS, SHA-256. The database computes the same (`flow.succession_digest`). */
export const successionDigest = ({ new_origin, old_origin, old_root, old_size, reason, request }: Succession): string =>
  digestOf({ new_origin, old_origin, old_root, old_size, reason, request })

/** How many have to say yes, none of whom asked. */
export const SUCCESSION_QUORUM = 2
/** Their role, and for how many hours each must have held it. */
export const SUCCESSION_ROLE = 'security'
export const SUCCESSION_ROLE_HOURS = 24
