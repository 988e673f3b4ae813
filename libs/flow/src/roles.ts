import type { Role, Tier } from '@firebreak/kit'
import type { Actor } from './actor.js'
import { entry, plain } from './audit.js'
import type { Books, WriteBooks } from './ledger.js'
import { Refused, type RefusalCode } from './refused.js'
import type { Person, RoleGrant } from './rows.js'
import { time, type World } from './world.js'

/** Whoever gives and takes roles. There is always one: the database holds it, too. */
export const KEEPER = 'admin' satisfies Role

/** What somebody may be: a service is a service alone, and no person is one. */
export type PersonsRole = Exclude<Role, 'service'>

interface No {
  code: RefusalCode
  reason: string
  who?: string[]
}

/** A plan that wants somebody else's yes wants it from a role that was not given for this very plan. */
const YOUNGEST_ROLE_HOURS = 24
/** For how many hours a role must have been held before it is used to approve a plan of this tier. */
export const roleHours = (tier: Tier): number => (tier === 'T2' || tier === 'T3' ? YOUNGEST_ROLE_HOURS : 0)

/** When a grant is old enough to approve plans of this tier. The same as `flow.may_approve` in the database. */
export const votesFrom = ({ since }: Pick<RoleGrant, 'since'>, tier: Tier): Date =>
  new Date(new Date(since).getTime() + roleHours(tier) * 60 * 60_000)

/** The roles that somebody has now. A grant that was taken back stays in the record, and gives nothing. */
export const grantsOf = (books: Books, personId: string): Promise<RoleGrant[]> =>
  books.roleGrants.where({ person_id: personId, revoked_at: null })

/** Why this person gives that one no role, or undefined when they may. Asked by screens, too. */
export function whyNotGrant(person: Pick<Person, 'id' | 'kind' | 'name'>, by: Pick<Actor, 'id'>): No | undefined {
  if (person.id === by.id)
    return { code: 'own-plan', reason: 'Nobody gives themselves a role: another administrator does.', who: [KEEPER] }
  if (person.kind === 'service')
    return { code: 'out-of-range', reason: `${person.name} is a service, and has the role of services alone.` }
  return undefined
}

/** Why this role cannot be taken back, or undefined when it can. `keepers`: how many administrators there are. */
export function whyNotRevoke(role: Role, keepers: number): No | undefined {
  if (role === KEEPER && keepers <= 1)
    return { code: 'out-of-range', reason: 'There would be no administrator left: make another one first.' }
  return undefined
}

/** Who is what: roles are given and taken back by administrators, and services are added by them. */
export class Roles {
  constructor(private readonly world: World) {}

  /** Gives somebody a role. What they have is not given again, and stays as old as it is. */
  async grant(by: Actor, personId: string, role: PersonsRole, reason: string): Promise<void> {
    await this.world.ledger.write(async (books) => {
      const person = await this.person(books, by, personId)
      const no = whyNotGrant(person, by)
      if (no) throw new Refused(no.code, no.reason)
      await refuseFormerKeeper(books, by)
      if ((await grantsOf(books, personId)).some((grant) => grant.role === role)) return
      await this.add(books, by, personId, role, reason)
    })
  }

  /** Takes a role back: the next request of whoever had it goes without. Twice is once. */
  async revoke(by: Actor, personId: string, role: Role, reason: string): Promise<void> {
    await this.world.ledger.write(async (books) => {
      await this.person(books, by, personId)
      await refuseFormerKeeper(books, by)
      const grant = (await grantsOf(books, personId)).find((grant) => grant.role === role)
      if (!grant) return
      const keepers = await books.roleGrants.where({ role: KEEPER, revoked_at: null })
      const no = whyNotRevoke(role, keepers.length)
      if (no) throw new Refused(no.code, no.reason)
      await books.roleGrants.change(grant.id, { revoked_at: time(this.world.now()), revoked_by: by.id })
      const detail = { person_id: personId, role, since: grant.since }
      books.audit.append(
        entry(by, `person:${personId}`, 'role.revoked', `role_grant:${grant.id}`, { outcome: 'ok', reason, detail }),
      )
    })
  }

  /** Adds a service: a tool that sends alerts, or asks what is frozen. People add themselves by signing in. */
  async addService(by: Actor, wish: { name: string; identity?: { issuer: string; subject: string } | undefined }) {
    const id = this.world.newId('svc')
    const name = plain(wish.name)
    const { issuer, subject } = wish.identity ?? { issuer: null, subject: null }
    await this.world.ledger.write(async (books) => {
      if (issuer !== null) await books.lock({ key: [`identity ${issuer} ${subject}`] })
      const stream = `person:${id}`
      await books.lock({ stream: [stream, `person:${by.id}`] })
      await refuseFormerKeeper(books, by)
      const [known] = issuer === null ? [] : await books.people.where({ issuer, subject })
      if (known) throw new Refused('already-decided', `The provider's ${subject} is ${known.name} here already.`)
      await books.people.add({ id, kind: 'service', name, issuer, subject })
      const detail = { person_id: id, name, kind: 'service' }
      books.audit.append(entry(by, stream, 'person.added', stream, { outcome: 'ok', detail }))
      await this.add(books, by, id, 'service', '')
    })
    return id
  }

  /** Whom it is about, with everything locked that a role can depend on. */
  private async person(books: WriteBooks, by: Actor, personId: string): Promise<Person> {
    // Two administrators who take each other's role back do it one after the other, and the second is refused.
    await books.lock({ key: [KEEPER], stream: [`person:${personId}`, `person:${by.id}`] })
    const person = await books.people.get(personId)
    if (!person) throw new Refused('not-found', `There is nobody called ${personId.slice(0, 100)}.`)
    return person
  }

  private async add(books: WriteBooks, by: Actor, person_id: string, role: Role, reason: string): Promise<void> {
    const since = time(this.world.now())
    const grant = { id: this.world.newId('rol'), person_id, role, since, by: by.id, revoked_at: null, revoked_by: null }
    await books.roleGrants.add(grant)
    books.audit.append(
      entry(by, `person:${person_id}`, 'role.granted', `role_grant:${grant.id}`, {
        outcome: 'ok',
        ...(reason ? { reason } : {}),
        detail: { person_id, role, since },
      }),
    )
  }
}

/** The door asked for the role; by now it may have been taken back. */
async function refuseFormerKeeper(books: Books, by: Actor): Promise<void> {
  if ((await grantsOf(books, by.id)).some(({ role }) => role === KEEPER)) return
  throw new Refused('not-your-role', 'You were an administrator when you asked, and are none any more.')
}
