import type { Incident, IncidentSummary } from '../../api/view.js'

/** States as people say them. The words of the record stay in the data. */
export const incidentState = ({ state, phase }: Pick<IncidentSummary, 'state' | 'phase'>): string =>
  state === 'resolved' || state === 'closed' || phase === 'none' ? state : `${state}, ${phase}`

/** `PROD`: said in every armed sentence. */
export const place = ({ environment }: Pick<Incident, 'environment'>): string =>
  environment === null ? 'an unnamed environment' : environment.toUpperCase()
