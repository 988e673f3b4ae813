import { Together, type Actor, type ApiKey } from '@firebreak/flow'
import type { Role } from '@firebreak/kit'
import type { FastifyRequest } from 'fastify'
import { hash, randomBytes } from 'node:crypto'
import type { DataSource } from 'typeorm'
import { endOfRound } from '../http/round.js'
import { select } from '../http/select.js'
import type { Provider } from './provider.js'

/** Who is asking, with the name that screens show. */
export interface Caller extends Actor {
  kind: 'person' | 'service'
  name: string
  /** The key that they ask with, where it is one. */
  key?: Pick<ApiKey, 'id' | 'scopes' | 'expires_at'>
}

/** What a request brings to prove who sends it. A secret of ours goes no further than this: `hash` is its SHA-256. */
export type Proof =
  { kind: 'api-key'; hash: string } | { kind: 'session'; hash: string } | { kind: 'jwt'; token: string }

export const SESSION_COOKIE = 'fb_session'
/** A key's `last_used` is true within this time; so a busy tool costs one write a minute. */
const USED_EVERY_MS = 60_000

export const sha256 = (secret: string): string => hash('sha256', secret)
/** 256 bits; so much that a plain hash of it may be stored and looked up. */
export const newSecret = (prefix = ''): string => prefix + randomBytes(32).toString('base64url')

const KEY = /^Bearer (fbk_[\w-]{43})$/
/** A token of the identity provider. */
const JWT = /^Bearer ([\w-]{10,2000}\.[\w-]{2,6000}\.[\w-]{0,2000})$/
const SESSION = /^[\w-]{43}$/

const PERSON = `p.id, p.kind, p.name, array(select role from flow.role_grant g where g.person_id = p.id and g.revoked_at is null order by role) as roles`

type Row = Pick<Caller, 'id' | 'kind' | 'name'> & { roles: Role[] }
type KeyRow = Row & Pick<ApiKey, 'hash' | 'scopes' | 'expires_at' | 'last_used'> & { key_id: string }
type SessionRow = Row & { hash: string }

/** Keys and sessions that one statement asks for. */
const ASKED_AT_ONCE = 64

/**
 * Finds out who sends a request. Asks the record each time: a role taken away is gone with the next request. Requests that
 * come at once are asked for together: a look-up by key costs the message more than the search.
 */
export class Callers {
  private readonly keys = this.together((hashes) => this.keyRows(hashes))
  private readonly sessions = this.together((hashes) => this.sessionRows(hashes))

  constructor(
    private readonly source: DataSource,
    private readonly now: () => Date,
    private readonly provider: Provider | undefined,
  ) {}

  /** What the request brings; a key goes before a cookie. Undefined when it is nothing, or has no form that ours have. */
  proofIn({ headers, cookies }: Pick<FastifyRequest, 'headers' | 'cookies'>): Proof | undefined {
    if (headers.authorization !== undefined) {
      const token = JWT.exec(headers.authorization)?.[1]
      if (token !== undefined) return { kind: 'jwt', token }
      const key = KEY.exec(headers.authorization)?.[1]
      return { kind: 'api-key', hash: key ? sha256(key) : '' }
    }
    const cookie = cookies[SESSION_COOKIE]
    return cookie !== undefined && SESSION.test(cookie) ? { kind: 'session', hash: sha256(cookie) } : undefined
  }

  /** Whom the proof stands for; undefined when it is not known or its time is over. */
  async of(proof: Proof, request_id: string, ip: string): Promise<Caller | undefined> {
    const caller = await this.whom(proof)
    return caller && { ...caller, auth: proof.kind, request_id, ip }
  }

  private whom(proof: Proof): Promise<(Row & Pick<Caller, 'key'>) | undefined> {
    if (proof.kind === 'jwt') return this.ofToken(proof.token)
    return proof.kind === 'api-key' ? this.ofKey(proof.hash) : this.ofSession(proof.hash)
  }

  /** A token says who, and never what they may: roles stand in the record alone. */
  private async ofToken(token: string): Promise<Row | undefined> {
    const subject = await this.provider?.subjectOf(token)
    if (subject === undefined) return undefined
    const [row] = await select<Row>(
      this.source,
      `select ${PERSON} from flow.person p where p.issuer = $1 and p.subject = $2`,
      [this.provider?.issuer, subject],
    )
    return row
  }

  private async ofSession(sent: string): Promise<Row | undefined> {
    const row = await this.sessions.do(sent)
    return row && personOf(row)
  }

  private sessionRows(hashes: string[]): Promise<SessionRow[]> {
    return select<SessionRow>(
      this.source,
      `select ${PERSON}, s.id as hash from flow.session s join flow.person p on p.id = s.person_id
       where s.id = any($1) and s.expires_at > $2`,
      [hashes, this.now()],
    )
  }

  private keyRows(hashes: string[]): Promise<KeyRow[]> {
    return select<KeyRow>(
      this.source,
      `select ${PERSON}, k.id as key_id, k.hash, k.scopes, k.expires_at, k.last_used
       from flow.api_key k join flow.person p on p.id = k.person_id
       where k.hash = any($1) and k.revoked_at is null and (k.expires_at is null or k.expires_at > $2)`,
      [hashes, this.now()],
    )
  }

  /** What is asked for while a statement is under way goes out with the next: nobody gets an answer of before they asked. */
  private together<Found extends { hash: string }>(find: (hashes: string[]) => Promise<Found[]>) {
    return new Together<string, Found | undefined>(
      async (hashes) => {
        const rows = new Map((await find([...new Set(hashes)])).map((row) => [row.hash, row]))
        return hashes.map((hash) => rows.get(hash))
      },
      (taken) => taken.length < ASKED_AT_ONCE,
      endOfRound,
    )
  }

  private async ofKey(sent: string): Promise<(Row & Pick<Caller, 'key'>) | undefined> {
    const now = this.now()
    const row = await this.keys.do(sent)
    if (!row) return undefined
    const { key_id, scopes, expires_at, last_used } = row
    const stale = new Date(now.getTime() - USED_EVERY_MS)
    if (last_used === null || new Date(last_used) <= stale)
      await this.source.query(
        'update flow.api_key set last_used = $2 where id = $1 and (last_used is null or last_used <= $3)',
        [key_id, now, stale],
      )
    return { ...personOf(row), key: { id: key_id, scopes, expires_at } }
  }
}

const personOf = ({ id, kind, name, roles }: Row): Row => ({ id, kind, name, roles })
