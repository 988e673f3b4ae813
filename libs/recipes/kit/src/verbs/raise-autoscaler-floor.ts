import { z } from 'zod'
import { PortFailure, type Hands, type Readers, type WorkloadRef } from '../ports.js'
import { defineVerb, type Probe } from '../verb.js'
import { afresh, NotAsPlanned } from './afresh.js'
import { workload } from './workload.js'

const bounds = z.strictObject({ min: z.int().min(1), max: z.int().min(1) })
const args = z.strictObject({
  /** The autoscaler, and the Deployment that it governs: the lock is on what is scaled. */
  autoscaler: workload,
  deployment: workload,
  uid: z.string().min(1),
  from: bounds,
  to: bounds,
})
type Args = z.output<typeof args>
type Bounds = z.output<typeof bounds>

const same = (a: Bounds, b: Bounds) => a.min === b.min && a.max === b.max

async function read(readers: Readers, { deployment, autoscaler, uid }: Args) {
  const found = await readers.cluster.autoscalerOf(deployment as WorkloadRef)
  if (!found || found.ref !== autoscaler) throw new PortFailure('not-found', `autoscaler ${autoscaler} is not there`)
  if (found.uid !== uid) throw new NotAsPlanned(`autoscaler ${autoscaler} was replaced since it was planned`)
  return found
}

async function move(hands: Hands, readers: Readers, args: Args, from: Bounds, to: Bounds) {
  const found = await read(readers, args)
  if (!same(found, from))
    throw new NotAsPlanned(`${args.autoscaler} is ${found.min}–${found.max}, not ${from.min}–${from.max}`)
  return hands.cluster.setBounds(found.ref, to, found.resource_version)
}

async function probe(readers: Readers, args: Args, from: Bounds, to: Bounds): Promise<Probe> {
  const found = await readers.cluster.autoscalerOf(args.deployment as WorkloadRef)
  if (!found || found.uid !== args.uid) return 'cannot-tell'
  if (same(found, to)) return 'in-place'
  return same(found, from) ? 'not-in-place' : 'cannot-tell'
}

const range = ({ min, max }: Bounds) => `${min}–${max}`

/**
 * Raises what an autoscaler keeps at least (and its ceiling with it). With an HPA in the way a plain scale would be
 * taken back within seconds.
 */
export const raiseAutoscalerFloor = defineVerb({
  id: 'raise-autoscaler-floor',
  args,
  targets: ({ deployment }) => [`deployment:${deployment}`],
  before: ({ from }) => ({ min: from.min, max: from.max }),
  after: ({ to }) => ({ min: to.min, max: to.max }),
  state: async (readers, args) => {
    const { min, max } = await read(readers, args)
    return { min, max }
  },
  needs: [{ group: 'autoscaling', resource: 'horizontalpodautoscalers', verbs: ['list', 'patch'] }],
  reversible: 'yes',
  says: ({ autoscaler, from, to }) => `Move the bounds of autoscaler ${autoscaler} from ${range(from)} to ${range(to)}`,
  do: (hands, readers, args) => afresh(() => move(hands, readers, args, args.from, args.to)),
  probe: (readers, args) => probe(readers, args, args.from, args.to),
  undo: {
    says: ({ autoscaler, from, to }) =>
      `Move the bounds of autoscaler ${autoscaler} back from ${range(to)} to ${range(from)}`,
    do: (hands, readers, args) => afresh(() => move(hands, readers, args, args.to, args.from)),
    probe: (readers, args) => probe(readers, args, args.to, args.from),
  },
})
