import {
  entry,
  grantsOf,
  KEEPER,
  plain,
  processActor,
  Refused,
  time,
  type World,
  type WriteBooks,
} from '@firebreak/flow'
import type { FastifyRequest } from 'fastify'
import { cast } from './cast.js'
import { newSecret, sha256, type Caller, type Proof } from './callers.js'
import type { Identity } from './provider.js'

export const SESSION_HOURS = 12

/** The request in which somebody signs in or out. */
type From = Pick<FastifyRequest, 'id' | 'ip'>

/** Somebody who is signed in now, and the value of their cookie. */
interface Opened {
  secret: string
  caller: Caller
}

/** Signing in and out. The record knows a session by the hash of its cookie alone. */
export class Sessions {
  constructor(
    private readonly world: World,
    /** Whom the provider calls this becomes the first administrator. */
    private readonly firstAdmin?: string,
  ) {}

  /** Opens a session for one of the sandbox's people, no questions asked. */
  async openSeeded(personId: string, from: From): Promise<Opened> {
    if (!cast.some(({ id, kind }) => id === personId && kind === 'person'))
      throw new Refused('not-found', `There is no seeded person ${personId}. GET /v1/people/seeded lists them.`)
    return this.world.ledger.write(async (books) => {
      await books.lock({ stream: [`person:${personId}`] })
      return this.open(books, personId, 'seeded', from)
    })
  }

  /** Opens one for whom the identity provider vouches. Whoever comes for the first time is added, without a role. */
  async openKnown({ issuer, subject, name }: Identity, from: From): Promise<Opened> {
    const me = processActor('api')
    return this.world.ledger.write(async (books) => {
      // Two first sign-ins at once make one person, and two first administrators one.
      await books.lock({ key: [`identity ${issuer} ${subject}`, ...(subject === this.firstAdmin ? [KEEPER] : [])] })
      const [known] = await books.people.where({ issuer, subject })
      const id = known?.id ?? this.world.newId('per')
      const stream = `person:${id}`
      await books.lock({ stream: [stream] })
      if (known?.kind === 'service')
        throw new Refused(
          'not-signed-in',
          `${known.name} is a service: it brings a token or a key, and has no session.`,
        )
      if (!known) {
        const called = plain(name).slice(0, 200)
        await books.people.add({ id, kind: 'person', name: called, issuer, subject })
        const detail = { person_id: id, name: called, kind: 'person' }
        books.audit.append(entry(me, stream, 'person.added', stream, { outcome: 'ok', detail }))
      }
      if (
        subject === this.firstAdmin &&
        (await books.roleGrants.where({ role: KEEPER, revoked_at: null })).length === 0
      ) {
        const grant = {
          id: this.world.newId('rol'),
          person_id: id,
          role: KEEPER,
          since: time(this.world.now()),
        } as const
        await books.roleGrants.add(grant)
        const detail = { person_id: id, role: KEEPER, since: grant.since }
        books.audit.append(entry(me, stream, 'role.granted', `role_grant:${grant.id}`, { outcome: 'ok', detail }))
      }
      return this.open(books, id, 'oidc', from)
    })
  }

  /** Ends the session; one that is not there has ended. */
  async close({ hash }: Extract<Proof, { kind: 'session' }>, { id: requestId, ip }: From): Promise<void> {
    const session = await this.world.ledger.read((books) => books.sessions.get(hash))
    if (!session) return
    await this.world.ledger.write(async (books) => {
      const stream = `person:${session.person_id}`
      await books.lock({ stream: [stream] })
      if (!(await books.sessions.get(hash))) return
      await books.sessions.remove(hash)
      const actor = {
        kind: 'person' as const,
        id: session.person_id,
        auth: 'session',
        roles: [],
        request_id: requestId,
        ip,
      }
      books.audit.append(
        entry(actor, stream, 'session.closed', `session:${hash}`, {
          outcome: 'ok',
          detail: { session_id: hash, person_id: session.person_id, cause: 'sign-out' },
        }),
      )
    })
  }

  /** The person's stream is locked. */
  private async open(books: WriteBooks, personId: string, method: string, from: From): Promise<Opened> {
    const person = await books.people.get(personId)
    if (!person) throw new Refused('not-found', `${personId} is not in the record.`)
    const secret = newSecret()
    const id = sha256(secret)
    const now = this.world.now()
    const expires_at = time(new Date(now.getTime() + SESSION_HOURS * 60 * 60_000))
    const roles = (await grantsOf(books, personId)).map(({ role }) => role)
    const { kind, name } = person
    const caller: Caller = { id: personId, kind, name, auth: 'session', roles, request_id: from.id, ip: from.ip }
    await books.sessions.add({ id, person_id: personId, created_at: time(now), expires_at })
    books.audit.append(
      entry(caller, `person:${personId}`, 'session.opened', `session:${id}`, {
        outcome: 'ok',
        detail: { session_id: id, person_id: personId, method, until: expires_at },
      }),
    )
    return { secret, caller }
  }
}
