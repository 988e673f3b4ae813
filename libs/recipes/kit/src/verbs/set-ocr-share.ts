import { z } from 'zod'
import { ocrRouteOf, shareIn } from '../ocr-route.js'
import { speaksAgainst } from '../ocr-samples.js'
import type { Hands, Readers, WorkloadRef } from '../ports.js'
import { defineVerb, type Probe } from '../verb.js'
import { afresh, NotAsPlanned } from './afresh.js'
import { plannedConfig } from './planned-config.js'
import { workload } from './workload.js'

const percent = z.int().min(0).max(100)
const args = z
  .strictObject({
    /** The OCR by its name in the house: its engines and samples are those of the day. */
    ocr: z.string().min(1).max(100),
    config: workload,
    uid: z.string().min(1),
    key: z.string().regex(/^[-._a-zA-Z0-9]{1,253}$/, 'expected a key of a ConfigMap'),
    /** Percent of the documents that go to the fallback. */
    from: percent,
    to: percent,
  })
  .refine(({ from, to }) => from < to, { message: 'expected more than before', path: ['to'] })
type Args = z.output<typeof args>

async function move(hands: Hands, readers: Readers, args: Args, from: number, to: number) {
  const found = await plannedConfig(readers, args)
  const now = shareIn(found, args.key)
  if (now !== from)
    throw new NotAsPlanned(
      `${args.key} of configmap ${args.config} is ${now}, not ${from}: somebody else routes documents`,
    )
  if (found.immutable) throw new NotAsPlanned(`configmap ${args.config} is immutable`)
  return hands.cluster.setConfig(found.ref, { [args.key]: String(to) }, found.resource_version)
}

async function probe(readers: Readers, args: Args, from: number, to: number): Promise<Probe> {
  const found = await readers.cluster.configMap(args.config as WorkloadRef)
  if (!found || found.uid !== args.uid) return 'cannot-tell'
  const now = found.data[args.key]
  if (now === String(to)) return 'in-place'
  return now === String(from) ? 'not-in-place' : 'cannot-tell'
}

const routeOf = ({ directory }: Readers, { ocr }: Args) => ocrRouteOf(directory, ocr, {})

/**
 * Sends a larger share of the documents to the fallback engine, by one key of the routing config. Each time the fallback
 * first reads the known samples; and where it gets documents already, what comes of them is looked at: so one step after
 * the other is a canary. The way back is one likewise where it is a loan's: the primary is asked the same before it gets more.
 */
export const setOcrShare = defineVerb({
  id: 'set-ocr-share',
  args,
  targets: ({ config }) => [`configmap:${config}`],
  before: ({ key, from }) => ({ [key]: String(from) }),
  after: ({ key, to }) => ({ [key]: String(to) }),
  state: async (readers, args) => ({ [args.key]: String(shareIn(await plannedConfig(readers, args), args.key)) }),
  needs: [{ group: '', resource: 'configmaps', verbs: ['get', 'patch'] }],
  reversible: 'compensable',
  says: ({ ocr, config, key, from, to }) =>
    `Send ${to} % to the fallback engine of ${ocr}, up from ${from} % (${key} of configmap ${config})`,
  async do(hands, readers, args) {
    const route = routeOf(readers, args)
    const why = await speaksAgainst(readers, route, route.fallback, args.from > 0)
    if (why !== undefined) throw new NotAsPlanned(`no more goes to the fallback engine of ${args.ocr}: ${why}`)
    return afresh(() => move(hands, readers, args, args.from, args.to))
  },
  probe: (readers, args) => probe(readers, args, args.from, args.to),
  async notYet(readers, args) {
    const route = routeOf(readers, args)
    const why = await speaksAgainst(readers, route, route.primary, args.to < 100)
    return why === undefined
      ? undefined
      : `${args.to} % stays with the fallback engine of ${args.ocr}: ${why}. Restore the primary, then ask for the loan again; or renew it.`
  },
  undo: {
    says: ({ ocr, config, key, from, to }) =>
      `Send ${from} % to the fallback engine of ${ocr}, back from ${to} % (${key} of configmap ${config}); what it has read stays read`,
    do: (hands, readers, args) => afresh(() => move(hands, readers, args, args.to, args.from)),
    probe: (readers, args) => probe(readers, args, args.to, args.from),
  },
})
