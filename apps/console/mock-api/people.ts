import { cast } from './cast.js'
import type { Noun } from './noun.js'
import { byRole } from './refuse.js'

/** Since when everybody is what they are: long enough to vote. */
const SINCE = '2026-01-05T09:00:00.000Z'

export const people: Noun = {
  routes: () => ({
    'GET /v1/people': ({ query, me }) => {
      const may = byRole('person.grant', ['admin'], me.roles)
      return {
        items: cast
          .filter(({ roles }) => query.get('role') === null || roles.some((role) => role === query.get('role')))
          .map(({ id, name, kind, roles }) => ({
            ...{ id, name, kind },
            roles: roles.map((role) => ({ role, since: SINCE, by: null, may: { revoke: may } })),
            may: { grant: may, make_key: may },
          })),
        next: null,
      }
    },
  }),
}
