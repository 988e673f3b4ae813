import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import { stamp, type KubeObject } from './objects.js'
import { autoscalers, namespaces } from './resources.js'

/** An object as somebody writes it down. */
export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string }
  spec?: object
}

const folder = new URL('../../infra/k8s/', import.meta.url)
/** Firebreak's own accounts and their rights, as it asks a real cluster for them. */
const rights = new URL('../../../k8s/rbac.yaml', import.meta.url)

const read = (file: URL): Manifest[] =>
  parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as Manifest)

/** What the world begins with: Firebreak's rights, and everything in the sandbox's `infra/k8s`, file by file. */
export const manifests = (): Manifest[] => [
  ...read(rights),
  ...readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .flatMap((file) => read(new URL(file, folder))),
]

/** Whether somebody's rights are said by it. */
export const isRight = ({ apiVersion }: Pick<Manifest, 'apiVersion'>): boolean =>
  apiVersion.startsWith('rbac.authorization.k8s.io/')

export const namespaceManifest = (name: string) => ({
  apiVersion: 'v1',
  kind: namespaces.kind,
  metadata: { name, annotations: { 'firebreak.dev/simulated': 'true' } },
  spec: { finalizers: ['kubernetes'] },
  status: { phase: 'Active' },
})

/** The autoscaler of the fault `with-hpa`: its ceiling is too low for the load of the fault `slow`. */
export const autoscalerManifest = (deployment: string) => ({
  apiVersion: 'autoscaling/v2',
  kind: autoscalers.kind,
  metadata: { name: deployment, namespace: 'prod', annotations: { 'firebreak.dev/simulated': 'true' } },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment },
    minReplicas: 2,
    maxReplicas: 3,
    metrics: [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
    ] as object[],
  },
})

/** A manifest as an object of the API server. The same seed gives the same uid, so that a rehearsal can be repeated. */
export function born<Manifest extends { kind: string; metadata: { name: string; namespace?: string } }>(
  manifest: Manifest,
  seed: string,
): Manifest & { metadata: KubeObject['metadata'] } {
  const { kind, metadata } = manifest
  const hex = createHash('sha256').update(`${seed}/${kind}/${metadata.namespace}/${metadata.name}`).digest('hex')
  const uid = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)]
  return {
    ...manifest,
    metadata: {
      ...metadata,
      uid: uid.join('-'),
      resourceVersion: '',
      ...('spec' in manifest && kind !== 'Pod' ? { generation: 1 } : {}),
      creationTimestamp: stamp(),
    },
  }
}
