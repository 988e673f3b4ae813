import type { Rehearsal } from '../rehearsal.js'

const play = { becomes: 'ocr-failures', service: 'ocr' } as const

export const rehearsals: readonly Rehearsal[] = [
  {
    ...play,
    faults: ['ocr-corrupt'],
    ends: 'succeeded',
    notes: 'is diverted to its fallback, on loan',
    stays: 'primary fails on 42 %',
    says: 'The primary engine fails on what comes in, and the fallback copes: documents go there, and come back, some ahead each time.',
  },
  {
    ...play,
    faults: ['ocr-hung'],
    ends: 'succeeded',
    // Documents are read again, and the engine still answers nobody: that is what the alert is about.
    then: ['restore-ocr'],
    gives_back: true,
    says: 'The primary engine hangs: documents go to the fallback while it is restored, and come back to it.',
  },
  {
    ...play,
    faults: ['ocr-corrupt', 'ocr-fallback-weak'],
    ends: 'undone',
    notes: 'no more goes to the fallback engine of documents: fallback fails on 34 %',
    says: 'The fallback reads the samples and fails on documents: those that went ahead show it, and come back.',
  },
  {
    ...play,
    faults: ['ocr-corrupt', 'ocr-fallback-astray'],
    ends: 'stopped',
    tells: 'characters of the known samples wrong',
    says: 'The fallback reads nonsense: no document goes there.',
  },
]
