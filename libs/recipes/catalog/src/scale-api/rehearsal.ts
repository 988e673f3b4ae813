import type { Rehearsal } from '../rehearsal.js'

export const rehearsals: readonly Rehearsal[] = [
  {
    faults: ['slow'],
    becomes: 'high-api-latency',
    ends: 'succeeded',
    says: 'Load rises; more replicas help.',
  },
  {
    faults: ['slow', 'no-help'],
    becomes: 'high-api-latency',
    ends: 'undone',
    says: 'Something else is the bottleneck: scaling does not help, and is taken back by itself.',
  },
]
