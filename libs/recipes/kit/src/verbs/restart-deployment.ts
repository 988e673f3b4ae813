import { z } from 'zod'
import type { Hands, Readers, Rollout, WorkloadRef } from '../ports.js'
import { defineVerb, type Probe } from '../verb.js'
import { afresh, NotAsPlanned } from './afresh.js'
import { plannedRollout } from './planned-rollout.js'
import { workload } from './workload.js'

const mark = z.string().regex(/^[a-z0-9][-a-z0-9.]{0,62}$/, 'expected a mark of lower case letters, digits, - and .')
const args = z.strictObject({
  deployment: workload,
  uid: z.string().min(1),
  /** The mark of the restart before this one; `null` when there was none. */
  from: mark.nullable(),
  to: mark,
})
type Args = z.output<typeof args>
type Mark = string | null

/** A mark that this Deployment never had: its generation is counted up with each change, and never back. */
export const restartMark = ({ generation }: Pick<Rollout, 'generation'>): string => `generation-${generation}`

async function restart(hands: Hands, readers: Readers, args: Args, from: Mark, to: Mark) {
  const found = await plannedRollout(readers, args)
  if (found.restart_mark !== from) throw new NotAsPlanned(`somebody else has restarted ${args.deployment}`)
  return hands.cluster.restart(found.ref, to, found.resource_version)
}

async function probe(readers: Readers, args: Args, from: Mark, to: Mark): Promise<Probe> {
  const found = await readers.cluster.rollout(args.deployment as WorkloadRef)
  if (!found || found.uid !== args.uid) return 'cannot-tell'
  if (found.restart_mark === to) return 'in-place'
  return found.restart_mark === from ? 'not-in-place' : 'cannot-tell'
}

/**
 * `kubectl rollout restart deploy <name>`, once. The way back puts the template as it was: pods of the old template that
 * are still there stay, so that a restart whose pods never become ready does no more harm.
 */
export const restartDeployment = defineVerb({
  id: 'restart-deployment',
  args,
  targets: ({ deployment }) => [`deployment:${deployment}`],
  before: ({ from }) => ({ restart_mark: from }),
  after: ({ to }) => ({ restart_mark: to }),
  state: async (readers, args) => ({ restart_mark: (await plannedRollout(readers, args)).restart_mark }),
  needs: [{ group: 'apps', resource: 'deployments', verbs: ['get', 'patch'] }],
  reversible: 'compensable',
  says: ({ deployment }) => `Restart deployment ${deployment}: each of its pods is made anew, as its rollout allows`,
  do: (hands, readers, args) => afresh(() => restart(hands, readers, args, args.from, args.to)),
  probe: (readers, args) => probe(readers, args, args.from, args.to),
  undo: {
    says: ({ deployment }) => `Put the template of deployment ${deployment} back: pods that were made anew go again`,
    do: (hands, readers, args) => afresh(() => restart(hands, readers, args, args.to, args.from)),
    probe: (readers, args) => probe(readers, args, args.to, args.from),
  },
})
