import { PortFailure, type Readers, type Rollout, type WorkloadRef } from '../ports.js'
import { NotAsPlanned } from './afresh.js'

/**
 * The rollout of the Deployment that the approver saw; one of the same name made later is another thing.
 * @throws PortFailure `not-found`: it is not there. @throws NotAsPlanned: it is another one.
 */
export async function plannedRollout(
  { cluster }: Readers,
  { deployment, uid }: { deployment: string; uid: string },
): Promise<Rollout> {
  const found = await cluster.rollout(deployment as WorkloadRef)
  if (!found) throw new PortFailure('not-found', `deployment ${deployment} is not there`)
  if (found.uid !== uid) throw new NotAsPlanned(`deployment ${deployment} was replaced since it was planned`)
  return found
}
