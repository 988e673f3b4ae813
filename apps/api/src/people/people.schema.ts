import { roles } from '@firebreak/kit'
import { z } from 'zod'
import { at, may, page, paging, who } from '../http/view.js'

export const Me = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(['person', 'service']),
    roles: z.array(z.enum(roles)),
    /** `sandbox` shows a sign-in of seeded people; it does not exist in production. */
    mode: z.enum(['sandbox', 'production']),
    /** Each right by name, and whether it is yours: for what is not done to a thing that is there, as declaring a freeze. */
    may: z.record(z.string(), may),
  })
  .meta({ id: 'Me' })

export const SeededPeople = z
  .object({
    people: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        kind: z.enum(['person', 'service']),
        roles: z.array(z.enum(roles)),
      }),
    ),
  })
  .meta({ id: 'SeededPeople' })

export const SeededSignIn = z.strictObject({ person: z.string().min(1).max(100) })

export const SomeRole = z.enum(roles)

export const PersonView = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(['person', 'service']),
    roles: z.array(
      z.object({
        role: SomeRole,
        since: at,
        /** Who gave it; null where the house itself did: the first administrator, and the sandbox's people. */
        by: who.nullable(),
        may: z.object({ revoke: may }),
      }),
    ),
    /** `make_key`: an API key for them. */
    may: z.object({ grant: may, make_key: may }),
  })
  .meta({ id: 'Person' })
export const PersonPage = page(PersonView, 'PersonPage')
export const PeopleQuery = z.strictObject({ role: SomeRole.optional(), ...paging })

export const GrantRole = z.strictObject({
  /** A service is a service alone, and nobody becomes one. */
  role: SomeRole.exclude(['service']),
  reason: z.string().trim().min(1).max(2000),
})
export const RevokeRole = z.strictObject({ reason: z.string().trim().min(1).max(2000) })

export const NewService = z.strictObject({
  name: z.string().trim().min(1).max(200),
  /** What the identity provider calls it, where it brings tokens of it; a service without one is made an API key. */
  subject: z.string().min(1).max(200).optional(),
})
