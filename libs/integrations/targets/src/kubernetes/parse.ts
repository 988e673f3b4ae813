import { PortFailure, type WorkloadRef } from '@firebreak/kit'
import { z } from 'zod'

/*
 * The fields that we use, and no others. Counts that the API leaves out are zero by its own convention
 * (`omitempty`); an identity that is left out is no object of Kubernetes, and is refused.
 */
export const count = z.int().min(0).default(0)
export const metadata = z.object({
  name: z.string().min(1),
  namespace: z.string().min(1),
  uid: z.string().min(1),
  resourceVersion: z.string().min(1),
})
export const texts = z.record(z.string(), z.string()).default({})

/** A time as the client gives it (it makes dates of them), in wall milliseconds. */
export const time = z
  .union([z.date(), z.string()])
  .nullish()
  .transform((given) => {
    const ms = given == null ? NaN : new Date(given).getTime()
    return Number.isNaN(ms) ? null : ms
  })

export const conditions = z
  .array(
    z.object({ type: z.string(), status: z.string(), reason: z.string().default(''), message: z.string().default('') }),
  )
  .default([])

export const selector = z.object({
  matchLabels: texts,
  matchExpressions: z
    .array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).default([]) }))
    .default([]),
})

export const refOf = ({ namespace, name }: { namespace: string; name: string }): WorkloadRef => `${namespace}/${name}`

export function read<Schema extends z.ZodType>(schema: Schema, object: unknown, kind: string): z.output<Schema> {
  const found = schema.safeParse(object)
  if (found.success) return found.data
  const [issue] = found.error.issues
  throw new PortFailure('invalid', `the answer is no ${kind}: ${issue?.path.join('.')} ${issue?.message}`)
}

/** A selector as the `labelSelector` parameter of a list. One that selects everything is refused: it would be a mistake. */
export function selectorOf({ matchLabels, matchExpressions }: z.output<typeof selector>): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`)
  const other = matchExpressions.map(({ key, operator, values }) => {
    if (operator === 'In') return `${key} in (${values.join(',')})`
    if (operator === 'NotIn') return `${key} notin (${values.join(',')})`
    if (operator === 'Exists') return key
    if (operator === 'DoesNotExist') return `!${key}`
    throw new PortFailure('invalid', `the selector operator ${operator} is not known`)
  })
  const all = [...equal, ...other]
  if (all.length === 0) throw new PortFailure('invalid', 'a selector that selects every pod')
  return all.join(',')
}
