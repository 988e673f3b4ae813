import type { Rehearsal } from '../rehearsal.js'

const found = (fault: string, tells: string, says: string): Rehearsal => ({
  faults: [fault],
  becomes: 'high-api-latency',
  asked: true,
  ends: 'found',
  tells,
  says,
})

export const rehearsals: readonly Rehearsal[] = [
  found('slow', 'scale-api', 'Load rises: the replicas are used up, and nothing else is found.'),
  found('hot-reload-thrash', 'pin-model', 'The model is loaded again and again: the logs say so.'),
  found('crash-loop', 'OOMKilled', 'Pods run out of memory: restarts, and the last words before one.'),
  found('batch-heavy', 'pause-batch', 'A Job takes the nodes: it is named.'),
]
