import {
  defineRecipe,
  namespaceOf,
  PortFailure,
  type Readers,
  type ServiceDirectory,
  type WorkloadRef,
} from '@firebreak/kit'
import { captureEvidence, contentsOf } from '@firebreak/kit/verbs'
import { z } from 'zod'

/** As many as a step takes. */
const MOST = 20

const workload = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\/[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'namespace/name')

export const captureEvidenceOf = defineRecipe({
  id: 'capture-evidence',
  version: 1,
  title: 'Keep what will be gone soon',
  page: 'unclassified',

  meaning:
    'Something is wrong with a service, and what tells of it (logs, events, failed jobs, figures, traces) is overwritten, or goes with the next pod that is made anew.',
  impact: 'Whoever looks for the cause afterwards, or has to show what happened, finds nothing.',

  stage: 'propose',
  // In the watched system it only reads; but what it keeps stays.
  approval: { tier: 'T1', roles: ['sre', 'ml', 'security'], people: 1 },
  contains: true,

  params: z.strictObject({
    minutes: z.int().min(1).max(1_440).default(60).meta({ title: 'Minutes', description: 'How far back.' }),
    service: z.string().min(1).max(63).exactOptional().meta({
      title: 'Service',
      description: 'Whose evidence. Left out: the service of the alert.',
    }),
    deployments: z.array(workload).max(10).default([]).meta({
      title: 'Deployments',
      description: 'Others whose logs belong to it, namespace/name, in a namespace of the house.',
    }),
  }),

  async diagnose(readers, { labels }, { minutes, service: wanted, deployments: more }) {
    const service = wanted ?? labels['service']
    if (service === undefined)
      throw new PortFailure('not-found', 'no service is named: name the one whose evidence is to be kept')
    const known = knownOf(readers.directory, service, more)
    const { name, at_ms } = await readers.evidence.next(service)
    return {
      service,
      minutes,
      name,
      since_ms: at_ms - minutes * 60_000,
      deployments: await seen(readers, [...known.deployments], more),
      queues: known.queues,
      metrics: known.metrics,
    }
  },

  stopIf: [
    {
      when: ({ deployments, queues, metrics }) => deployments.length + queues.length + metrics.length === 0,
      because:
        'The house knows no workload, no queue and no figure of this service: name the deployments whose logs are to be kept, ' +
        'or give them to the service in firebreak.yaml (evidence, workloads).',
    },
    {
      when: ({ deployments, queues, metrics }) =>
        deployments.length > MOST || queues.length > MOST || metrics.length > MOST,
      because: `More than ${MOST} workloads, queues or figures belong to this service: name a smaller one.`,
    },
  ],

  // Evidence of what has changed since is what it is for: only where it goes must be free, and that is asked when it is kept.
  guards: () => [{ fact: 'service', same: true }],

  plan: ({ name, service, since_ms, minutes, deployments, queues, metrics }) => [
    captureEvidence({
      name,
      service,
      since_ms,
      minutes,
      deployments: deployments.map(({ ref }) => ref),
      queues,
      metrics,
    }),
  ],

  report: ({ service, name }, { state, because }) =>
    state === 'succeeded'
      ? `Evidence about ${service} is kept.\n${because}\n` +
        'The log names it by this digest; an export that discloses personal values carries it along, in blobs/.'
      : `Evidence about ${service} was not kept: keep it by hand (runbook, unclassified), before pods are made anew. The run is ${state} (${name}).\n${because}`,

  verify: {
    within_s: 10,
    says: ({ name }) => `What was seen is kept as ${name}, and can be read back with the digest that the log names.`,
    async holds({ evidence }, { name }) {
      const kept = await evidence.find(name)
      return kept
        ? { holds: true, says: `sha256:${kept.sha256} (${kept.bytes} bytes): ${contentsOf(kept.contents)}` }
        : { holds: false, says: `Nothing is kept as ${name}.` }
    },
  },
})

/** What the house knows of a service: where its logs, its jobs and its figures are. Nothing else of an alert is believed. */
function knownOf(directory: ServiceDirectory, service: string, more: readonly string[]) {
  const { queues, models, ocr } = directory.things()
  const own = <Thing extends { service: string }>(things: readonly Thing[]) =>
    things.filter((one) => one.service === service)
  const itself = directory.service(service)
  const engines = own(ocr).flatMap(({ primary, fallback }) => [primary, fallback])
  const namespaces = namespacesOf(directory)
  for (const ref of more)
    if (!namespaces.has(namespaceOf(ref as WorkloadRef)))
      throw new PortFailure(
        'forbidden',
        `${ref} is out of scope: the house has workloads in ${[...namespaces].sort().join(', ') || 'no namespace'} only`,
      )
  return {
    deployments: new Set([
      ...(itself ? [itself.deployment] : []),
      ...own(queues).flatMap(({ worker }) => (worker === undefined ? [] : [worker])),
      ...own(models).map(({ deployment }) => deployment),
      ...engines.map(({ deployment }) => deployment),
      ...(Object.hasOwn(directory.evidence().workloads, service) ? directory.evidence().workloads[service]! : []),
      ...more,
    ]),
    queues: own(queues).map(({ name }) => name),
    metrics: [
      ...Object.entries(itself?.metrics ?? {}).flatMap(([of, query]) => (query === undefined ? [] : [{ of, query }])),
      ...own(models).map(({ name, error_rate_percent }) => ({
        of: `error_rate_percent of ${name}`,
        query: error_rate_percent,
      })),
      ...engines.map(({ engine, error_rate_percent }) => ({
        of: `error_rate_percent of ${engine}`,
        query: error_rate_percent,
      })),
    ],
  }
}

/** Where the house has workloads. */
function namespacesOf(directory: ServiceDirectory): Set<string> {
  const { queues, models, ocr } = directory.things()
  return new Set(
    [
      ...directory.services().map(({ deployment }) => deployment),
      ...queues.flatMap(({ worker }) => (worker === undefined ? [] : [worker])),
      ...models.map(({ deployment }) => deployment),
      ...ocr.flatMap(({ primary, fallback }) => [primary.deployment, fallback.deployment]),
      ...Object.values(directory.evidence().workloads).flat(),
    ].map(namespaceOf),
  )
}

/** How many pods each has now. One that a person named has to be there; a cluster that cannot be read is no reason to stop. */
async function seen({ cluster }: Readers, refs: readonly string[], named: readonly string[]) {
  const found: { ref: string; pods: number | null; says: string }[] = []
  for (const ref of refs as WorkloadRef[]) {
    try {
      const deployment = await cluster.deployment(ref)
      if (!deployment && named.includes(ref)) throw new PortFailure('not-found', `deployment ${ref} is not there`)
      const pods = deployment ? (await cluster.podsOf(ref)).length : 0
      found.push({ ref, pods, says: deployment ? `${pods} pods` : 'it is not there' })
    } catch (error) {
      if (!(error instanceof PortFailure) || error.kind === 'not-found') throw error
      found.push({ ref, pods: null, says: `it cannot be read now (${error.kind})` })
    }
  }
  return found
}
