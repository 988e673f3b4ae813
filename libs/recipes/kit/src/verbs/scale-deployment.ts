import { z } from 'zod'
import { PortFailure, type Hands, type Readers, type WorkloadRef } from '../ports.js'
import { defineVerb, type Probe } from '../verb.js'
import { afresh, NotAsPlanned } from './afresh.js'
import { workload } from './workload.js'

const args = z.strictObject({
  deployment: workload,
  /** The Deployment that the approver saw; one of the same name made later is another thing. */
  uid: z.string().min(1),
  from: z.int().min(0),
  to: z.int().min(0),
})
type Args = z.output<typeof args>

async function read(readers: Readers, { deployment, uid }: Args) {
  const found = await readers.cluster.deployment(deployment as WorkloadRef)
  if (!found) throw new PortFailure('not-found', `deployment ${deployment} is not there`)
  if (found.uid !== uid) throw new NotAsPlanned(`deployment ${deployment} was replaced since it was planned`)
  return found
}

async function scale(hands: Hands, readers: Readers, args: Args, from: number, to: number) {
  const found = await read(readers, args)
  if (found.replicas !== from)
    throw new NotAsPlanned(`${args.deployment} has ${found.replicas} replicas, not ${from}: somebody changed it`)
  return hands.cluster.scale(found.ref, to, found.resource_version)
}

async function probe(readers: Readers, args: Args, from: number, to: number): Promise<Probe> {
  const found = await readers.cluster.deployment(args.deployment as WorkloadRef)
  if (!found || found.uid !== args.uid) return 'cannot-tell'
  if (found.replicas === to) return 'in-place'
  return found.replicas === from ? 'not-in-place' : 'cannot-tell'
}

/** `kubectl scale deploy <name> --replicas=<to>`, and only if there are still `from`. */
export const scaleDeployment = defineVerb({
  id: 'scale-deployment',
  args,
  targets: ({ deployment }) => [`deployment:${deployment}`],
  before: ({ from }) => ({ replicas: from }),
  after: ({ to }) => ({ replicas: to }),
  state: async (readers, args) => ({ replicas: (await read(readers, args)).replicas }),
  needs: [
    { group: 'apps', resource: 'deployments', verbs: ['get'] },
    { group: 'apps', resource: 'deployments/scale', verbs: ['get', 'patch'] },
  ],
  reversible: 'yes',
  says: ({ deployment, from, to }) => `Scale deployment ${deployment} from ${from} to ${to} replicas`,
  do: (hands, readers, args) => afresh(() => scale(hands, readers, args, args.from, args.to)),
  probe: (readers, args) => probe(readers, args, args.from, args.to),
  undo: {
    says: ({ deployment, from, to }) => `Scale deployment ${deployment} back from ${to} to ${from} replicas`,
    do: (hands, readers, args) => afresh(() => scale(hands, readers, args, args.to, args.from)),
    probe: (readers, args) => probe(readers, args, args.to, args.from),
  },
})
