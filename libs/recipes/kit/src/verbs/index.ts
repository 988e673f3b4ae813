import type { Verb } from '../verb.js'
import { captureEvidence } from './capture-evidence.js'
import { raiseAutoscalerFloor } from './raise-autoscaler-floor.js'
import { requeueJob } from './requeue-job.js'
import { restartDeployment } from './restart-deployment.js'
import { restoreObject } from './restore-object.js'
import { scaleDeployment } from './scale-deployment.js'
import { setConfigKey } from './set-config-key.js'
import { setDeploymentEnv } from './set-deployment-env.js'
import { setOcrShare } from './set-ocr-share.js'
import { setObjectAside } from './set-object-aside.js'
import { suspendCronJob } from './suspend-cron-job.js'
import { suspendJob } from './suspend-job.js'
import { forwardOf, inverseOf } from './way-back.js'

export { captureEvidence, contentsOf } from './capture-evidence.js'
export { requeueJob, restoreObject, setObjectAside }
export {
  raiseAutoscalerFloor,
  scaleDeployment,
  setConfigKey,
  setDeploymentEnv,
  setOcrShare,
  suspendCronJob,
  suspendJob,
}
export { forwardOf, wayBackOf } from './way-back.js'
export { restartDeployment, restartMark } from './restart-deployment.js'

/** Every verb that a recipe can speak, by id. */
export const verbs: ReadonlyMap<string, Verb> = new Map(
  [
    scaleDeployment,
    raiseAutoscalerFloor,
    requeueJob,
    restoreObject,
    setObjectAside,
    restartDeployment,
    setDeploymentEnv,
    suspendJob,
    suspendCronJob,
    setConfigKey,
    setOcrShare,
    captureEvidence,
  ].map((word) => [word.definition.id, word.definition as Verb]),
)

/** The verb with this id, or the way back of one. A plan that names another one does not start. */
export function verbNamed(id: string): Verb | undefined {
  const forward = verbs.get(forwardOf(id) ?? '')
  return forward ? inverseOf(forward) : verbs.get(id)
}
