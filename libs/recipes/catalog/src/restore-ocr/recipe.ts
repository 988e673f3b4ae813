import {
  defineRecipe,
  excerpt,
  namespaceOf,
  ocrRouteOf,
  PortFailure,
  readsSamples,
  samplesOf,
  tried,
  type ClusterReader,
  type Pod,
  type WorkloadRef,
} from '@firebreak/kit'
import { restartDeployment, restartMark } from '@firebreak/kit/verbs'
import { z } from 'zod'
import { onlyOutOfReach, OUT_OF_REACH } from '../out-of-reach.js'
import { mainContainer, roundedUp } from '../reading.js'

/** Pods whose last words are kept, and how many lines of each. */
const [MOST_PODS, LAST_LINES] = [3, 3]

export const restoreOcr = defineRecipe({
  id: 'restore-ocr',
  version: 5,
  title: 'Restart an OCR engine that reads nothing',
  page: 'ocr-failures',

  meaning: 'The primary OCR engine does not read samples whose text is known: it is down, hangs, or reads nonsense.',
  impact: 'Documents wait or come out as nonsense, and everything behind OCR works on that.',

  stage: 'propose',
  approval: { tier: 'T1', roles: ['sre'], people: 1 },

  params: z.strictObject({
    ocr: z.string().min(1).max(100).exactOptional().meta({
      title: 'OCR',
      description: 'Which OCR of the house. Left out: the one that belongs to the service of the alert.',
    }),
  }),

  async diagnose(readers, trigger, params) {
    const { cluster, directory } = readers
    const route = ocrRouteOf(directory, params.ocr, trigger.labels)
    const ref = route.primary.deployment
    const [deployment, rollout, pods, routing] = await Promise.all([
      cluster.deployment(ref),
      cluster.rollout(ref),
      cluster.podsOf(ref),
      cluster.configMap(route.routing.config_map),
    ])
    if (!deployment || !rollout) throw new PortFailure('not-found', `deployment ${ref} is not there`)
    const samples = await samplesOf(readers, route)
    const routed_to = routing?.data[route.routing.key] ?? null
    const to_fallback = route.routing.share === undefined ? null : (routing?.data[route.routing.share] ?? null)
    return {
      ocr: { name: route.name, service: route.service, environment: route.environment },
      cer_threshold_percent: route.cer_threshold_percent,
      error_rate_threshold_percent: route.error_rate_threshold_percent,
      deployment: {
        ref,
        uid: deployment.uid,
        replicas: deployment.replicas,
        ready: deployment.ready,
        updated: deployment.updated,
        observed: deployment.observed,
      },
      rollout: { state: rollout.state, why: rollout.why },
      restarted: { mark: rollout.restart_mark },
      next_mark: restartMark(rollout),
      primary: {
        ...(await tried(readers, route, samples, route.primary.engine)),
        /** Of the documents that its consumers send it; `null` where nobody measures it, or it gets none. */
        error_rate_percent:
          routed_to === route.primary.engine && to_fallback !== '100'
            ? await roundedUp(readers.metrics, route.primary.error_rate_percent)
            : null,
      },
      fallback: await tried(readers, route, samples, route.fallback.engine),
      /** Which engine documents go to; `null` where the routing does not say. */
      routed_to,
      /** Percent of them that go to the fallback all the same; `null` where the routing does not say. */
      to_fallback,
      pods: {
        count: pods.length,
        ready: pods.filter(({ ready }) => ready).length,
        restarts: pods.reduce((sum, { restarts }) => sum + restarts, 0),
        reasons: reasonsOf(pods),
      },
      last_words: await lastWords(cluster, ref, pods),
    }
  },

  stopIf: [
    {
      when: ({ primary, cer_threshold_percent }) => readsSamples(primary, cer_threshold_percent),
      because: 'The primary engine reads the known samples: it needs no restart, and what fails is what comes in.',
    },
    {
      when: ({ primary, error_rate_threshold_percent: most }) => onlyOutOfReach(primary, most),
      because: OUT_OF_REACH,
    },
    {
      when: ({ deployment }) => deployment.replicas === 0,
      because: 'It is scaled to zero: somebody has switched it off, and a restart makes no pods.',
    },
    {
      when: ({ rollout }) => rollout.state === 'blocked' || rollout.state === 'stalled',
      because:
        'Its newest pods cannot be made, or do not start: a restart makes more of them. Roll back, or make room.',
    },
    {
      when: ({ rollout }) => rollout.state === 'paused',
      because: 'Its rollout is paused: somebody works on it, and a restart would do nothing until it goes on.',
    },
    {
      when: ({ deployment }) => !deployment.observed || deployment.updated < deployment.replicas,
      because: 'A rollout is in progress: its new pods may be what restores it.',
    },
  ],

  guards: () => [
    { fact: 'deployment.uid', same: true },
    // Whoever has restarted it meanwhile has done this already. An autoscaler may move the rest of it.
    { fact: 'restarted', same: true },
    { fact: 'primary.healthy', same: true },
  ],

  plan: ({ deployment: { ref, uid }, restarted, next_mark }) => [
    restartDeployment({ deployment: ref, uid, from: restarted.mark, to: next_mark }),
  ],

  report({ ocr, primary, fallback, routed_to, to_fallback, pods, last_words, deployment }, { state, because }) {
    const diverted = to_fallback !== null && to_fallback !== '0'
    const before = [
      `Before: ${primary.says}, and ${fallback.says}; documents go to ${routed_to ?? 'an engine that nobody names'}${diverted ? `, ${to_fallback} % of them to the fallback` : ''}.`,
      `${pods.ready} of ${pods.count} pods of ${deployment.ref} were ready, with ${pods.restarts} restarts` +
        `${pods.reasons === '' ? '' : ` (${pods.reasons})`}.`,
      ...(last_words.length > 0 ? [`Last words: ${last_words.join(' | ')}`] : ['Its logs said nothing.']),
    ]
    return state === 'succeeded'
      ? [
          `The primary engine of ${ocr.name} is restored by a restart. ${because}`,
          ...before,
          ...(diverted
            ? [`Next: give back what divert-ocr lent (loans), or ${to_fallback} % stays with the fallback.`]
            : []),
        ].join('\n')
      : [
          `A restart did not restore the primary engine of ${ocr.name}: SRE has to. The run is ${state}. ${because}`,
          ...before,
          fallback.healthy
            ? diverted
              ? 'Documents can stay with the fallback meanwhile: renew the loan if it ends too soon.'
              : 'The fallback reads the samples: documents can go there meanwhile (divert-ocr).'
            : 'The fallback does not read the samples either: stop the consumers, documents can wait.',
        ].join('\n')
  },

  verify: {
    within_s: 180,
    says: ({ primary, cer_threshold_percent }) =>
      `Every pod is made anew, and ${primary.engine} reads all ${primary.samples} known samples with at most ${cer_threshold_percent} % of their characters wrong.`,

    async holds(readers, facts, params) {
      const { ref, uid } = facts.deployment
      const rollout = await readers.cluster.rollout(ref)
      if (rollout?.uid !== uid)
        return { holds: false, says: `Deployment ${ref} is not the one that was restarted any more.` }
      // The house may have been told of other samples since: what counts is whether the engine reads those of today.
      const route = ocrRouteOf(readers.directory, params.ocr ?? facts.ocr.name, {})
      const primary = await tried(readers, route, await samplesOf(readers, route), facts.primary.engine)
      return {
        holds: rollout.state === 'complete' && readsSamples(primary, facts.cer_threshold_percent),
        says: `Now ${primary.says}; the rollout is ${rollout.state}.`,
      }
    },
  },
})

