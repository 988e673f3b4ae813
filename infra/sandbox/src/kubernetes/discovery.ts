import { reviews } from './reviews.js'
import { resources, type Resource } from './resources.js'

const groups = [...new Set([...resources, ...reviews].map(({ group }) => group).filter((group) => group !== ''))]
const of = (group: string) => resources.filter((resource) => resource.group === group)
const versionOf = (group: string): string => of(group)[0]?.version ?? 'v1'

function groupOf(name: string) {
  const version = { groupVersion: `${name}/${versionOf(name)}`, version: versionOf(name) }
  return { name, versions: [version], preferredVersion: version }
}

/** What else can be asked of one object, and what kind answers. */
const answering: Record<string, { kind: string; verbs: string[]; group?: string; version?: string }> = {
  status: { kind: '', verbs: ['get', 'patch', 'update'] },
  scale: { kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: ['get', 'patch', 'update'] },
  log: { kind: 'Pod', verbs: ['get'] },
  exec: { kind: 'PodExecOptions', verbs: ['create', 'get'] },
  attach: { kind: 'PodAttachOptions', verbs: ['create', 'get'] },
  portforward: { kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
}

function described(resource: Resource) {
  const { plural: name, singular: singularName, namespaced, kind, shortNames, writes, inAll, subresources } = resource
  const shown = inAll ? { categories: ['all'] } : {}
  const own = { ...shown, name, singularName, namespaced, kind, shortNames, verbs: ['get', 'list', 'watch', ...writes] }
  const inside = subresources.map((sub) => {
    const { kind: answers, ...rest } = answering[sub]!
    return { name: `${name}/${sub}`, singularName: '', namespaced, kind: answers || kind, ...rest }
  })
  return [own, ...inside]
}

const listed = (group: string, groupVersion: string) => ({
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion,
  resources: [
    ...of(group).flatMap(described),
    ...reviews
      .filter((review) => review.group === group)
      .map(({ plural: name, kind }) => ({
        name,
        singularName: kind.toLowerCase(),
        namespaced: false,
        kind,
        verbs: ['create'],
      })),
  ],
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
  return wanted === versionOf(name) ? listed(name, `${name}/${wanted}`) : undefined
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
