import { z } from 'zod'
import { PortFailure, type Hands, type Readers, type Rollout, type WorkloadRef } from '../ports.js'
import { defineVerb, type Probe } from '../verb.js'
import { afresh, NotAsPlanned } from './afresh.js'
import { workload } from './workload.js'

/** `null`: the variable is not set. Values stand in the plan, so secrets have no place here. */
const value = z.string().max(1_000).nullable()
const args = z.strictObject({
  deployment: workload,
  uid: z.string().min(1),
  container: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'expected the name of a container'),
  name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'expected the name of a variable'),
  from: value,
  to: value,
})
type Args = z.output<typeof args>
type Value = z.output<typeof value>

async function read(readers: Readers, { deployment, uid }: Args) {
  const found = await readers.cluster.rollout(deployment as WorkloadRef)
  if (!found) throw new PortFailure('not-found', `deployment ${deployment} is not there`)
  if (found.uid !== uid) throw new NotAsPlanned(`deployment ${deployment} was replaced since it was planned`)
  return found
}

/** `undefined` when there is no such container. */
function valueIn({ containers }: Rollout, { container, name }: Args): Value | undefined {
  const env = containers.find((one) => one.name === container)?.env
  return env && (Object.hasOwn(env, name) ? env[name]! : null)
}

async function set(hands: Hands, readers: Readers, args: Args, from: Value, to: Value) {
  const { deployment, container, name } = args
  const found = await read(readers, args)
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

const shown = (value: Value) => (value === null ? 'nothing' : JSON.stringify(value))

/** `kubectl set env deploy/<name> -c <container> NAME=value`, and only if it still has the value of before. A rollout. */
export const setDeploymentEnv = defineVerb({
  id: 'set-deployment-env',
  args,
  targets: ({ deployment }) => [`deployment:${deployment}`],
  before: ({ name, from }) => ({ [name]: from }),
  after: ({ name, to }) => ({ [name]: to }),
  state: async (readers, args) => ({ [args.name]: valueIn(await read(readers, args), args) ?? null }),
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
