import { entry, Refused, time, type World } from '@firebreak/flow'
import type { FastifyRequest } from 'fastify'
import { cast } from './cast.js'
import { newSecret, sha256, type Caller, type Proof } from './callers.js'

export const SESSION_HOURS = 12

/** The request in which somebody signs in or out. */
type From = Pick<FastifyRequest, 'id' | 'ip'>

/** Signing in and out. The record knows a session by the hash of its cookie alone. */
export class Sessions {
  constructor(private readonly world: World) {}

  /** Opens a session for one of the sandbox's people, no questions asked. Answers the cookie's value. */
  async openSeeded(personId: string, { id: requestId, ip }: From): Promise<{ secret: string; caller: Caller }> {
    if (!cast.some(({ id, kind }) => id === personId && kind === 'person'))
      throw new Refused('not-found', `There is no seeded person ${personId}. GET /v1/people/seeded lists them.`)
    const secret = newSecret()
    const id = sha256(secret)
    const now = this.world.now()
    const expires_at = time(new Date(now.getTime() + SESSION_HOURS * 60 * 60_000))
    const caller = await this.world.ledger.write(async (books) => {
      const stream = `person:${personId}`
      await books.lock({ stream: [stream] })
      const person = await books.people.get(personId)
      if (!person) throw new Refused('not-found', `${personId} is not in the record.`)
      const roles = (await books.roleGrants.where({ person_id: personId })).map(({ role }) => role)
      const caller: Caller = { ...person, auth: 'session', roles, request_id: requestId, ip }
      await books.sessions.add({ id, person_id: personId, created_at: time(now), expires_at })
      books.audit.append(
        entry(caller, stream, 'session.opened', `session:${id}`, {
          outcome: 'ok',
          detail: { session_id: id, person_id: personId, method: 'seeded', until: expires_at },
        }),
      )
      return caller
    })
    return { secret, caller }
  }

  /** Ends the session; one that is not there has ended. */
  async close({ hash }: Proof, { id: requestId, ip }: From): Promise<void> {
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
}
