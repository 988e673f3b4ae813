import { z } from 'zod'

/** What a key or a variable is set to; `null`: it is not there. Values stand in the plan, so secrets have no place here. */
export const value = z.string().max(1_000).nullable()
export type Value = z.output<typeof value>

/** A value as a sentence tells it. */
export const shown = (value: Value): string => (value === null ? 'nothing' : JSON.stringify(value))

/** The value of a name among others that somebody else gave. */
export const valueOf = (all: Record<string, string>, name: string): Value =>
  Object.hasOwn(all, name) ? all[name]! : null
