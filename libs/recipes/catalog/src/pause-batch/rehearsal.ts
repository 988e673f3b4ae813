import type { Rehearsal } from '../rehearsal.js'

const play: Pick<Rehearsal, 'becomes' | 'asked' | 'params'> = {
  becomes: 'high-api-latency',
  asked: true,
  params: { jobs: ['nightly-report'] },
}

export const rehearsals: readonly Rehearsal[] = [
  {
    ...play,
    faults: ['batch-heavy'],
    ends: 'succeeded',
    lends_while_broken: true,
    says: 'A Job takes the nodes of api; suspended, it takes nothing, and in the end it goes on.',
  },
  {
    ...play,
    faults: ['batch-heavy', 'slow'],
    ends: 'undone',
    says: 'Load has risen besides: the pause does not help, and the Job goes on by itself.',
  },
]
