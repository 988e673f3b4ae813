import { PortFailure, type ConfigMap, type Readers, type WorkloadRef } from '../ports.js'
import { NotAsPlanned } from './afresh.js'

/**
 * The ConfigMap that the approver saw; one of the same name made later is another thing.
 * @throws PortFailure `not-found`: it is not there. @throws NotAsPlanned: it is another one.
 */
export async function plannedConfig(
  { cluster }: Readers,
  { config, uid }: { config: string; uid: string },
): Promise<ConfigMap> {
  const found = await cluster.configMap(config as WorkloadRef)
  if (!found) throw new PortFailure('not-found', `configmap ${config} is not there`)
  if (found.uid !== uid) throw new NotAsPlanned(`configmap ${config} was replaced since it was planned`)
  return found
}
