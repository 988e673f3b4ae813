import type { Rehearsal } from '../rehearsal.js'

const play = { asked: true, only_looks: true } as const

export const rehearsals: readonly Rehearsal[] = [
  {
    ...play,
    faults: ['crash-loop'],
    becomes: 'high-api-latency',
    ends: 'succeeded',
    tells: 'previous log lines',
    notes: 'Evidence about api is kept.',
    says: 'Pods run out of memory: what they said before they died is kept, and the incident names it by its digest.',
  },
  {
    ...play,
    faults: ['slow'],
    around: ['unavailable'],
    becomes: 'high-api-latency',
    ends: 'succeeded',
    tells: 'it could not be read',
    notes: 'Left out: deployment prod/api',
    says: 'The Kubernetes API is down: figures are kept, and what is missing is said.',
  },
  {
    ...play,
    faults: ['exfiltration'],
    becomes: 'data-exfiltration',
    service: 'ingest',
    ends: 'succeeded',
    tells: 'log lines',
    notes: 'Evidence about ingest is kept.',
    says: 'Data may be leaving: the logs of the pipeline are kept before anybody stops it.',
  },
  {
    ...play,
    faults: ['batch-misspelt'],
    becomes: 'batch-failures',
    service: 'batch',
    ends: 'succeeded',
    tells: 'job ids',
    notes: 'failed jobs',
    says: 'Jobs fail: which they were, and why, is kept before anybody queues them again.',
  },
  {
    ...play,
    faults: ['storage-denied'],
    becomes: 'storage-errors',
    service: 'storage',
    ends: 'stopped',
    tells: 'name the deployments',
    says: 'The storage has no workload of ours: it asks whose logs are to be kept.',
  },
]
