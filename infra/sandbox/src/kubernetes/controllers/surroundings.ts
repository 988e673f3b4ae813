import { isDeepStrictEqual } from 'node:util'
import { born } from '../manifests.js'
import { isReady, ownedBy, type Endpoints, type Pod, type Service } from '../objects.js'
import { endpoints, namespaces, pods, resources, serviceAccounts, services } from '../resources.js'
import { selects } from '../selector.js'
import { keep, type Ground } from './ground.js'

/** The pods that a Service leads to are written down in its Endpoints, as they become ready and go. */
export function followServices(ground: Ground): void {
  for (const service of ground.store.list(services)) {
    const { selector, ports = [] } = service.spec
    if (!selector || Object.keys(selector).length === 0) continue
    const { name, namespace = '' } = service.metadata
    const mine = ground.store
      .list(pods, namespace)
      .filter((pod) => isReady(pod) && selects({ matchLabels: selector }, pod.metadata.labels))
    const subsets =
      mine.length === 0
        ? []
        : [
            {
              addresses: mine.map(({ metadata, status }) => ({
                ip: status.podIP!,
                targetRef: { kind: 'Pod', name: metadata.name, namespace, uid: metadata.uid },
              })),
              ports: ports.map((port) => ({
                ...(port.name ? { name: port.name } : {}),
                port: targetOf(port, mine[0]!),
                protocol: port.protocol ?? 'TCP',
              })),
            },
          ]
    const known = ground.store.get(endpoints, namespace, name)
    if (known && isDeepStrictEqual(known.subsets ?? [], subsets)) continue
    keep(ground, endpoints, known, { ...(known ?? begun(ground, service)), subsets }, '')
  }
}

const begun = ({ seed }: Ground, service: Service): Endpoints => {
  const { name, namespace = '' } = service.metadata
  const metadata = { name, namespace, ownerReferences: [ownedBy(service)] }
  return born({ apiVersion: 'v1', kind: endpoints.kind, metadata }, seed)
}

/** A port of a Service may lead to a port that the containers name. */
function targetOf({ port, targetPort = port }: { port: number; targetPort?: number | string }, pod: Pod): number {
  if (typeof targetPort === 'number') return targetPort
  const named = pod.spec.containers.flatMap(({ ports = [] }) => ports).find(({ name }) => name === targetPort)
  return named?.containerPort ?? port
}

/** Every namespace has an account named `default`. */
export function followNamespaces(ground: Ground): void {
  for (const { metadata } of ground.store.list(namespaces)) {
    if (ground.store.get(serviceAccounts, metadata.name, 'default')) continue
    const manifest = {
      apiVersion: 'v1',
      kind: serviceAccounts.kind,
      metadata: { name: 'default', namespace: metadata.name },
    }
    ground.store.put(serviceAccounts, born(manifest, ground.seed))
  }
}

/** What was made for something that is gone goes too, and what was made for that. */
export function collectGarbage({ store }: Ground): void {
  for (;;) {
    const there = new Set(resources.flatMap((resource) => store.list(resource).map(({ metadata }) => metadata.uid)))
    const orphans = resources.flatMap((resource) =>
      store
        .list(resource)
        .filter(
          ({ metadata: { ownerReferences = [] } }) =>
            ownerReferences.length > 0 && ownerReferences.every(({ uid }) => !there.has(uid)),
        )
        .map(({ metadata }) => ({ resource, metadata })),
    )
    if (orphans.length === 0) return
    for (const { resource, metadata } of orphans) store.delete(resource, metadata.namespace ?? '', metadata.name)
  }
}
