import type { EvidenceItem } from '../src/renderer/api/view.js'
import type { Noun } from './noun.js'

/** What a run of an earlier night has sealed of a pod that sent too much. A test may add to it, or empty it. */
export const keptByRuns = (at: string): EvidenceItem[] => [
  {
    ...{ entry: 'ent_0000000000kept01', position: 48_112, at, run: 'run_0000000000kept01' },
    ...{ sha256: '9c41e2b07d5f6a18c3904be27a1f8d36e5b0c7924af3168d0be95c7243f1a8e2', size: 18_204 },
    media_type: 'application/x-ndjson',
    contents: 'The newest 200 log lines of the pod, with 3 secrets taken out',
  },
  {
    ...{ entry: 'ent_0000000000kept02', position: null, at, run: 'run_0000000000kept01' },
    ...{ sha256: '51ab77c0e8d2f49361be05a9d7c84f20b6139ae5d84c7f0216b3ea98c7d5042f', size: 2_311 },
    media_type: 'application/json',
    contents: 'What the pod was and which node it ran on, without its environment',
  },
]

export const evidence: Noun = {
  routes: (night) => ({
    'GET /v1/incidents/{id}/evidence': ({ at }) => {
      const incident = night.incidentRecord(at('id'))
      return { items: incident.class === 'data-exfiltration' ? keptByRuns(incident.opened_at) : [] }
    },
  }),
}
