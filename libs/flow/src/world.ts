import { nobody, type Follower } from './follower.js'
import type { Ledger } from './ledger.js'
import type { Limits } from './limits.js'
import type { Scopes } from './scopes.js'

/** What every service of the domain is given: the record, the clock, the source of ids, what lies in what, and how far anything may go. Tests own all of it. */
export interface World {
  ledger: Ledger
  now: () => Date
  /** A new id: the prefix, `_`, and a UUIDv7. */
  newId: (prefix: string) => string
  /** Which scopes a target lies in, as the house has them now. */
  scopes: Scopes
  /** How far anything may go, as the house has it. */
  limits: Limits
  /** Who follows the work from outside; nobody when left out. */
  follower?: Follower
}

/** Who follows. */
export const followerOf = ({ follower = nobody }: World): Follower => follower

/** RFC 3339 in UTC with milliseconds: the one form of time in records and entries. */
export const time = (at: Date): string => at.toISOString()

/** `minutes` after `at`. */
export const minutesAfter = (at: Date, minutes: number): Date => new Date(at.getTime() + minutes * 60_000)
