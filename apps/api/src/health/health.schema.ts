import { z } from 'zod'

export const Dependency = z
  .object({
    name: z.enum(['postgres', 'redis', 'log', 'worker', 'sequencer', 'notary', 'observers']),
    ok: z.boolean(),
    /** Milliseconds since it was last known to be well; null: never. */
    age_ms: z.int().nullable(),
    says: z.string(),
  })
  .meta({ id: 'Dependency' })

export const Health = z
  .object({
    live: z.literal(true),
    /** Alerts and decisions can be recorded. The others delay work and lose none. */
    ready: z.boolean(),
    mode: z.enum(['sandbox', 'production']),
    dependencies: z.array(Dependency),
  })
  .meta({ id: 'Health' })
