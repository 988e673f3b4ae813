import {
  characterErrorPercent,
  defineRecipe,
  excerpt,
  namespaceOf,
  PortFailure,
  type ClusterReader,
  type OcrRoute,
  type Pod,
  type Readers,
  type ServiceDirectory,
  type Trigger,
  type WorkloadRef,
} from '@firebreak/kit'
import { restartDeployment, restartMark } from '@firebreak/kit/verbs'
import { z } from 'zod'
import { mainContainer } from '../reading.js'

/** A picture that is larger is no sample of a line of text. */
const MOST_BYTES = 5_000_000
/** Pods whose last words are kept, and how many lines of each. */
const [MOST_PODS, LAST_LINES] = [3, 3]

export const restoreOcr = defineRecipe({
  id: 'restore-ocr',
  version: 3,
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
    const route = routeOf(directory, trigger, params.ocr)
    const ref = route.primary.deployment
    const [deployment, rollout, pods, routing] = await Promise.all([
      cluster.deployment(ref),
      cluster.rollout(ref),
      cluster.podsOf(ref),
      cluster.configMap(route.routing.config_map),
    ])
    if (!deployment || !rollout) throw new PortFailure('not-found', `deployment ${ref} is not there`)
    const samples = await samplesOf(readers, route)
    return {
      ocr: { name: route.name, service: route.service, environment: route.environment },
      cer_threshold_percent: route.cer_threshold_percent,
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
      primary: await tried(readers, route, samples, route.primary.engine),
      fallback: await tried(readers, route, samples, route.fallback.engine),
      /** Which engine documents go to; `null` where the routing does not say. */
      routed_to: routing?.data[route.routing.key] ?? null,
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
      when: ({ primary, cer_threshold_percent }) => reads(primary, cer_threshold_percent),
      because: 'The primary engine reads the known samples: it needs no restart, and what fails is what comes in.',
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

  report({ ocr, primary, fallback, routed_to, pods, last_words, deployment }, { state, because }) {
    const before = [
      `Before: ${primary.says}, and ${fallback.says}; documents go to ${routed_to ?? 'an engine that nobody names'}.`,
      `${pods.ready} of ${pods.count} pods of ${deployment.ref} were ready, with ${pods.restarts} restarts` +
        `${pods.reasons === '' ? '' : ` (${pods.reasons})`}.`,
      ...(last_words.length > 0 ? [`Last words: ${last_words.join(' | ')}`] : ['Its logs said nothing.']),
    ]
    return state === 'succeeded'
      ? [`The primary engine of ${ocr.name} is restored by a restart. ${because}`, ...before].join('\n')
      : [
          `A restart did not restore the primary engine of ${ocr.name}: SRE has to. The run is ${state}. ${because}`,
          ...before,
          fallback.healthy
            ? 'The fallback reads the samples: documents can go there meanwhile, by hand (runbook, ocr-failures: to the fallback engine).'
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
      const trigger = { labels: { service: facts.ocr.service } }
      const route = routeOf(readers.directory, trigger, params.ocr ?? facts.ocr.name)
      const primary = await tried(readers, route, await samplesOf(readers, route), facts.primary.engine)
      return {
        holds: rollout.state === 'complete' && reads(primary, facts.cer_threshold_percent),
        says: `Now ${primary.says}; the rollout is ${rollout.state}.`,
      }
    },
  },
})

type Tried = {
  engine: string
  samples: number
  /** How many it answered. */
  read: number
  /** `null` where it answered none. */
  cer_percent: number | null
  healthy: boolean
  says: string
}

/** All of the samples, and well enough: an engine that answers one of three is not restored. */
const reads = ({ read, samples, cer_percent }: Tried, threshold: number): boolean =>
  samples > 0 && read === samples && cer_percent !== null && cer_percent <= threshold

/** A picture, and what it says. */
type Sample = { image: Uint8Array; text: string }

/** The samples of the house, each read once for all engines. That one is not there is an error. */
async function samplesOf({ objects }: Readers, { name, samples }: OcrRoute): Promise<Sample[]> {
  const found: Sample[] = []
  for (const { bucket, key, text } of samples) {
    const image = await objects.read({ bucket, key }, MOST_BYTES)
    if (!image) throw new PortFailure('not-found', `the sample ${bucket}/${key} of ${name} is not there`)
    found.push({ image, text })
  }
  return found
}

/** Has an engine read the samples. That it fails is what is asked. */
async function tried({ ocr }: Readers, route: OcrRoute, all: readonly Sample[], engine: string): Promise<Tried> {
  const answers: { text: string; read: string }[] = []
  let trouble = ''
  for (const { image, text } of all) {
    try {
      answers.push({ text, read: (await ocr.recognise(engine, image)).text })
    } catch (error) {
      // Not known, or not allowed: that is said of us and not of the engine.
      if (!(error instanceof PortFailure) || error.kind === 'not-found' || error.kind === 'forbidden') throw error
      trouble ||= `, otherwise ${error.kind}`
      // One that hangs would hang for each of them.
      if (error.kind === 'timeout') break
    }
  }
  const samples = all.length
  const cer_percent = answers.length === 0 ? null : characterErrorPercent(answers)
  const wrong = cer_percent === null ? '' : `, ${cer_percent} % of the characters wrong`
  const found = { engine, samples, read: answers.length, cer_percent }
  const says = `${engine} read ${answers.length} of ${samples} samples${wrong}${trouble}`
  const seen = { ...found, healthy: false, says }
  return { ...seen, healthy: reads(seen, route.cer_threshold_percent) }
}

/** The one that was named, or the only one of the service of the alert. Nothing else of an alert is believed. */
function routeOf(directory: ServiceDirectory, { labels }: Trigger, wanted: string | undefined): OcrRoute {
  const all = directory.things().ocr
  const service = labels['service']
  const chosen = all.filter((route) => (wanted === undefined ? route.service === service : route.name === wanted))
  if (chosen.length === 1) return chosen[0]!
  const known = all.map(({ name }) => name).join(', ') || 'none'
  const asked = JSON.stringify((wanted ?? service ?? '').slice(0, 63))
  throw new PortFailure(
    'not-found',
    chosen.length > 1
      ? `the service ${asked} has more than one OCR: name one of ${chosen.map(({ name }) => name).join(', ')}`
      : wanted !== undefined
        ? `there is no OCR ${asked}; the house knows ${known} (firebreak.yaml, ocr)`
        : `no OCR belongs to the service ${asked}; the house knows ${known} (firebreak.yaml, ocr)`,
  )
}

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
