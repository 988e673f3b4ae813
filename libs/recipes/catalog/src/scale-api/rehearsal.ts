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
  {
    faults: ['slow'],
    around: ['with-hpa'],
    becomes: 'high-api-latency',
    ends: 'succeeded',
    says: 'An autoscaler is in the way, and at its maximum: its floor and its ceiling are raised.',
  },
  {
    faults: ['slow', 'never-ready'],
    becomes: 'high-api-latency',
    ends: 'undone',
    says: 'The new pods never become ready: it is taken back by itself.',
  },
  {
    faults: ['slow', 'downstream-narrow'],
    becomes: 'high-api-latency',
    ends: 'undone',
    says: 'The service is fast again, and the queue behind it grows: the bottleneck has moved, and it is taken back.',
  },
  {
    faults: ['slow', 'downstream-full'],
    becomes: 'high-api-latency',
    ends: 'stopped',
    tells: 'bottleneck is downstream',
    says: 'The queue behind it grows already: nothing is proposed.',
  },
  {
    faults: ['slow', 'tight-quota'],
    becomes: 'high-api-latency',
    ends: 'stopped',
    tells: 'A quota of its namespace',
    says: 'A quota has no room for one more pod: nothing is proposed.',
  },
]
