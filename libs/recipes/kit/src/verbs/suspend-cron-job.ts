import { z } from 'zod'
import { PortFailure, type Hands, type Readers, type WorkloadRef } from '../ports.js'
import { defineVerb, type Probe } from '../verb.js'
import { afresh, NotAsPlanned } from './afresh.js'
import { workload } from './workload.js'

const args = z.strictObject({ cron_job: workload, uid: z.string().min(1) })
type Args = z.output<typeof args>

async function read(readers: Readers, { cron_job, uid }: Args) {
  const found = await readers.cluster.cronJob(cron_job as WorkloadRef)
  if (!found) throw new PortFailure('not-found', `cronjob ${cron_job} is not there`)
  if (found.uid !== uid) throw new NotAsPlanned(`cronjob ${cron_job} was replaced since it was planned`)
  return found
}

async function suspend(hands: Hands, readers: Readers, args: Args, suspended: boolean) {
  const found = await read(readers, args)
  if (found.suspended === suspended)
    throw new NotAsPlanned(`cronjob ${args.cron_job} ${suspended ? 'is suspended already' : 'goes on already'}`)
  return hands.cluster.suspendCronJob(found.ref, suspended, found.resource_version)
}

async function probe(readers: Readers, args: Args, suspended: boolean): Promise<Probe> {
  const found = await readers.cluster.cronJob(args.cron_job as WorkloadRef)
  if (!found || found.uid !== args.uid) return 'cannot-tell'
  return found.suspended === suspended ? 'in-place' : 'not-in-place'
}

/** Suspends a schedule. Jobs that it has started already run on: those are for `suspend-job`. */
export const suspendCronJob = defineVerb({
  id: 'suspend-cron-job',
  args,
  targets: ({ cron_job }) => [`cronjob:${cron_job}`],
  before: () => ({ suspended: false }),
  after: () => ({ suspended: true }),
  state: async (readers, args) => ({ suspended: (await read(readers, args)).suspended }),
  needs: [{ group: 'batch', resource: 'cronjobs', verbs: ['get', 'patch'] }],
  reversible: 'yes',
  says: ({ cron_job }) => `Suspend cronjob ${cron_job}: it starts no more jobs, and those that run go on`,
  do: (hands, readers, args) => afresh(() => suspend(hands, readers, args, true)),
  probe: (readers, args) => probe(readers, args, true),
  undo: {
    says: ({ cron_job }) => `Resume cronjob ${cron_job}: without a deadline it starts at once what it missed`,
    do: (hands, readers, args) => afresh(() => suspend(hands, readers, args, false)),
    probe: (readers, args) => probe(readers, args, false),
  },
})
