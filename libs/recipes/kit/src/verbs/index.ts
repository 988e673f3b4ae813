import type { Verb } from '../verb.js'
import { raiseAutoscalerFloor } from './raise-autoscaler-floor.js'
import { scaleDeployment } from './scale-deployment.js'

export { raiseAutoscalerFloor, scaleDeployment }

/** Every verb there is, by id. A plan that names another one does not start. */
export const verbs: ReadonlyMap<string, Verb> = new Map(
  [scaleDeployment, raiseAutoscalerFloor].map((word) => [word.definition.id, word.definition as Verb]),
)
