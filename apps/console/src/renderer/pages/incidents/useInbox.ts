import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useContext, useEffect, useMemo, useSyncExternalStore } from 'react'
import { passes, type InboxFilter } from '../../api/filter.js'
import { meQuery } from '../../api/identity.js'
import { pageQuery, theseQuery } from '../../api/incidents.js'
import { Inbox } from '../../api/inbox.js'
import { isDown } from '../../api/kept.js'
import { keptActive } from '../../api/rooms.js'
import { shelf } from '../../api/shelf.js'
import { touchedBy } from '../../api/touches.js'
import type { IncidentSummary } from '../../api/view.js'
import { Live } from '../../ui/live.js'
import { seenInOrder } from './walk.js'

/** Milliseconds after an event until it is counted again: longer than the API keeps a count. */
const COUNT = 1_200

/** The last list that was looked at: whoever comes back from a room sees it at once, and then as it is now. */
const last = new WeakMap<QueryClient, { filter: string; inbox: Inbox<IncidentSummary> }>()

/** The list of a filter, which follows the stream for as long as the page is there. */
export function useInbox(filter: InboxFilter): Inbox<IncidentSummary> {
  const queries = useQueryClient()
  const stream = useContext(Live)
  const name = JSON.stringify(filter)
  const inbox = useMemo(() => {
    const kept = last.get(queries)
    if (kept?.filter === name) return kept.inbox
    const inbox = inboxOf(queries, filter)
    last.set(queries, { filter: name, inbox })
    return inbox
    // The filter is what its name says.
  }, [queries, name])

  useEffect(() => {
    if (inbox.ready) void inbox.renew()
    inbox.begin()
    const stop = stream?.hear({
      happened: ({ type, id }) => {
        if (id.startsWith('incident:')) inbox.touch(id.slice('incident:'.length), type)
        else if (touchedBy({ type, id }).some(([noun]) => noun === 'incident')) inbox.stir()
      },
      missed: () => inbox.missed(),
    })
    return () => {
      stop?.()
      inbox.close()
      // A room knows what is before and behind it.
      seenInOrder(inbox.ids)
    }
  }, [inbox, stream])
  useSyncExternalStore(inbox.subscribe, () => inbox.version)
  return inbox
}

/** Has the incidents counted again after something has happened to one, once a second at most. */
export function useCounting(): void {
  const queries = useQueryClient()
  const stream = useContext(Live)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = undefined
        void queries.invalidateQueries({ queryKey: ['incident-count'] })
      }, COUNT)
    }
    const stop = stream?.hear({
      happened: ({ type, id }) => {
        if (id.startsWith('incident:') && type.startsWith('incident.')) soon()
      },
      missed: soon,
    })
    return () => {
      stop?.()
      clearTimeout(timer)
    }
  }, [queries, stream])
}

function inboxOf(queries: QueryClient, filter: InboxFilter): Inbox<IncidentSummary> {
  const one = sharing()
  return new Inbox({
    page: async (after) => {
      const { items, next } = await queries.fetchQuery(pageQuery(filter, after))
      return { items: items.map(one), next }
    },
    these: async (ids) => (await queries.fetchQuery(theseQuery(ids))).items.map(one),
    kept: async (error) => {
      const kept = isDown(error) && ofActive(filter) ? await keptActive(shelf) : undefined
      const me = queries.getQueryData(meQuery.queryKey)?.id
      return kept && { items: kept.data.items.filter((item) => passes(filter, item, me)), at: Date.parse(kept.at) }
    },
    passes: (item) => passes(filter, item, queries.getQueryData(meQuery.queryKey)?.id),
    now: () => Date.now(),
    later: (ms, what) => void setTimeout(what, ms),
  })
}

/** Whether all that it lets through is open: so much is kept. */
const ofActive = ({ state = 'active' }: InboxFilter): boolean =>
  state === 'active' || state === 'open' || state === 'acknowledged'

/** Of a hundred thousand incidents, most have the same few services, classes and owners: each is held once. */
function sharing(): (incident: IncidentSummary) => IncidentSummary {
  const texts = new Map<string, string>()
  const owners = new Map<string, NonNullable<IncidentSummary['owner']>>()
  const text = <T extends string | null>(value: T): T => {
    if (value === null) return value
    const known = texts.get(value)
    if (known !== undefined) return known as T
    texts.set(value, value)
    return value
  }
  return (incident) => {
    const { owner } = incident
    if (owner !== null && !owners.has(owner.id)) owners.set(owner.id, owner)
    return Object.assign(incident, {
      service: text(incident.service),
      environment: text(incident.environment),
      class: text(incident.class),
      owner: owner === null ? null : owners.get(owner.id)!,
    })
  }
}
