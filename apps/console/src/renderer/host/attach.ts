import { QueryObserver, type QueryClient } from '@tanstack/react-query'
import type { OpenIncident, Place, Surface } from '../../bridge/surface.js'
import { meQuery } from '../api/identity.js'
import { activeQuery } from '../api/incidents.js'
import type { IncidentSummary } from '../api/view.js'
import { paths } from '../paths.js'

type Told = Pick<IncidentSummary, 'id' | 'severity' | 'title' | 'state'>

const PLACES: Record<Place['kind'], string> = {
  incident: paths.incident,
  plan: paths.plan,
  run: paths.run,
  recipe: paths.recipe,
  runbook: paths.runbookPage,
}

/** Where a link or a notification leads. */
export const pathOf = ({ kind, id }: Place): string => PLACES[kind].replace(/\$\w+$/, () => id)

/**
 * Ties the page to the shell around it: goes where the shell is sent to, and tells it what is open, so that it can call
 * whoever looks elsewhere. Answers how to untie them.
 * @param ask what is open now
 */
export function attach(
  host: Surface,
  queries: QueryClient,
  goTo: (path: string) => void,
  ask: () => Promise<{ items: Told[] }> = () => queries.fetchQuery({ ...activeQuery, staleTime: 0 }),
): () => void {
  const stopGoing = host.onGo((place) => goTo(pathOf(place)))
  // Whatever page is shown: an event of the stream that touches incidents asks this again, by the first word of its key.
  const open = new QueryObserver(queries, { queryKey: ['incident', 'open', 'host'], queryFn: ask, enabled: false })
  const stopHearing = open.subscribe(({ data }) => {
    if (data) void host.incidents(data.items.map(toldOf))
  })
  // Nobody is asked for before somebody is signed in.
  const me = new QueryObserver(queries, { ...meQuery, enabled: false })
  const follow = ({ data, isError }: { data: unknown; isError: boolean }) =>
    open.setOptions({ ...open.options, enabled: data !== undefined && !isError })
  const stopFollowing = me.subscribe(follow)
  follow(me.getCurrentResult())
  return () => {
    stopGoing()
    stopHearing()
    stopFollowing()
  }
}

const toldOf = ({ id, severity, title, state }: Told): OpenIncident => ({
  id,
  severity,
  title: title.slice(0, 1000),
  acknowledged: state !== 'open',
})
