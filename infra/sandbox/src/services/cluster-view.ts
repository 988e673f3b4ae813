import type { Cluster } from '../kubernetes/cluster.js'
import { conditionOf } from '../kubernetes/controllers/jobs.js'
import { isOver, isReady, type KubeObject, type PodSpec } from '../kubernetes/objects.js'
import { deployments, jobs, pods, resources } from '../kubernetes/resources.js'
import type { Store } from '../kubernetes/store.js'
import type { ClusterView, Container } from './service.js'

const NAMESPACE = 'prod'

/** What services see of the cluster, read from the API server's own store: there is no second truth. */
export function clusterView(store: Store, cluster: Cluster): ClusterView {
  const find = (name: string) => store.get(deployments, NAMESPACE, name)
  const others = (plural: string): KubeObject[] => {
    const kind = resources.find((known) => known.plural === plural)
    return kind ? store.list(kind, NAMESPACE) : []
  }

  return {
    replicas: (name) => cluster.replicas(name),
    readyPods: (name) =>
      cluster
        .podsOf(name)
        .filter(isReady)
        .map(({ metadata }) => metadata.uid),
    serving: (name) =>
      cluster
        .podsOf(name)
        .filter(isReady)
        .map(({ spec }) => containerOf(spec)),
    template(name) {
      const deployment = find(name)
      return deployment && containerOf(deployment.spec.template.spec)
    },
    setImage(name, image) {
      const deployment = find(name)
      const [first, ...rest] = deployment?.spec.template.spec.containers ?? []
      if (!deployment || !first || first.image === image) return
      const { template } = deployment.spec
      const spec = { ...template.spec, containers: [{ ...first, image }, ...rest] }
      store.put(deployments, {
        ...deployment,
        metadata: { ...deployment.metadata, generation: (deployment.metadata.generation ?? 1) + 1 },
        spec: { ...deployment.spec, template: { ...template, spec } },
      })
    },
    crash(name) {
      const victim = cluster.podsOf(name).find(isReady)
      if (victim) cluster.crash(victim, { exitCode: 137, reason: 'OOMKilled' })
      return victim !== undefined
    },
    configMap(name) {
      const found = others('configmaps').find(({ metadata }) => metadata.name === name)
      return (found as { data?: Record<string, string> } | undefined)?.data
    },
    mayNotSend(name) {
      const labels = find(name)?.spec.template.metadata.labels ?? {}
      return others('networkpolicies').some(({ spec = {} }) => {
        const { podSelector = {}, policyTypes = [], egress = [] } = spec as Policy
        const selects = Object.entries(podSelector.matchLabels ?? {}).every(([key, value]) => labels[key] === value)
        return selects && policyTypes.includes('Egress') && egress.length === 0
      })
    },
    runJob(name, { parallelism, seconds, exitCode, log, app = name, env = {} }) {
      if (store.get(jobs, NAMESPACE, name)) return
      const annotations = {
        'firebreak.dev/simulated': 'true',
        'sandbox.firebreak.dev/run-seconds': String(seconds),
        'sandbox.firebreak.dev/exit-code': String(exitCode),
        ...(log === undefined ? {} : { 'sandbox.firebreak.dev/log': log }),
      }
      const told = Object.entries(env).map(([key, value]) => ({ name: key, value }))
      const containers = [
        { name: app, image: 'sandbox.invalid/batch:0.9.0', ...(told.length > 0 ? { env: told } : {}) },
      ]
      const spec = {
        parallelism,
        completions: parallelism,
        backoffLimit: 1,
        template: { metadata: { labels: { app }, annotations }, spec: { restartPolicy: 'Never', containers } },
      }
      const metadata = {
        name,
        namespace: NAMESPACE,
        labels: { app },
        annotations: { 'firebreak.dev/simulated': 'true' },
      }
      cluster.create({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec })
    },
    jobs: (app) =>
      store
        .list(jobs, NAMESPACE)
        .filter(({ metadata }) => metadata.labels?.['app'] === app)
        .map((job) => ({
          name: job.metadata.name,
          env: containerOf(job.spec.template.spec).env,
          failed: conditionOf(job, 'Failed') !== undefined,
        })),
    simulateJobs: (app, program) =>
      cluster.simulateJobs((pod, otherwise) => {
        const usual = otherwise(pod)
        return pod.metadata.labels?.['app'] === app ? { ...usual, ...program(containerOf(pod.spec).env) } : usual
      }),
    removeJob: (name) => void store.delete(jobs, NAMESPACE, name),
    jobPods: (name) =>
      store.list(pods, NAMESPACE).filter((pod) => pod.metadata.labels?.['app'] === name && !isOver(pod) && isReady(pod))
        .length,
  }
}

interface Policy {
  podSelector?: { matchLabels?: Record<string, string> }
  policyTypes?: string[]
  egress?: object[]
}

function containerOf({ containers }: PodSpec): Container {
  const first = containers[0] as { image: string; env?: { name: string; value?: string }[] } | undefined
  const env = Object.fromEntries((first?.env ?? []).map(({ name, value = '' }) => [name, value]))
  return { image: first?.image ?? '', env }
}
