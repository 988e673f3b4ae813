import {
  defineRecipe,
  each,
  ocrRouteOf,
  PortFailure,
  readsSamples,
  samplesOf,
  shareIn,
  speaksAgainst,
  tried,
  type ClusterReader,
  type OcrEngine,
  type OcrRoute,
} from '@firebreak/kit'
import { setOcrShare } from '@firebreak/kit/verbs'
import { z } from 'zod'
import { onlyOutOfReach, OUT_OF_REACH } from '../out-of-reach.js'
import { roundedUp } from '../reading.js'

/** How long one move may take, samples and all. */
const LONGEST_MOVE_S = 600

export const divertOcr = defineRecipe({
  id: 'divert-ocr',
  version: 2,
  title: 'Send documents to the fallback OCR engine',
  page: 'ocr-failures',

  meaning:
    'The primary OCR engine fails: it does not read samples whose text is known, or too many of the documents that it gets.',
  impact:
    'Documents wait or come out as nonsense. The fallback costs more or reads worse, so they go there for a while only.',

  stage: 'propose',
  approval: { tier: 'T1', roles: ['sre', 'ml'], people: 1 },

  params: z.strictObject({
    ocr: z.string().min(1).max(100).exactOptional().meta({
      title: 'OCR',
      description: 'Which OCR of the house. Left out: the one that belongs to the service of the alert.',
    }),
    percent: z.int().min(1).max(100).default(100).meta({
      title: 'Percent',
      description: 'How many of a hundred documents go to the fallback in the end.',
    }),
    minutes: z.int().min(5).max(10_080).default(240).meta({
      title: 'Minutes',
      description: 'After this long they go back to the primary, some ahead, if it reads by then.',
    }),
  }),

  async diagnose(readers, trigger, params) {
    const { cluster, directory } = readers
    const route = ocrRouteOf(directory, params.ocr, trigger.labels)
    const { name, routing, canary } = route
    const { share: key } = routing
    if (key === undefined)
      throw new PortFailure(
        'invalid',
        `the OCR ${name} has no share that could be changed: name the key in firebreak.yaml, ocr.${name}.routing.share`,
      )
    const config = await cluster.configMap(routing.config_map)
    if (!config) throw new PortFailure('not-found', `configmap ${routing.config_map} is not there`)
    const percent = shareIn(config, key)
    const samples = await samplesOf(readers, route)
    const look = async (engine: OcrEngine) => ({
      ...(await tried(readers, route, samples, engine.engine)),
      /** Of what it gets; `null` where nobody measures it, as when it gets nothing. */
      error_rate_percent: await roundedUp(readers.metrics, engine.error_rate_percent),
      ...(await readyOf(cluster, engine)),
    })
    const [primary, fallback] = await Promise.all([look(route.primary), look(route.fallback)])
    return {
      ocr: { name, service: route.service, environment: route.environment },
      cer_threshold_percent: route.cer_threshold_percent,
      error_rate_threshold_percent: route.error_rate_threshold_percent,
      canary: { percent: canary.percent, seconds: canary.seconds },
      config: { ref: config.ref, uid: config.uid, immutable: config.immutable },
      /** Whom the routing names; `null` where it names nobody. */
      named: config.data[routing.key] ?? null,
      share: { key, percent },
      primary,
      fallback,
      primary_is_well: primary.healthy && within(primary, route.error_rate_threshold_percent),
      wanted_percent: params.percent,
    }
  },

  stopIf: [
    {
      when: ({ named, primary }) => named !== primary.engine,
      because:
        'The routing does not name the primary engine: somebody has sent documents elsewhere, and that comes first (facts, named).',
    },
    {
      when: ({ share }, { percent }) => share.percent >= percent,
      because: 'So many documents go to the fallback already (facts, share): give that back first, or ask for more.',
    },
    {
      when: ({ config }) => config.immutable,
      because: 'The ConfigMap of the routing is immutable: have it replaced first.',
    },
    {
      when: ({ primary_is_well }) => primary_is_well,
      because: 'The primary engine reads the known samples, and does not fail on more documents than it may.',
    },
    {
      when: ({ primary, error_rate_threshold_percent: most }) => onlyOutOfReach(primary, most),
      because: OUT_OF_REACH,
    },
    {
      when: ({ fallback }) => fallback.read < fallback.samples,
      because:
        'The fallback does not read every known sample: documents would be no better off there. Bring it up first, or stop the consumers: documents can wait.',
    },
    {
      when: ({ fallback, cer_threshold_percent }) => !readsSamples(fallback, cer_threshold_percent),
      because:
        'The fallback gets more characters of the known samples wrong than the house allows (cer_threshold_percent): nonsense would come of documents there.',
    },
    {
      when: ({ share, fallback, error_rate_threshold_percent }) =>
        share.percent > 0 && !within(fallback, error_rate_threshold_percent),
      because: 'The fallback fails on too many of the documents that it gets already: more would be no better off.',
    },
  ],

  guards: () => [
    { fact: 'config.uid', same: true },
    { fact: 'named', same: true },
    { fact: 'share', same: true },
    { fact: 'primary_is_well', same: true },
    { fact: 'fallback.healthy', same: true },
  ],

  plan({ ocr, config: { ref, uid }, share, canary }, { percent, minutes }) {
    const waypoints = [share.percent, ...stagesOf(canary.percent, percent).filter((stage) => stage > share.percent)]
    const moves = waypoints
      .slice(1)
      .map((to, at) => ({ ocr: ocr.name, config: ref, uid, key: share.key, from: waypoints[at]!, to }))
    // Each on loan by itself, so that they come back one by one as well, with as long a pause in between.
    const ramp = { most: 1, pause_s: canary.seconds }
    return [
      each(setOcrShare, moves, {
        ...{ ramp, loan_minutes: minutes },
        within_s: moves.length * (canary.seconds + LONGEST_MOVE_S),
      }),
    ]
  },

  report({ ocr, primary, fallback, share }, { state, because }) {
    const before = `Before: ${primary.says} and ${failing(primary)}; ${fallback.says}.`
    return state === 'succeeded'
      ? [
          `OCR ${ocr.name} is diverted to its fallback, on loan. ${because}`,
          before,
          'Next: see to the primary (restore-ocr, or quarantine-input where certain files fail everywhere). Note the window: what the fallback reads may differ.',
        ].join('\n')
      : [
          `OCR ${ocr.name} is not diverted: the run is ${state}. ${because}`,
          before,
          state === 'undone'
            ? `${share.percent} % goes to the fallback, as before. If neither engine helps, stop the consumers: documents can wait.`
            : `Look at ${share.key}: it was ${share.percent} before.`,
        ].join('\n')
  },

  verify: {
    within_s: 120,
    says: ({ ocr, wanted_percent, fallback, error_rate_threshold_percent, primary }) =>
      `${wanted_percent} % goes to the fallback of ${ocr.name}, it reads all ${fallback.samples} known samples, and ` +
      (wanted_percent === 100 ? `neither it nor ${primary.engine} fails` : 'it does not fail') +
      ` on more than ${error_rate_threshold_percent} % of what it gets.`,

    async holds(readers, { ocr, config, share, primary, error_rate_threshold_percent }, { percent }) {
      const route = ocrRouteOf(readers.directory, ocr.name, {})
      const now = await readers.cluster.configMap(route.routing.config_map)
      if (now?.uid !== config.uid)
        return { holds: false, says: `Configmap ${config.ref} is not the one that was changed any more.` }
      const routed = shareIn(now, share.key)
      const against = await speaksAgainst(readers, route, route.fallback, true)
      // Where all of them are diverted, consumers that do not follow show by what still fails at the primary.
      const left = percent < 100 ? null : await roundedUp(readers.metrics, route.primary.error_rate_percent)
      const all = left === null || left <= error_rate_threshold_percent
      return {
        holds: routed === percent && against === undefined && all,
        says:
          `${routed} % goes to the fallback; ${against ?? 'it reads the samples, and enough of what it gets'}` +
          (all ? '.' : `; ${primary.engine} still fails on ${left} %: do consumers follow the routing?`),
      }
    },
  },
})

interface Measured {
  error_rate_percent: number | null
}

/** An engine that nobody measures is judged by the samples alone. */
const within = ({ error_rate_percent }: Measured, threshold: number): boolean =>
  error_rate_percent === null || error_rate_percent <= threshold

const failing = ({ error_rate_percent }: Measured): string =>
  error_rate_percent === null
    ? 'how much it failed on was not measured'
    : `failed on ${error_rate_percent} % of what it got`

/** Some go ahead there; and before the last of them is there, some are left: on the way back those go ahead. */
const stagesOf = (canary: number, percent: number): number[] =>
  [...new Set([canary, percent - canary, percent])]
    .filter((stage) => stage > 0 && stage <= percent)
    .sort((a, b) => a - b)

/** Pods that could take what comes. */
async function readyOf(cluster: ClusterReader, { deployment }: OcrRoute['fallback']) {
  const found = await cluster.deployment(deployment)
  return { deployment, replicas: found?.replicas ?? 0, ready: found?.ready ?? 0 }
}
