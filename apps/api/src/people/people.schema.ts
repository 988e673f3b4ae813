import { roles } from '@firebreak/kit'
import { z } from 'zod'

export const Me = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(['person', 'service']),
    roles: z.array(z.enum(roles)),
    /** `sandbox` shows a sign-in of seeded people; it does not exist in production. */
    mode: z.enum(['sandbox', 'production']),
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
