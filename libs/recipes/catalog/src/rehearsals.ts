import type { Rehearsal } from './rehearsal.js'
import { rehearsals as requeueFailedJobs } from './requeue-failed-jobs/rehearsal.js'
import { rehearsals as scaleApi } from './scale-api/rehearsal.js'

export type { Rehearsal }

/** Every rehearsal, by the recipe that it is of. */
export const rehearsals: ReadonlyMap<string, readonly Rehearsal[]> = new Map([
  ['scale-api', scaleApi],
  ['requeue-failed-jobs', requeueFailedJobs],
])
