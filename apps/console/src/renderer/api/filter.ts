/** Which incidents: `active` is open or acknowledged; `all` is every one there ever was. */
export const incidentFilters = ['active', 'open', 'acknowledged', 'resolved', 'closed', 'all'] as const
export type IncidentFilter = (typeof incidentFilters)[number]

/** The filter in a URL. Whatever else stands there is somebody's typing, and means the usual view. */
export function parseFilter(search: Record<string, unknown>): { state?: IncidentFilter } {
  const state = incidentFilters.find((filter) => filter === search['state'])
  return state === undefined || state === 'active' ? {} : { state }
}
