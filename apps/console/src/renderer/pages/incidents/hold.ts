import type { IncidentSummary } from '../../api/view.js'

/** A row of the inbox. `left`: the list that was asked for does not hold it any more; its place does, until the next look. */
export interface Row {
  incident: IncidentSummary
  left: boolean
}

export interface Held {
  rows: Row[]
  /** What has come since the order was made, and waits. */
  arrivals: IncidentSummary[]
}

/**
 * Rows stay where they are while somebody may be pointing at them: what is known changes in place, what is new waits,
 * what is gone keeps its place. An empty list has nothing to move, and takes whatever comes.
 */
export function hold(shown: readonly IncidentSummary[] | null, fresh: readonly IncidentSummary[]): Held {
  if (shown === null || shown.length === 0)
    return { rows: fresh.map((incident) => ({ incident, left: false })), arrivals: [] }
  const now = new Map(fresh.map((incident) => [incident.id, incident]))
  const known = new Set(shown.map(({ id }) => id))
  return {
    rows: shown.map((before) => ({ incident: now.get(before.id) ?? before, left: !now.has(before.id) })),
    arrivals: fresh.filter(({ id }) => !known.has(id)),
  }
}
