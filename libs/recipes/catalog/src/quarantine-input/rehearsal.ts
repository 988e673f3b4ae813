import type { Rehearsal } from '../rehearsal.js'

export const rehearsals: readonly Rehearsal[] = [
  {
    faults: ['ocr-torn-inputs'],
    becomes: 'ocr-failures',
    service: 'ocr',
    asked: true,
    ends: 'succeeded',
    taken_back: true,
    says: 'Documents that nobody can read lie in the way; set aside, the error rate falls. Taken back, they lie there again.',
  },
  {
    faults: ['ocr-torn-inputs', 'ocr-corrupt'],
    becomes: 'ocr-failures',
    service: 'ocr',
    asked: true,
    ends: 'undone',
    says: 'The engine fails on whole documents too: setting some aside does not help, and they come back.',
  },
]
