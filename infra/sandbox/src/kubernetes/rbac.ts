import type { Resource } from './resources.js'

/** Who can sign in. The first two are Firebreak's; the third is a person at a terminal. */
export const users = ['firebreak-reader', 'firebreak-hands', 'operator'] as const
export type User = (typeof users)[number]

const looking = ['get', 'list', 'watch']

/** May this user do this? `resource` is written as in a Role: `deployments/scale` is not `deployments`. */
export function may(user: User, verb: string, resource: Resource, subresource: string): boolean {
  if (looking.includes(verb)) return true
  if (user === 'firebreak-reader') return false
  if (user === 'operator') return true
  const name = subresource ? `${resource.plural}/${subresource}` : resource.plural
  return ['patch', 'update'].includes(verb) && ['deployments/scale', 'horizontalpodautoscalers'].includes(name)
}
