import type { Fault } from '@firebreak/flow'
import type { z } from 'zod'

/** A payload can be wrong in a million places; the sender needs a few of them. */
const MOST = 20

/**
 * Where and why a payload was refused, as JSON pointers (RFC 6901). Values from the payload are not repeated, nor are
 * keys that could not be names: the answer and the ledger must be able to hold this.
 */
export function faultsOf(error: z.ZodError): Fault[] {
  const faults = error.issues.map((issue) =>
    issue.code === 'invalid_key'
      ? { pointer: pointer(issue.path.slice(0, -1)), message: issue.issues[0]!.message }
      : { pointer: pointer(issue.path), message: issue.message },
  )
  const left = faults.length - MOST
  return left > 0 ? [...faults.slice(0, MOST), { pointer: '', message: `and ${left} more` }] : faults
}

const pointer = (path: readonly PropertyKey[]) =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** Words for what Zod expects, where the schema has none of its own: `expected text, found a number`. */
export function words({ expected, input }: { expected?: unknown; input?: unknown }): string | undefined {
  const wanted = typeof expected === 'string' ? kinds[expected] : undefined
  return wanted && `expected ${wanted}, found ${kindOf(input)}`
}

const kinds: Partial<Record<string, string>> = {
  array: 'a list',
  number: 'a number',
  int: 'a whole number',
  nonoptional: 'a value',
  object: 'an object',
  record: 'an object',
  string: 'text',
}

function kindOf(input: unknown): string {
  if (input === undefined) return 'nothing'
  if (input === null) return 'null'
  if (Array.isArray(input)) return 'a list'
  return { string: 'text', number: 'a number', boolean: 'a boolean' }[typeof input as string] ?? 'an object'
}
