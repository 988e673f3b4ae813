import { resources, type Resource } from './resources.js'

const groups = [...new Set(resources.map(({ group }) => group).filter((group) => group !== ''))]
const of = (group: string) => resources.filter((resource) => resource.group === group)

function groupOf(name: string) {
  const version = { groupVersion: `${name}/${of(name)[0]!.version}`, version: of(name)[0]!.version }
  return { name, versions: [version], preferredVersion: version }
}

function described(resource: Resource) {
  const { plural: name, singular: singularName, namespaced, kind, shortNames, writes, scale, columns } = resource
  const shown = namespaced && columns ? { categories: ['all'] } : {}
  const own = { ...shown, name, singularName, namespaced, kind, shortNames, verbs: ['get', 'list', 'watch', ...writes] }
  const scaled = { group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] }
  return scale ? [own, { ...scaled, name: `${name}/scale`, singularName: '', namespaced }] : [own]
}

const listed = (group: string, groupVersion: string) => ({
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion,
  resources: of(group).flatMap(described),
})

/** The paths by which a client learns what there is; `undefined` for every other path. */
export function discovery(path: string): object | undefined {
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupOf) }
  if (path === '/api/v1') return listed('', 'v1')
  if (path === '/version') return version
  const [, root, name, wanted, ...rest] = path.split('/')
  if (root !== 'apis' || name === undefined || !groups.includes(name) || rest.length > 0) return undefined
  if (wanted === undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(name) }
  return wanted === of(name)[0]!.version ? listed(name, `${name}/${wanted}`) : undefined
}

/** A version that clients can compare and people cannot take for a real one. */
const version = {
  major: '1',
  minor: '32',
  gitVersion: 'v1.32.0+firebreak.sandbox.simulator',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: 'simulator',
}
