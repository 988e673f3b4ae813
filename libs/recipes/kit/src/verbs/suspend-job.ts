import { z } from 'zod'
import { PortFailure, type Hands, type Readers, type WorkloadRef } from '../ports.js'
import { defineVerb, type Probe } from '../verb.js'
import { afresh, NotAsPlanned } from './afresh.js'
import { workload } from './workload.js'

const args = z.strictObject({ job: workload, uid: z.string().min(1) })
type Args = z.output<typeof args>

async function read(readers: Readers, { job, uid }: Args) {
  const found = await readers.cluster.job(job as WorkloadRef)
  if (!found) throw new PortFailure('not-found', `job ${job} is not there`)
  if (found.uid !== uid) throw new NotAsPlanned(`job ${job} was replaced since it was planned`)
  return found
}

async function suspend(hands: Hands, readers: Readers, args: Args, suspended: boolean) {
  const found = await read(readers, args)
  if (found.state === 'complete' || found.state === 'failed')
    throw new NotAsPlanned(`job ${args.job} has ended: there is nothing to ${suspended ? 'suspend' : 'resume'}`)
  if (found.suspended === suspended)
    throw new NotAsPlanned(`job ${args.job} ${suspended ? 'is suspended already' : 'goes on already'}`)
  return hands.cluster.suspendJob(found.ref, suspended, found.resource_version)
}

async function probe(readers: Readers, args: Args, suspended: boolean): Promise<Probe> {
  const found = await readers.cluster.job(args.job as WorkloadRef)
  if (!found || found.uid !== args.uid) return 'cannot-tell'
  return found.suspended === suspended ? 'in-place' : 'not-in-place'
}

/** Suspends a Job. Its running pods are deleted: what they had done and not written down is lost. */
export const suspendJob = defineVerb({
  id: 'suspend-job',
  args,
  targets: ({ job }) => [`job:${job}`],
  before: () => ({ suspended: false }),
  after: () => ({ suspended: true }),
  state: async (readers, args) => ({ suspended: (await read(readers, args)).suspended }),
  needs: [{ group: 'batch', resource: 'jobs', verbs: ['get', 'patch'] }],
  // What it was in the middle of begins again: the way back gives back the work, not the time.
  reversible: 'compensable',
  says: ({ job }) => `Suspend job ${job}: its running pods are deleted, and begin again when it is resumed`,
  do: (hands, readers, args) => afresh(() => suspend(hands, readers, args, true)),
  probe: (readers, args) => probe(readers, args, true),
  undo: {
    says: ({ job }) => `Resume job ${job}`,
    do: (hands, readers, args) => afresh(() => suspend(hands, readers, args, false)),
    probe: (readers, args) => probe(readers, args, false),
  },
})
