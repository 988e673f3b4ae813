import { z } from 'zod'
import type { Hands, Readers, Rollout, WorkloadRef } from '../ports.js'
import { defineVerb, type Probe } from '../verb.js'
import { afresh, NotAsPlanned } from './afresh.js'
import { plannedRollout } from './planned-rollout.js'
import { shown, value, valueOf, type Value } from './setting.js'
import { workload } from './workload.js'

const args = z.strictObject({
  deployment: workload,
  uid: z.string().min(1),
  container: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'expected the name of a container'),
  name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'expected the name of a variable'),
  from: value,
  to: value,
})
type Args = z.output<typeof args>

/** `undefined` when there is no such container. */
function valueIn({ containers }: Rollout, { container, name }: Args): Value | undefined {
  const env = containers.find((one) => one.name === container)?.env
  return env && valueOf(env, name)
}

async function set(hands: Hands, readers: Readers, args: Args, from: Value, to: Value) {
  const { deployment, container, name } = args
  const found = await plannedRollout(readers, args)
  const now = valueIn(found, args)
  if (now === undefined) throw new NotAsPlanned(`deployment ${deployment} has no container ${container} any more`)
  if (now !== from)
    throw new NotAsPlanned(`${name} of deployment ${deployment} is not ${shown(from)}: somebody changed it`)
  return hands.cluster.setEnv(found.ref, { container, name, value: to }, found.resource_version)
}

async function probe(readers: Readers, args: Args, from: Value, to: Value): Promise<Probe> {
  const found = await readers.cluster.rollout(args.deployment as WorkloadRef)
  if (!found || found.uid !== args.uid) return 'cannot-tell'
  const now = valueIn(found, args)
  if (now === to) return 'in-place'
  return now === from ? 'not-in-place' : 'cannot-tell'
}

/** `kubectl set env deploy/<name> -c <container> NAME=value`, and only if it still has the value of before. A rollout. */
export const setDeploymentEnv = defineVerb({
  id: 'set-deployment-env',
  args,
  targets: ({ deployment }) => [`deployment:${deployment}`],
  before: ({ name, from }) => ({ [name]: from }),
  after: ({ name, to }) => ({ [name]: to }),
  state: async (readers, args) => ({ [args.name]: valueIn(await plannedRollout(readers, args), args) ?? null }),
  needs: [{ group: 'apps', resource: 'deployments', verbs: ['get', 'patch'] }],
  reversible: 'yes',
  says: ({ deployment, container, name, from, to }) =>
    `Set ${name} of container ${container} of deployment ${deployment} from ${shown(from)} to ${shown(to)}: its pods are made anew`,
  do: (hands, readers, args) => afresh(() => set(hands, readers, args, args.from, args.to)),
  probe: (readers, args) => probe(readers, args, args.from, args.to),
  undo: {
    says: ({ deployment, container, name, from, to }) =>
      `Set ${name} of container ${container} of deployment ${deployment} back from ${shown(to)} to ${shown(from)}`,
    do: (hands, readers, args) => afresh(() => set(hands, readers, args, args.to, args.from)),
    probe: (readers, args) => probe(readers, args, args.to, args.from),
  },
})
