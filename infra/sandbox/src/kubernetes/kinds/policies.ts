import type { KubeObject, Role, RoleBinding } from '../objects.js'
import { isObject, missing, resource } from '../resource.js'
import type { Cause } from '../status.js'

const bound = { group: 'rbac.authorization.k8s.io', version: 'v1', shortNames: [] }

const isTexts = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === 'string')
const roleFaults = ({ rules = [] }: Role): Cause[] =>
  (Array.isArray(rules) ? (rules as unknown[]) : [rules]).flatMap((rule, at): Cause[] => {
    if (!isObject(rule) || !isTexts(rule.verbs)) return [missing(`rules[${at}].verbs`, 'must be a list of verbs')]
    const lists = [rule.apiGroups, rule.resources, rule.resourceNames].filter((list) => list !== undefined)
    return lists.every(isTexts) ? [] : [missing(`rules[${at}]`, 'its parts are lists of texts')]
  })
const bindingFaults = ({ roleRef, subjects = [] }: RoleBinding): Cause[] => [
  ...(isObject(roleRef) && roleRef.name && roleRef.kind ? [] : [missing('roleRef')]),
  ...(Array.isArray(subjects) && subjects.every(isObject) ? [] : [missing('subjects', 'must be a list of subjects')]),
]
const roleColumn = { name: 'Role', cell: ({ roleRef }: RoleBinding) => `${roleRef.kind}/${roleRef.name}` }

export const roles = resource<Role>({
  ...bound,
  kind: 'Role',
  description: 'Role is a namespaced, logical grouping of PolicyRules. The sandbox holds its users to them.',
  faultsOf: roleFaults,
})
export const clusterRoles = resource<Role>({
  ...bound,
  kind: 'ClusterRole',
  namespaced: false,
  description: 'ClusterRole is a cluster level, logical grouping of PolicyRules. The sandbox holds its users to them.',
  faultsOf: roleFaults,
})
export const roleBindings = resource<RoleBinding>({
  ...bound,
  kind: 'RoleBinding',
  description: 'RoleBinding references a role, but does not contain it.',
  columns: [roleColumn],
  faultsOf: bindingFaults,
})
export const clusterRoleBindings = resource<RoleBinding>({
  ...bound,
  kind: 'ClusterRoleBinding',
  namespaced: false,
  description: 'ClusterRoleBinding references a ClusterRole, but does not contain it.',
  columns: [roleColumn],
  faultsOf: bindingFaults,
})

/** Kept, and enforced by nobody: there is no network here. */
export const networkPolicies = resource<KubeObject>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  shortNames: ['netpol'],
  description: 'NetworkPolicy describes what network traffic is allowed. Kept, not enforced: there is no network here.',
  columns: [
    {
      name: 'Pod-Selector',
      cell: ({ spec }) => {
        const labels =
          (spec as { podSelector?: { matchLabels?: Record<string, string> } }).podSelector?.matchLabels ?? {}
        return (
          Object.entries(labels)
            .map(([key, value]) => `${key}=${value}`)
            .join(',') || '<none>'
        )
      },
    },
  ],
  defaults: (object) => {
    const spec: Record<string, unknown> = isObject(object.spec) ? object.spec : {}
    const policyTypes = spec.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress']
    return { ...object, spec: { podSelector: {}, policyTypes, ...spec } }
  },
})

const admission = { group: 'admissionregistration.k8s.io', version: 'v1', shortNames: [], namespaced: false }

/** Kept, and not evaluated: that would need a whole CEL. */
export const admissionPolicies = resource<KubeObject>({
  ...admission,
  kind: 'ValidatingAdmissionPolicy',
  description: 'ValidatingAdmissionPolicy describes an admission validation policy. Kept, not evaluated.',
  subresources: ['status'],
  columns: [
    {
      name: 'Validations',
      cell: ({ spec }) => (spec as { validations?: unknown[] } | undefined)?.validations?.length ?? 0,
    },
    {
      name: 'ParamKind',
      cell: ({ spec }) => (spec as { paramKind?: { kind?: string } } | undefined)?.paramKind?.kind ?? '<unset>',
    },
  ],
  faultsOf: ({ spec }) => (isObject(spec) && isObject(spec.matchConstraints) ? [] : [missing('spec.matchConstraints')]),
})
export const admissionPolicyBindings = resource<KubeObject>({
  ...admission,
  kind: 'ValidatingAdmissionPolicyBinding',
  description: 'ValidatingAdmissionPolicyBinding binds a ValidatingAdmissionPolicy to parameters. Kept, not evaluated.',
  columns: [
    { name: 'PolicyName', cell: ({ spec }) => (spec as { policyName?: string } | undefined)?.policyName ?? '' },
  ],
  faultsOf: ({ spec }) => (isObject(spec) && spec.policyName ? [] : [missing('spec.policyName')]),
})
