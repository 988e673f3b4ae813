import {
  defineRecipe,
  each,
  inputFault,
  PortFailure,
  queueOf,
  type JobQueue,
  type OcrRoute,
  type Readers,
  type StoredObject,
} from '@firebreak/kit'
import { setObjectAside } from '@firebreak/kit/verbs'
import { z } from 'zod'
import { roundedUp } from '../reading.js'

/** Inputs that are listed, and of these the newest that are read. */
const [MOST_LISTED, MOST_READ] = [1_000, 200]

export const quarantineInput = defineRecipe({
  id: 'quarantine-input',
  version: 2,
  title: 'Set corrupted inputs aside',
  page: 'ocr-failures',

  meaning:
    'Documents come in that nobody can read: cut off in the middle, empty, or of a format that is not known here.',
  impact: 'Engines fail on them again and again, and what is whole waits behind them.',

  stage: 'propose',
  approval: { tier: 'T2', roles: ['sre', 'ml'], people: 1 },

  params: z.strictObject({
    queue: z.string().min(1).max(100).exactOptional().meta({
      title: 'Queue',
      description: 'Whose inputs. Left out: the queue that belongs to the service of the alert, or feeds its OCR.',
    }),
    keys: z
      .array(z.string().min(1).max(1_000))
      .min(1, 'empty-selection: name at least one input, or leave the list out')
      .max(MOST_READ)
      .exactOptional()
      .meta({
        title: 'Inputs',
        description: `Keys of inputs. Only those that cannot be read are moved. Left out: the newest 200, where there are fewer than ${MOST_LISTED}.`,
      }),
  }),

  async diagnose(readers, trigger, params) {
    const queue = queueOf(readers.directory, params.queue, trigger.labels)
    const { quarantine, inputs } = queue
    if (!quarantine)
      throw new PortFailure(
        'invalid',
        `queue ${queue.name} has no quarantine: name a bucket and a prefix in firebreak.yaml, queues.${queue.name}.quarantine`,
      )
    const route = routeOf(readers, queue)
    const { found, listed, missing } = await lookedAt(readers, queue, params.keys)
    const bad: Bad[] = []
    for (const object of found) {
      const judged = await judge(readers, queue, object)
      if (judged) bad.push(judged)
    }
    return {
      queue: { name: queue.name, service: queue.service, environment: queue.environment },
      from: { bucket: inputs.bucket, prefix: inputs.prefix },
      to: { bucket: quarantine.bucket, prefix: quarantine.prefix },
      named: params.keys !== undefined,
      listed,
      looked_at: found.length,
      not_found: missing,
      bad,
      measured: route && { ...route, percent: await roundedUp(readers.metrics, route.query) },
    }
  },

  stopIf: [
    {
      when: ({ not_found }) => not_found.length > 0,
      because: 'An input that was named is not there: look again, and name those that are.',
    },
    {
      // A listing goes by name: what it leaves out may be the newest.
      when: ({ named, listed }) => !named && listed >= MOST_LISTED,
      because: `There are ${MOST_LISTED} inputs or more, and which of them are the newest cannot be told: name them (keys).`,
    },
    {
      when: ({ bad }) => bad.length === 0,
      because: 'Every input that was looked at is whole and of a known format: the cause is elsewhere.',
    },
    {
      when: ({ named, bad, looked_at }) => !named && bad.length > 3 && bad.length * 2 > looked_at,
      because:
        'More than half of the inputs cannot be read: that is their source, or the formats that the house names, and nothing to be set aside.',
    },
  ],

  // What moves meanwhile is looked at object by object, right before each is touched.
  guards: () => [{ fact: 'to.bucket', same: true }],

  plan: ({ from, to, bad }) => [
    each(
      setObjectAside,
      bad.map(({ key, digest, because }) => ({
        from: { bucket: from.bucket, key },
        to: { bucket: to.bucket, key: to.prefix + key },
        digest,
        because,
      })),
      { ramp: { most: 20 } },
    ),
  ],

  verify: {
    within_s: 60,
    says: ({ bad, measured }) =>
      `None of the ${bad.length} inputs lies in the way${measured ? `, and at most ${measured.threshold} % of the documents cannot be read` : ''}.`,

    async holds(readers, { from, bad, measured }) {
      const left: string[] = []
      for (const { key, digest } of bad)
        if ((await readers.objects.digest({ bucket: from.bucket, key })) === digest) left.push(key)
      const now = measured && (await roundedUp(readers.metrics, measured.query))
      const rate = measured
        ? ` ${now === null ? 'How much cannot be read is not measured.' : `${now} % cannot be read (${measured.engine}, at most ${measured.threshold} %).`}`
        : ''
      return {
        holds: left.length === 0 && (!measured || (now !== null && now <= measured.threshold)),
        says: `${bad.length - left.length} of ${bad.length} inputs are aside.${rate}`,
      }
    },
  },
})

/** An input that nobody can read. */
type Bad = {
  key: string
  bytes: number
  digest: string
  because: string
}

async function lookedAt(
  { objects }: Readers,
  { inputs: { bucket, prefix } }: JobQueue,
  keys: readonly string[] | undefined,
) {
  if (keys === undefined) {
    const all = await objects.objects(bucket, prefix, MOST_LISTED)
    const newest = all.toSorted((a, b) => b.modified_ms - a.modified_ms).slice(0, MOST_READ)
    return { found: newest, listed: all.length, missing: [] }
  }
  const found: StoredObject[] = []
  const missing: string[] = []
  for (const key of new Set(keys)) {
    // Only inputs: what lies elsewhere in the bucket is not this recipe's to move.
    const head = key.startsWith(prefix) ? await objects.head({ bucket, key }) : undefined
    if (head) found.push(head)
    else missing.push(key)
  }
  return { found, listed: found.length, missing }
}

async function judge({ objects }: Readers, queue: JobQueue, { key, bytes }: StoredObject): Promise<Bad | undefined> {
  const ref = { bucket: queue.inputs.bucket, key }
  const fault = await inputFault({ objects }, queue, key)
  const digest = fault === undefined ? undefined : await objects.digest(ref)
  // One that went away meanwhile lies in nobody's way.
  return fault === undefined || digest === undefined ? undefined : { key, bytes, digest, because: fault }
}

/** How much of what this queue brings cannot be read, where the house measures it. */
function routeOf({ directory }: Readers, { name }: JobQueue) {
  const route: OcrRoute | undefined = directory.things().ocr.find(({ queue }) => queue === name)
  if (!route) return null
  const { engine, error_rate_percent: query } = route.primary
  return { engine, query, threshold: route.error_rate_threshold_percent }
}
