import { entry, Refused, time, type ApiKey, type Person, type RefusalCode, type World } from '@firebreak/flow'
import { insist, mayBy, type Right } from '../http/rights.js'
import { newSecret, sha256, type Caller } from './callers.js'

const DAY_MS = 24 * 60 * 60_000
/** So many letters of the secret are shown later: enough to know it again, and 208 bits stay unknown. */
const PREFIX = 'fbk_'.length + 8

export interface KeyWish {
  name: string
  /** The service that it is for; left out: whoever asks. */
  person?: string | undefined
  /** Left out: whatever its person may. */
  scopes?: Right[] | undefined
  days: number
}

/** Why this person makes no key for that one, or undefined when they do. `right`: what they need for it. Asked by screens, too. */
export function whyNotMakeKey(
  by: Pick<Caller, 'id'>,
  owner: Pick<Person, 'id' | 'kind' | 'name'>,
): { right: Right; no?: { code: RefusalCode; reason: string } } {
  if (owner.id === by.id) return { right: 'key.make' }
  if (owner.kind === 'service') return { right: 'key.manage' }
  const reason = `${owner.name} is a person, and makes their keys themselves.`
  return { right: 'key.manage', no: { code: 'not-your-role', reason } }
}

/** Keys for tools. The record knows a key by the hash of its secret alone; the secret is said once. */
export class ApiKeys {
  constructor(private readonly world: World) {}

  /** Makes a key for oneself; for a service with the right to look after keys. For another person nobody makes one. */
  async make(by: Caller, { name, person = by.id, scopes, days }: KeyWish): Promise<{ id: string; secret: string }> {
    if (person !== by.id) insist('key.manage', by)
    const now = this.world.now()
    const expires_at = time(new Date(now.getTime() + days * DAY_MS))
    if (by.key) refuseMore(by.key, scopes, expires_at)
    const secret = newSecret('fbk_')
    const id = this.world.newId('key')
    await this.world.ledger.write(async (books) => {
      const stream = `person:${person}`
      await books.lock({ stream: [stream] })
      const owner = await books.people.get(person)
      if (!owner) throw new Refused('not-found', `There is nobody called ${person}.`)
      const { no } = whyNotMakeKey(by, owner)
      if (no) throw new Refused(no.code, no.reason)
      const prefix = secret.slice(0, PREFIX)
      await books.apiKeys.add({
        ...{ id, person_id: person, hash: sha256(secret), name, prefix, scopes: scopes ?? null },
        ...{ created_at: time(now), expires_at, last_used: null, revoked_at: null },
      })
      books.audit.append(
        entry(by, stream, 'key.created', `api_key:${id}`, {
          outcome: 'ok',
          detail: { key_id: id, person_id: person, name, prefix, until: expires_at, ...(scopes ? { scopes } : {}) },
        }),
      )
    })
    return { id, secret }
  }

  /** Takes a key back, with the next request that brings it. Its own, or anybody's with the right to look after keys. */
  async revoke(by: Caller, id: string): Promise<void> {
    const key = await this.world.ledger.read((books) => books.apiKeys.get(id))
    // Whose key it is, is nobody else's business: to others it is not there.
    if (!key || (key.person_id !== by.id && !mayBy('key.manage', by).ok))
      throw new Refused('not-found', `You have no key ${id}.`)
    await this.world.ledger.write(async (books) => {
      const stream = `person:${key.person_id}`
      await books.lock({ stream: [stream] })
      const now = await books.apiKeys.get(id)
      // Taken back twice is taken back.
      if (!now || now.revoked_at !== null) return
      await books.apiKeys.change(id, { revoked_at: time(this.world.now()) })
      books.audit.append(
        entry(by, stream, 'key.revoked', `api_key:${id}`, {
          outcome: 'ok',
          detail: { key_id: id, person_id: key.person_id, name: key.name, prefix: key.prefix },
        }),
      )
    })
  }
}

/** A key makes no key that may more, or lives longer, than itself: what a leaked one can do ends with it. */
function refuseMore(mine: Pick<ApiKey, 'scopes' | 'expires_at'>, scopes: Right[] | undefined, until: string): void {
  const more = mine.scopes && (scopes ?? ['everything']).filter((scope) => !mine.scopes?.includes(scope))
  if (more && more.length > 0)
    throw new Refused('out-of-scope', `A key makes no key that may more than itself: ${more.join(', ')}.`, [
      { pointer: '/scopes', message: `expected some of ${mine.scopes?.join(', ')}` },
    ])
  if (mine.expires_at !== null && mine.expires_at < until)
    throw new Refused('out-of-range', `A key makes no key that lives longer than itself, until ${mine.expires_at}.`, [
      { pointer: '/days', message: 'expected fewer' },
    ])
}