/** Why containers wait or died last. */
function reasonsOf(pods: readonly Pod[]): string {
  const all = pods
    .flatMap(({ containers }) => containers)
    .flatMap(({ reason, last_exit }) => [reason, last_exit ? last_exit.reason || `exit ${last_exit.code}` : null])
  return [...new Set(all.filter((reason) => reason !== null))].sort().join(', ')
}

/** What pods said before they went: a restart takes their logs. Short, and without what looks like a secret. */
async function lastWords(cluster: ClusterReader, ref: WorkloadRef, pods: readonly Pod[]): Promise<string[]> {
  const words: string[] = []
  // Those that died first have most to say.
  for (const { name, restarts, containers } of [...pods].sort((a, b) => b.restarts - a.restarts).slice(0, MOST_PODS)) {
    const pod: WorkloadRef = `${namespaceOf(ref)}/${name}`
    const wish = { ...mainContainer({ containers }), tail: LAST_LINES }
    try {
      const before = restarts > 0 ? await cluster.logs(pod, { ...wish, previous: true }) : undefined
      const now = await cluster.logs(pod, wish)
      const lines = [...(before?.lines ?? []), ...(now?.lines ?? [])].filter((line) => line.trim() !== '')
      words.push(...lines.slice(-LAST_LINES).map((line) => `${name}: ${excerpt(line, 200)}`))
    } catch (error) {
      // Evidence is kept as far as it can be read; a gap stands there as a gap.
      if (!(error instanceof PortFailure)) throw error
      words.push(`${name}: its log could not be read (${error.kind})`)
    }
  }
  return words
}
