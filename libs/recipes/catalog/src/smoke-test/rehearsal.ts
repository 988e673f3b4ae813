import type { Rehearsal } from '../rehearsal.js'

const play = {
  faults: ['bad-model'],
  becomes: 'model-error-rate',
  service: 'model',
  asked: true,
  beforehand: { when: 'before', suite: 'model' },
} as const

export const rehearsals: readonly Rehearsal[] = [
  {
    ...play,
    by_hand: true,
    params: { when: 'after', suite: 'model' },
    ends: 'found',
    tells: 'nothing is worse than before the change',
    says: 'A bad version was rolled out and rolled back again: the suite finds the service as it was before.',
  },
  {
    ...play,
    params: { when: 'after' },
    ends: 'failed',
    tells: 'golden-sample-unlabelled answers label',
    says: 'A bad version is rolled out: its health is as it was, and the golden samples tell.',
  },
]
