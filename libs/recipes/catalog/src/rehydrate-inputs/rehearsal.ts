import type { Rehearsal } from '../rehearsal.js'

export const rehearsals: readonly Rehearsal[] = [
  {
    faults: ['batch-torn'],
    becomes: 'batch-failures',
    service: 'batch',
    asked: true,
    ends: 'succeeded',
    // Whole inputs end nothing by themselves: their jobs have to be queued again.
    then: ['requeue-failed-jobs'],
    says: 'Documents are torn; their older versions come back, and their jobs go through.',
  },
  {
    faults: ['batch-torn', 'batch-still-tearing'],
    becomes: 'batch-failures',
    service: 'batch',
    asked: true,
    ends: 'undone',
    says: 'What is restored is torn again: it does not help, and is taken back by itself.',
  },
]
