import { digestOf } from '@firebreak/audit-log'
import type { Json, JsonObject } from '@firebreak/kit'
import type { Actor } from './actor.js'
import type { Plan } from './rows.js'

/** A state of a target as an entry carries it: small, and its digest. */
export interface Snapshot {
  digest: string
  summary: JsonObject
}

/** What the domain says about a change; the store adds who it is in the log (entry id, number in its stream, time). */
export interface Draft {
  stream: string
  type: string
  /** The controlled row, `kind:id`. */
  about: string
  actor: { kind: Actor['kind']; id: string; auth: string; roles: string[] }
  reason?: string
  request_id?: string
  target?: string
  recipe?: { id: string; version: number; digest: string }
  plan_digest?: string
  before?: Snapshot
  after?: Snapshot
  approvals?: { id: string; by: string; over: string }[]
  freeze?: { scopes: string[]; decision: 'allowed' | 'denied' | 'passed'; pass?: string }
  /** Values that the log only commits to, by the path where the commitment belongs. */
  personal?: { '/actor/ip'?: string }
  outcome?: 'ok' | 'failed' | 'refused' | 'unknown'
  /** Bytes in our own store that it names by their digest. */
  output?: { sha256: string; size: number; media_type: string }[]
  detail?: JsonObject
}

/** Begins a draft: who, where, what about. */
export function entry(
  actor: Actor,
  stream: string,
  type: string,
  about: string,
  rest: Omit<Draft, 'actor' | 'stream' | 'type' | 'about' | 'request_id'> = {},
): Draft {
  return {
    stream,
    type,
    about,
    actor: { kind: actor.kind, id: actor.id, auth: actor.auth, roles: [...actor.roles] },
    ...(actor.request_id === undefined ? {} : { request_id: actor.request_id }),
    ...(actor.ip === undefined ? {} : { personal: { '/actor/ip': actor.ip } }),
    ...rest,
    ...(rest.reason === undefined ? {} : { reason: plain(rest.reason) }),
    ...(rest.detail === undefined ? {} : { detail: plainly(rest.detail) as JsonObject }),
  }
}

/** Begins a draft about something that happens under a plan: it carries the recipe and the digest that were approved. */
export const planEntry = (
  actor: Actor,
  stream: string,
  type: string,
  about: string,
  plan: Plan,
  rest: Parameters<typeof entry>[4],
): Draft =>
  entry(actor, stream, type, about, {
    recipe: { id: plan.recipe_id, version: plan.recipe_version, digest: plan.recipe_digest },
    ...(plan.digest ? { plan_digest: plan.digest } : {}),
    ...rest,
  })

/** The most characters that one text of an entry has; what is longer stands whole in its row. */
const LONGEST = 2_000

/**
 * Text as an entry takes it. Much of it comes from outside, and a title with a control character must not be what keeps
 * an incident from being opened: such characters become U+FFFD, and what is too long is cut.
 */
export function plain(text: string): string {
  const clean = text.toWellFormed().replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '\ufffd')
  return clean.length <= LONGEST ? clean : `${[...clean].slice(0, LONGEST - 1).join('')}…`
}

function plainly(value: Json): Json {
  if (typeof value === 'string') return plain(value)
  if (Array.isArray(value)) return value.map(plainly)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainly(inner)]))
}

/** The digest of a JSON value (RFC 8785, SHA-256), as plans, recipes and snapshots carry it. */
export const digest = (value: JsonObject): string => digestOf(value)

/** A state of a target as evidence. */
export const snapshot = (summary: JsonObject): Snapshot => ({ digest: digest(summary), summary })
