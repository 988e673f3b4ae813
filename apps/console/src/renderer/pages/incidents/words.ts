import type { Incident, IncidentSummary } from '../../api/view.js'

/** States as people say them. The words of the record stay in the data. */
export const incidentState = ({ state, phase }: Pick<IncidentSummary, 'state' | 'phase'>): string =>
  isOver({ state }) || phase === 'none' ? state : `${state}, ${phase}`

/** Nobody works on it any more, until somebody opens it again. */
export const isOver = ({ state }: Pick<IncidentSummary, 'state'>): boolean => state === 'resolved' || state === 'closed'

/** Whether it is still to be seen how it goes on: nobody says that it is over, or a run of it is under way. */
export const isFollowed = (incident: Pick<IncidentSummary, 'state' | 'phase'>): boolean =>
  !isOver(incident) || incident.phase === 'mitigating'

/** `PROD`: said in every armed sentence. */
export const place = ({ environment }: Pick<Incident, 'environment'>): string =>
  environment === null ? 'an unnamed environment' : environment.toUpperCase()

export interface Station {
  says: string
  is: 'been' | 'now' | 'ahead'
}

/**
 * How far it has come, from left to right. `mitigating` is derived from its runs, and may be where nobody has acknowledged:
 * what was passed over is not said to have been.
 */
export function pathOf({ state, phase, owner }: Pick<IncidentSummary, 'state' | 'phase' | 'owner'>): Station[] {
  const over = isOver({ state })
  const acting = phase !== 'none'
  const acknowledged = state === 'acknowledged' || (over && owner !== null)
  const station = (says: string, been: boolean, now: boolean): Station => ({
    says,
    is: now ? 'now' : been ? 'been' : 'ahead',
  })
  return [
    station('open', true, state === 'open' && !acting),
    station('acknowledged', acknowledged, state === 'acknowledged' && !acting),
    station(phase === 'mitigated' ? 'mitigated' : 'mitigating', acting, acting && !over),
    station(state === 'closed' ? 'closed' : 'resolved', over, over),
  ]
}
