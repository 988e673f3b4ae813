import type { Rehearsal } from '../rehearsal.js'

const play = { becomes: 'high-api-latency', asked: true } as const

export const rehearsals: readonly Rehearsal[] = [
  {
    ...play,
    faults: ['hot-reload-thrash'],
    ends: 'succeeded',
    says: 'api loads its model again and again; told to keep what it has, it answers as before.',
  },
  {
    ...play,
    faults: ['hot-reload-thrash', 'slow'],
    ends: 'undone',
    says: 'Load has risen besides: the reloads end and the latency stays, so that the pin is taken back.',
  },
]
