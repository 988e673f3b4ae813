import type { Rehearsal } from '../rehearsal.js'

const play = { becomes: 'ocr-failures', service: 'ocr', asked: true } as const

export const rehearsals: readonly Rehearsal[] = [
  {
    ...play,
    faults: ['ocr-hung'],
    ends: 'succeeded',
    notes: 'is restored by a restart',
    says: 'The process of the primary engine hangs; made anew, it reads the samples.',
  },
  {
    ...play,
    faults: ['ocr-down'],
    ends: 'undone',
    notes: 'SRE has to',
    says: 'The primary engine answers nobody after a restart either: it is taken back, and SRE is told with the evidence.',
  },
]
