import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { incidentQuery } from '../../api/incidents.js'
import type { Plan } from '../../api/view.js'
import { isOver } from '../incidents/words.js'

/** Why a plan may not be wanted any more: what it was made for is over. Guards do not notice that, and a person does. */
export interface Unwanted {
  /** As its hint says it, with what has to be done first. */
  says: string
  /** Since when its incident is over. Null: how it stands could not be read. */
  since: string | null
  /** Somebody says that it is wanted all the same: this plan, until its incident is over another time. Null while that is asked. */
  insist: (() => void) | null
}

/**
 * Whether a plan is still wanted, as far as its incident tells. Null: it is, or it is for no incident, or somebody has just
 * said so. What is not known counts as no.
 */
export function useUnwanted({ incident: id, digest }: Pick<Plan, 'incident' | 'digest'>): Unwanted | null {
  const { data: incident, error } = useQuery({ ...incidentQuery(id ?? ''), enabled: id !== null })
  const [insisted, setInsisted] = useState<string | null>(null)
  if (id === null) return null
  if (incident && !isOver(incident)) return null
  const since = incident?.resolved_at ?? null
  const about = `${digest} ${incident?.state} ${since}`
  if (insisted === about) return null
  const insist = () => setInsisted(about)
  if (incident) return { says: `Its incident is ${incident.state}: say first that it is wanted.`, since, insist }
  return error
    ? { says: 'How its incident stands could not be read: say first that it is wanted.', since, insist }
    : { says: 'How its incident stands is being asked…', since, insist: null }
}
