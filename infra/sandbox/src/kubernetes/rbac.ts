import type { User } from './identity.js'
import type { Role, RoleBinding } from './objects.js'
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from './resources.js'
import type { Store } from './store.js'

/** What somebody wants to do. `resource` is written as in a Role: `deployments/scale` is not `deployments`. */
export interface Wish {
  verb: string
  group: string
  resource: string
  /** Empty: everywhere. */
  namespace: string
  /** Empty: no one in particular. */
  name: string
}

export type Rule = NonNullable<Role['rules']>[number]

/** The rules that hold for a user in a namespace: of cluster-wide bindings, and of those of the namespace. */
export function rulesOf(store: Store, user: User, namespace: string): Rule[] {
  const everywhere = store.list(clusterRoleBindings).filter((binding) => binds(binding, user))
  const here = namespace === '' ? [] : store.list(roleBindings, namespace).filter((binding) => binds(binding, user))
  return [...everywhere, ...here].flatMap(({ roleRef: { kind, name } }) => {
    const role = kind === 'ClusterRole' ? store.get(clusterRoles, '', name) : store.get(roles, namespace, name)
    return role?.rules ?? []
  })
}

/** May this user do this? What no Role allows is forbidden. */
export const may = (store: Store, user: User, wish: Wish): boolean =>
  rulesOf(store, user, wish.namespace).some((rule) => allows(rule, wish))

const binds = ({ subjects = [] }: RoleBinding, user: User): boolean =>
  subjects.some(
    ({ kind, name, namespace }) =>
      (kind === 'User' && name === user) ||
      // The tokens of Firebreak's two users are those of its accounts.
      (kind === 'ServiceAccount' && namespace === 'firebreak' && name === user) ||
      (kind === 'Group' && name === 'system:authenticated'),
  )

function allows({ verbs = [], apiGroups = [], resources = [], resourceNames = [] }: Rule, wish: Wish): boolean {
  const among = (list: readonly string[], one: string) => list.includes('*') || list.includes(one)
  const [, subresource] = wish.resource.split('/')
  return (
    among(verbs, wish.verb) &&
    among(apiGroups, wish.group) &&
    (among(resources, wish.resource) || (subresource !== undefined && resources.includes(`*/${subresource}`))) &&
    (resourceNames.length === 0 || resourceNames.includes(wish.name))
  )
}
