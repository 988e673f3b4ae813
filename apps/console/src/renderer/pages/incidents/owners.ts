import type { Shape } from '@firebreak/client'
import type { Role } from '../../api/view.js'

/** Roles that may acknowledge: an owner has one of them. The API says so, too. */
const responders: readonly Role[] = ['sre', 'ml', 'security']

export interface Candidate {
  id: string
  name: string
  roles: Role[]
  /** Who has it now. */
  has: boolean
  /** What they are looked for by, in small letters. */
  says: string
}

/** Whom an incident can be given to: oneself first, whoever has it last, the others by their names. */
export function ownersOf(people: readonly Shape<'Person'>[], me: string, owner: string | null): Candidate[] {
  const rank = ({ id }: { id: string }) => (id === owner ? 2 : id === me ? 0 : 1)
  return people
    .filter(({ kind }) => kind === 'person')
    .map(({ id, name, roles }) => {
      const own = roles.map(({ role }) => role).filter((role) => responders.includes(role))
      return { id, name, roles: own, has: id === owner, says: `${name} ${id} ${own.join(' ')}`.toLowerCase() }
    })
    .filter(({ roles }) => roles.length > 0)
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
}
