import { deployments, replicaSets } from './kinds/apps.js'
import { autoscalers } from './kinds/autoscaling.js'
import { cronJobs, jobs } from './kinds/batch.js'
import {
  configMaps,
  endpoints,
  events,
  namespaces,
  pods,
  resourceQuotas,
  secrets,
  serviceAccounts,
  services,
} from './kinds/core.js'
import {
  admissionPolicies,
  admissionPolicyBindings,
  clusterRoleBindings,
  clusterRoles,
  networkPolicies,
  roleBindings,
  roles,
} from './kinds/policies.js'
import type { Resource } from './resource.js'

export * from './kinds/apps.js'
export * from './kinds/autoscaling.js'
export * from './kinds/batch.js'
export * from './kinds/core.js'
export * from './kinds/policies.js'
export type { Resource } from './resource.js'

/** Everything that the sandbox's API keeps. */
export const resources: readonly Resource[] = [
  namespaces,
  pods,
  services,
  endpoints,
  configMaps,
  secrets,
  resourceQuotas,
  serviceAccounts,
  events,
  deployments,
  replicaSets,
  autoscalers,
  jobs,
  cronJobs,
  networkPolicies,
  roles,
  roleBindings,
  clusterRoles,
  clusterRoleBindings,
  admissionPolicies,
  admissionPolicyBindings,
]

export const find = (group: string, version: string, plural: string): Resource | undefined =>
  resources.find((found) => found.group === group && found.version === version && found.plural === plural)
