import type { User } from './identity.js'
import { may, rulesOf } from './rbac.js'
import { isObject } from './resource.js'
import { badRequest } from './status.js'
import type { Store } from './store.js'

/** Questions that are asked by creating an object, and kept by nobody. */
export const reviews = [
  { group: 'authorization.k8s.io', plural: 'selfsubjectaccessreviews', kind: 'SelfSubjectAccessReview' },
  { group: 'authorization.k8s.io', plural: 'selfsubjectrulesreviews', kind: 'SelfSubjectRulesReview' },
  { group: 'authentication.k8s.io', plural: 'selfsubjectreviews', kind: 'SelfSubjectReview' },
] as const
export type Review = (typeof reviews)[number]

export const findReview = (path: string): Review | undefined =>
  reviews.find(({ group, plural }) => path === `/apis/${group}/v1/${plural}`)

/** Answers what this user may do, or who it is. Everybody may ask about themselves. */
export function answerReview(store: Store, { group, kind }: Review, user: User, body: unknown): object {
  const spec = isObject(body) && isObject(body.spec) ? body.spec : {}
  const said = { apiVersion: `${group}/v1`, kind, metadata: { creationTimestamp: null } }
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  if (kind === 'SelfSubjectReview')
    return { ...said, status: { userInfo: { username: user, groups: ['system:authenticated'] } } }
  if (kind === 'SelfSubjectRulesReview')
    return {
      ...said,
      spec: {},
      status: { incomplete: false, nonResourceRules: [], resourceRules: rulesOf(store, user, text(spec.namespace)) },
    }
  // Paths outside of the API's resources (discovery, version) are open to everybody who is known.
  if (isObject(spec.nonResourceAttributes))
    return { ...said, spec, status: { allowed: text(spec.nonResourceAttributes.verb) === 'get' } }
  if (!isObject(spec.resourceAttributes))
    throw badRequest('spec.resourceAttributes or spec.nonResourceAttributes is required')
  const { verb, resource, subresource, namespace, name, group: of } = spec.resourceAttributes
  const whole = text(subresource) ? `${text(resource)}/${text(subresource)}` : text(resource)
  const wish = { verb: text(verb), group: text(of), resource: whole, namespace: text(namespace), name: text(name) }
  const allowed = may(store, user, wish)
  return { ...said, spec, status: allowed ? { allowed } : { allowed, reason: 'no Role of the sandbox allows it' } }
}
