import type { Rehearsal } from './rehearsal.js'
import { rehearsals as divertOcr } from './divert-ocr/rehearsal.js'
import { rehearsals as captureEvidence } from './capture-evidence/rehearsal.js'
import { rehearsals as inspectApiLatency } from './inspect-api-latency/rehearsal.js'
import { rehearsals as quarantineInput } from './quarantine-input/rehearsal.js'
import { rehearsals as rehydrateInputs } from './rehydrate-inputs/rehearsal.js'
import { rehearsals as pauseBatch } from './pause-batch/rehearsal.js'
import { rehearsals as pinModel } from './pin-model/rehearsal.js'
import { rehearsals as requeueFailedJobs } from './requeue-failed-jobs/rehearsal.js'
import { rehearsals as restoreOcr } from './restore-ocr/rehearsal.js'
import { rehearsals as scaleApi } from './scale-api/rehearsal.js'
import { rehearsals as smokeTest } from './smoke-test/rehearsal.js'

export type { Rehearsal }

/** Every rehearsal, by the recipe that it is of. */
export const rehearsals: ReadonlyMap<string, readonly Rehearsal[]> = new Map([
  ['scale-api', scaleApi],
  ['inspect-api-latency', inspectApiLatency],
  ['requeue-failed-jobs', requeueFailedJobs],
  ['rehydrate-inputs', rehydrateInputs],
  ['quarantine-input', quarantineInput],
  ['pause-batch', pauseBatch],
  ['pin-model', pinModel],
  ['restore-ocr', restoreOcr],
  ['divert-ocr', divertOcr],
  ['smoke-test', smokeTest],
  ['capture-evidence', captureEvidence],
])
