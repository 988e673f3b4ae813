import { z } from 'zod'

/*
 * Each message completes the sentence `found "fast", expected …`; each description is what an editor shows.
 */

export const text = (expected: string, most = 200) => z.string(expected).min(1, expected).max(most, expected)
export const named = (pattern: RegExp, expected: string) => z.string(expected).regex(pattern, expected)
export const whole = (of: string, least: number, most: number) => {
  const expected = `a whole number of ${of} from ${least} to ${most}`
  return z.int(expected).min(least, expected).max(most, expected)
}
export const oneOf = <const Names extends readonly string[]>(names: Names) =>
  z.enum(names, `one of ${names.join(', ')}`)

/** DNS labels, as Kubernetes names namespaces; our own names follow the same rule. */
const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const WORKLOAD = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\/[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

export const name = named(NAME, 'a name of lower-case letters, digits and -, at most 63')
/** `namespace/name`, as Kubernetes names a Deployment. */
export const workload = named(WORKLOAD, 'namespace/name of a Deployment').transform(
  (ref) => ref as `${string}/${string}`,
)
export const query = text('a PromQL query that selects one series', 2_000)
