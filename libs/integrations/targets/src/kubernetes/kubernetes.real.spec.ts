import {
  AppsV1Api,
  AutoscalingV2Api,
  BatchV1Api,
  CoreV1Api,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node'
import { apiServerContract, clusterContract } from '@firebreak/kit/testing'
import { describe, test } from 'vitest'
import { connect } from './connection.js'
import { KubernetesHands } from './hands.js'
import { KubernetesReader } from './reader.js'
import { startBareApiServer } from './testing/bare-api-server.js'
import { wire } from './testing/wire.js'

/*
 * The same contracts on a real API server: the one of KUBECONFIG, or a bare one out of KUBEBUILDER_ASSETS. They make a
 * namespace of their own and delete it; still, a KUBECONFIG that lies around may point to production, so the lane of
 * real systems has to say that it means it.
 */
const { KUBECONFIG: kubeconfig, KUBEBUILDER_ASSETS: assets, FIREBREAK_TEST_REAL: meant } = process.env

if (kubeconfig && meant === '1') {
  clusterContract('the Kubernetes adapter on the API server of KUBECONFIG', () => world(kubeconfig))
  apiServerContract('the API server of KUBECONFIG', () => apiServer(kubeconfig))
} else if (assets) {
  apiServerContract('the API server of KUBEBUILDER_ASSETS', async () => {
    const server = await startBareApiServer(assets)
    const bare = await apiServer(server.kubeconfig, false)
    return { ...bare, close: server.stop }
  })
} else {
  const why = kubeconfig ? 'FIREBREAK_TEST_REAL is not 1' : 'neither KUBECONFIG nor KUBEBUILDER_ASSETS is set'
  describe.skip('the Kubernetes adapter on a real API server', () => {
    test(`skipped: ${why}`, () => undefined)
  })
  console.info(`skipped: the contracts on a real API server: ${why}`)
}

/** A namespace of one's own on a real API server. */
async function apiServer(kubeconfig: string, settles = true) {
  const { call, watch } = wire(kubeconfig)
  const namespace = `firebreak-contract-${Math.random().toString(36).slice(2, 10)}`
  const { code } = await call({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } })
  if (code !== 201) throw new Error(`the namespace ${namespace} cannot be made: ${code}`)
  const close = async () => void (await call({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` }))
  return { call, watch, namespace, settles, close }
}

const labels = { app: 'contract' }

async function world(kubeconfig: string) {
  const [core, apps, autoscaling] = [
    connect(CoreV1Api, kubeconfig, { timeoutMs: 30_000 }),
    connect(AppsV1Api, kubeconfig, { timeoutMs: 30_000 }),
    connect(AutoscalingV2Api, kubeconfig, { timeoutMs: 30_000 }),
  ]
  const batch = connect(BatchV1Api, kubeconfig, { timeoutMs: 30_000 })
  const namespace = `firebreak-contract-${Math.random().toString(36).slice(2, 10)}`
  await core.createNamespace({ body: { metadata: { name: namespace } } })
  const close = async () => void (await core.deleteNamespace({ name: namespace }))
  try {
    await apps.createNamespacedDeployment({
      namespace,
      body: {
        metadata: { name: 'api' },
        spec: {
          replicas: 2,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: { containers: [{ name: 'pause', image: 'registry.k8s.io/pause:3.10' }] },
          },
        },
      },
    })
    const reader = new KubernetesReader(kubeconfig, { timeoutMs: 30_000 })
    return {
      reader,
      hands: new KubernetesHands(kubeconfig, { timeoutMs: 30_000 }),
      deployment: `${namespace}/api` as const,
      settles: await settles(reader, `${namespace}/api`),
      elsewhere: async () => {
        const body = { metadata: { annotations: { touched: 'by somebody else' } } }
        await apps.patchNamespacedDeployment(
          { name: 'api', namespace, body },
          setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
        )
      },
      autoscale: async () => {
        const spec = {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' },
          minReplicas: 2,
          maxReplicas: 3,
        }
        await autoscaling.createNamespacedHorizontalPodAutoscaler({
          namespace,
          body: { metadata: { name: 'hpa' }, spec },
        })
        return `${namespace}/hpa` as const
      },
      cronJob: async () => {
        const spec = { restartPolicy: 'Never', containers: [{ name: 'pause', image: 'registry.k8s.io/pause:3.10' }] }
        const jobTemplate = { spec: { template: { spec } } }
        const body = { metadata: { name: 'nightly' }, spec: { schedule: '0 2 * * *', jobTemplate } }
        await batch.createNamespacedCronJob({ namespace, body })
        return `${namespace}/nightly` as const
      },
      config: async (data: Record<string, string>) => {
        await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'config' }, data } })
        return `${namespace}/config` as const
      },
      quota: async (hard: Record<string, string>) => {
        await core.createNamespacedResourceQuota({ namespace, body: { metadata: { name: 'quota' }, spec: { hard } } })
        return `${namespace}/quota` as const
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Does anything run Deployments here? A bare API server (envtest) only keeps what it is told. */
async function settles(reader: KubernetesReader, ref: `${string}/${string}`): Promise<boolean> {
  const started = Date.now()
  for (;;) {
    const found = await reader.deployment(ref)
    const [observed, ready] = [found?.observed === true, found?.ready === found?.replicas]
    const waited = Date.now() - started
    if (observed && ready) return true
    if (!observed && waited > 5_000) return false
    if (waited > 55_000) throw new Error(`the pods of ${ref} do not become ready; can the cluster pull their image?`)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}
