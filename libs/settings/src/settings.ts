import type { z } from 'zod'

/** One variable of a process's environment, as its schema knows it. */
export interface Setting {
  name: string
  meaning: string
  /** What it is when it is not set, as one would write it. */
  fallback: string | undefined
  needed: boolean
  /** `whole`: its value is never shown. `password`: an address that may hold one. */
  secret: Secret | undefined
}
export type Secret = 'whole' | 'password'

/** What each variable of a schema means. The compiler wants all of them, and none besides. */
export type Meanings<Shape> = Readonly<Record<keyof Shape, string | readonly [Secret, string]>>

/** The settings of a schema, in its order: name, default and need are its own, so that no page says otherwise. */
export function settingsOf<Shape extends z.core.$ZodShape>(
  schema: z.ZodObject<Shape>,
  meanings: Meanings<Shape>,
): readonly Setting[] {
  return Object.entries(schema.shape).map(([name, type]) => {
    const said = meanings[name as keyof Shape]
    const [secret, meaning] = typeof said === 'string' ? [undefined, said] : said
    const field = type as unknown as z.ZodType
    return { name, meaning, secret, fallback: fallbackOf(field), needed: !field.safeParse(undefined).success }
  })
}

/** As it is written, before it is resolved to a path or turned into a number. */
function fallbackOf(type: z.ZodType): string | undefined {
  const {
    defaultValue,
    in: before,
    innerType,
    type: kind,
  } = type.def as unknown as {
    type: string
    defaultValue?: unknown
    innerType?: z.ZodType
    in?: z.ZodType
  }
  if (kind === 'default') return defaultValue === '' ? undefined : String(defaultValue)
  const inner = innerType ?? before
  return inner && fallbackOf(inner)
}
