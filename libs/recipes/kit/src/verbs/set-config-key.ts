import { z } from 'zod'
import type { Hands, Readers, WorkloadRef } from '../ports.js'
import { defineVerb, type Probe } from '../verb.js'
import { afresh, NotAsPlanned } from './afresh.js'
import { plannedConfig } from './planned-config.js'
import { shown, value, valueOf, type Value } from './setting.js'
import { workload } from './workload.js'

const args = z.strictObject({
  config: workload,
  uid: z.string().min(1),
  key: z.string().regex(/^[-._a-zA-Z0-9]{1,253}$/, 'expected a key of a ConfigMap'),
  from: value,
  to: value,
})
type Args = z.output<typeof args>

async function set(hands: Hands, readers: Readers, args: Args, from: Value, to: Value) {
  const found = await plannedConfig(readers, args)
  if (valueOf(found.data, args.key) !== from)
    throw new NotAsPlanned(`${args.key} of configmap ${args.config} is not ${shown(from)}: somebody changed it`)
  if (found.immutable) throw new NotAsPlanned(`configmap ${args.config} is immutable`)
  return hands.cluster.setConfig(found.ref, { [args.key]: to }, found.resource_version)
}

async function probe(readers: Readers, args: Args, from: Value, to: Value): Promise<Probe> {
  const found = await readers.cluster.configMap(args.config as WorkloadRef)
  if (!found || found.uid !== args.uid) return 'cannot-tell'
  const now = valueOf(found.data, args.key)
  if (now === to) return 'in-place'
  return now === from ? 'not-in-place' : 'cannot-tell'
}

/** Sets one key of a ConfigMap, and leaves the others alone. When a pod sees it is the service's to say. */
export const setConfigKey = defineVerb({
  id: 'set-config-key',
  args,
  targets: ({ config }) => [`configmap:${config}`],
  before: ({ key, from }) => ({ [key]: from }),
  after: ({ key, to }) => ({ [key]: to }),
  state: async (readers, args) => ({ [args.key]: valueOf((await plannedConfig(readers, args)).data, args.key) }),
  needs: [{ group: '', resource: 'configmaps', verbs: ['get', 'patch'] }],
  reversible: 'yes',
  says: ({ config, key, from, to }) => `Set ${key} of configmap ${config} from ${shown(from)} to ${shown(to)}`,
  do: (hands, readers, args) => afresh(() => set(hands, readers, args, args.from, args.to)),
  probe: (readers, args) => probe(readers, args, args.from, args.to),
  undo: {
    says: ({ config, key, from, to }) => `Set ${key} of configmap ${config} back from ${shown(to)} to ${shown(from)}`,
    do: (hands, readers, args) => afresh(() => set(hands, readers, args, args.to, args.from)),
    probe: (readers, args) => probe(readers, args, args.to, args.from),
  },
})
