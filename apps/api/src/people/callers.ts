import type { Actor } from '@firebreak/flow'
import type { Role } from '@firebreak/kit'
import type { FastifyRequest } from 'fastify'
import { createHash, randomBytes } from 'node:crypto'
import type { DataSource } from 'typeorm'
import { select } from '../http/select.js'

/** Who is asking, with the name that screens show. */
export interface Caller extends Actor {
  kind: 'person' | 'service'
  name: string
}

/** What a request brings to prove who sends it. The secret itself goes no further than this: `hash` is its SHA-256. */
export interface Proof {
  kind: 'api-key' | 'session'
  hash: string
}

export const SESSION_COOKIE = 'fb_session'

export const sha256 = (secret: string): string => createHash('sha256').update(secret).digest('hex')
/** 256 bits; so much that a plain hash of it may be stored and looked up. */
export const newSecret = (prefix = ''): string => prefix + randomBytes(32).toString('base64url')

const KEY = /^Bearer (fbk_[\w-]{43})$/
const SESSION = /^[\w-]{43}$/

/** Finds out who sends a request. Asks the record each time: a role taken away is gone with the next request. */
export class Callers {
  constructor(
    private readonly source: DataSource,
    private readonly now: () => Date,
  ) {}

  /** What the request brings; a key goes before a cookie. Undefined when it is nothing, or has no form that ours have. */
  proofIn({ headers, cookies }: Pick<FastifyRequest, 'headers' | 'cookies'>): Proof | undefined {
    if (headers.authorization !== undefined) {
      const key = KEY.exec(headers.authorization)?.[1]
      return { kind: 'api-key', hash: key ? sha256(key) : '' }
    }
    const cookie = cookies[SESSION_COOKIE]
    return cookie !== undefined && SESSION.test(cookie) ? { kind: 'session', hash: sha256(cookie) } : undefined
  }

  /** Whom the proof stands for; undefined when it is not known or its time is over. */
  async of({ kind, hash }: Proof, requestId: string, ip: string): Promise<Caller | undefined> {
    const proven = kind === 'api-key' ? 'flow.api_key t where t.hash = $1' : 'flow.session t where t.id = $1'
    const [row] = await select<{ id: string; kind: Caller['kind']; name: string; roles: Role[] }>(
      this.source,
      `select p.id, p.kind, p.name, array(select role from flow.role_grant g where g.person_id = p.id order by role) as roles
       from flow.person p
       where p.id = (select t.person_id from ${proven} and (t.expires_at is null or t.expires_at > $2))`,
      [hash, this.now()],
    )
    return row && { ...row, auth: kind, request_id: requestId, ip }
  }
}
