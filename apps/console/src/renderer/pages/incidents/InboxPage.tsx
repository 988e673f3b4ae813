import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useRouter, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useRef, useState, type ComponentProps } from 'react'
import { incidentFilters, type InboxFilter } from '../../api/filter.js'
import { meQuery } from '../../api/identity.js'
import { acknowledge, assign, countsQuery } from '../../api/incidents.js'
import { MOST } from '../../api/inbox.js'
import { problemOf } from '../../api/problem.js'
import { unansweredSince } from '../../api/reach.js'
import type { IncidentCounts, IncidentSummary } from '../../api/view.js'
import { paths } from '../../paths.js'
import { tell } from '../../ui/activity.js'
import { announce } from '../../ui/announce.js'
import type { Row } from '../../ui/hold.js'
import { useKeys } from '../../ui/keys.js'
import { ListTable } from '../../ui/ListTable.js'
import { Filters, PageHead } from '../../ui/PageHead.js'
import { Loaded } from '../../ui/Pane.js'
import { Severity } from '../../ui/Severity.js'
import { Span } from '../../ui/Time.js'
import { useTitle } from '../../ui/title.js'
import { AssignDialog } from './AssignDialog.js'
import { countIn, FilterBar, without } from './FilterBar.js'
import css from './InboxPage.module.css'
import { NothingPasses } from './NothingPasses.js'
import { useCounting, useInbox } from './useInbox.js'
import type { Who } from './verbs.js'
import { rememberView } from './view.js'
import { incidentState } from './words.js'

/** What is wrong now, the worst first: all of it, however much, and what of it one wants to see. */
export function InboxPage() {
  const filter = useSearch({ from: '/incidents' })
  const counts = useQuery(countsQuery(filter))
  useTitle('Incidents')
  useCounting()
  useEffect(() => rememberView(filter), [filter])
  const others = without(filter, 'state')
  return (
    <>
      <PageHead title="Incidents">
        <Filters label="Filter">
          {incidentFilters.map((one) => (
            <Link
              key={one}
              to={paths.incidents}
              search={one === 'active' ? others : { ...others, state: one }}
              activeOptions={{ exact: true, includeSearch: true }}
            >
              {one} <Count of={countIn(counts.data, one)} />
            </Link>
          ))}
        </Filters>
        <Total filter={filter} counts={counts.isPlaceholderData ? undefined : counts.data} />
      </PageHead>
      <FilterBar filter={filter} counts={counts.data} />
      {/* Another filter is another list, with an order of its own. */}
      <List key={JSON.stringify(filter)} filter={filter} counts={counts.isPlaceholderData ? undefined : counts.data} />
    </>
  )
}

const Count = ({ of }: { of: number | undefined }) =>
  of === undefined ? null : <span className={css.count}>{of.toLocaleString('en')}</span>

/** How many pass the filter, of how many. Said to whoever does not see it once for a choice, not for each that comes. */
function Total({ filter, counts }: { filter: InboxFilter; counts: IncidentCounts | undefined }) {
  const says = counts ? `${counts.matching.toLocaleString('en')} of ${counts.total.toLocaleString('en')}` : ''
  const name = JSON.stringify(filter)
  const told = useRef(name)
  useEffect(() => {
    if (told.current === name || says === '') return
    told.current = name
    announce(`${says} incidents pass the filter`)
  }, [name, says])
  return <span className={css.total}>{says}</span>
}

function List({ filter, counts }: { filter: InboxFilter; counts: IncidentCounts | undefined }) {
  const inbox = useInbox(filter)
  const verbs = useVerbs(inbox)
  const total = counts?.matching
  useEffect(() => {
    if (total !== undefined) inbox.counted(total)
  }, [inbox, total])
  const toRoom = useWayToRooms()
  const look = useCallback((first: number, last: number) => inbox.look(first, last), [inbox])
  const query = {
    data: inbox.ready ? inbox : undefined,
    error: inbox.error,
    dataUpdatedAt: inbox.updatedAt,
    refetch: inbox.again,
  }
  const worst = inbox.arrivals.find(({ severity }) => severity === 'SEV1')
  return (
    <Loaded query={query} what="the incidents" rows={6}>
      {() => (
        <>
          <ListTable
            count={inbox.count}
            row={(at) => inbox.row(at)}
            arrivals={inbox.arrivalCount}
            showNew={async () => {
              const many = inbox.arrivalCount
              await inbox.renew()
              announce(`${many} new shown`)
            }}
            strip={worst ? <NewWorst incident={worst} /> : null}
            marked={verbs.marked}
            even
            onWindow={look}
            caption={`Incidents: ${filter.state ?? 'active'}`}
            columns={['Severity', 'What', 'Service', 'State', 'Owner', 'Offered', 'Firing', 'Age']}
            noun="incident"
            where="Incidents"
            cells={(row) => <Cells row={row} marked={verbs.marked.has(row.item.id)} toRoom={toRoom} />}
            nothing={<NothingPasses filter={filter} counts={counts} />}
          />
          {verbs.dialog}
          {inbox.capped ? (
            <p className={css.more}>
              The first {MOST.toLocaleString('en')} are shown, the worst first. A narrower filter shows others.
            </p>
          ) : null}
        </>
      )}
    </Loaded>
  )
}

const roomOf = (id: string): string => paths.incident.replace('$id', encodeURIComponent(id))

/** Milliseconds for which one rests on a row before its room is fetched. */
const RESTS = 120

/**
 * What a link to a room says and does. The router's own link does the same and costs half a millisecond a row: forty new
 * rows a frame are more than a frame has.
 */
function useWayToRooms(): (id: string) => ComponentProps<'a'> {
  const router = useRouter()
  return useMemo(() => {
    let resting: ReturnType<typeof setTimeout> | undefined
    const leave = () => clearTimeout(resting)
    return (id) => {
      const room = { to: paths.incident, params: { id } } as const
      const rest = () => {
        leave()
        resting = setTimeout(() => void router.preloadRoute(room), RESTS)
      }
      return {
        href: roomOf(id),
        onMouseEnter: rest,
        onFocus: rest,
        onMouseLeave: leave,
        onBlur: leave,
        onClick: (event) => {
          if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
          event.preventDefault()
          leave()
          void router.navigate(room)
        },
      }
    }
  }, [router])
}

/** One of the worst has come, wherever one is in the list: it is said at once, and nothing moves. */
const NewWorst = ({ incident: { id, title } }: { incident: IncidentSummary }) => (
  <Link role="status" className={css.worst} to={paths.incident} params={{ id }}>
    <Severity level="SEV1" /> <b>New:</b> <span className={css.worstTitle}>{title}</span>
  </Link>
)

interface CellsProps {
  row: Row<IncidentSummary>
  marked: boolean
  toRoom(id: string): ComponentProps<'a'>
}

function Cells({ row: { item: incident, left }, marked, toRoom }: CellsProps) {
  const { id, severity, title, service, environment, owner, offered, opened_at, alerts_firing } = incident
  return (
    <>
      <td>
        <Severity level={severity} />
      </td>
      <td className={css.what}>
        <a {...toRoom(id)} title={title}>
          {marked ? <span className="unseen">Selected: </span> : null}
          {title}
        </a>{' '}
        <span className={css.class}>{incident.class}</span>
      </td>
      <td className={css.service}>
        {service ?? '–'} {environment === null ? null : <span className={css.class}>{environment}</span>}
      </td>
      <td className={css.state} title={left ? GONE : undefined}>
        {left ? `${incidentState(incident)}, ${GONE}` : incidentState(incident)}
      </td>
      <td className={css.owner}>{owner?.name ?? 'nobody'}</td>
      <td className={css.offered}>
        {offered === null ? (
          '–'
        ) : (
          <span title={offered.recipe.title}>
            <b>{offered.tier}</b> {offered.recipe.title}
          </span>
        )}
      </td>
      <td className={css.number}>{alerts_firing}</td>
      <td className={`${css.number} ${css.age}`}>
        <Span from={opened_at} />
      </td>
    </>
  )
}

const GONE = 'has left this list'

/** What is done to the row under the focus, or to all that are marked. */
function useVerbs(inbox: ReturnType<typeof useInbox>) {
  const queries = useQueryClient()
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set())
  const [handing, setHanding] = useState<IncidentSummary>()
  const acknowledging = useMutation({
    mutationFn: (id: string) => acknowledge(id, crypto.randomUUID()),
  })
  const focused = (): IncidentSummary | undefined => {
    const at = document.activeElement?.closest('tr')?.dataset['index']
    return at === undefined ? undefined : inbox.row(Number(at))?.item
  }
  const take = async (incident: IncidentSummary): Promise<boolean> => {
    const me = queries.getQueryData(meQuery.queryKey)
    // At once on the screen: it changes nothing out there, and is taken back when the server says no.
    if (me) inbox.put({ ...incident, state: 'acknowledged', owner: { id: me.id, name: me.name } })
    try {
      await acknowledging.mutateAsync(incident.id)
      return true
    } catch (error) {
      inbox.put(incident)
      const because = problemOf(error).detail
      tell({ kind: 'failed', says: `Not acknowledged: ${incident.title}`, because, to: roomOf(incident.id) })
      return false
    }
  }
  const acknowledgeThese = async () => {
    // A yes that nobody hears is none, and none waits to be sent.
    if (unansweredSince() !== null) return announce('The API does not answer.')
    const here = focused()
    const wanted = marked.size > 0 ? [...marked].flatMap((id) => inbox.of(id) ?? []) : here ? [here] : []
    const open = wanted.filter(({ state }) => state === 'open')
    if (open.length === 0) return announce(wanted.length === 0 ? 'No incident is under the focus' : 'It is not open')
    setMarked(new Set())
    let done = 0
    // One after the other: each is a command of its own, and one that is refused stops no other.
    for (const incident of open) if (await take(incident)) done++
    announce(done === 1 ? 'Acknowledged' : `${done} of ${open.length} acknowledged`)
  }
  const hand = async (incident: IncidentSummary, person: Who) => {
    const mine = person.id === queries.getQueryData(meQuery.queryKey)?.id
    const takes = mine && incident.state === 'open' ? { state: 'acknowledged' as const } : {}
    inbox.put({ ...incident, ...takes, owner: { id: person.id, name: person.name } })
    try {
      await assign(incident, person.id, crypto.randomUUID())
      announce(mine ? 'It is yours' : `Given to ${person.name}`)
    } catch (error) {
      inbox.put(incident)
      tell({
        kind: 'failed',
        says: `Not assigned: ${incident.title}`,
        because: problemOf(error).detail,
        to: roomOf(incident.id),
      })
    }
  }
  const give = () => {
    if (unansweredSince() !== null) return announce('The API does not answer.')
    const here = focused()
    if (here) setHanding(here)
    else announce('No incident is under the focus')
  }
  const copyLink = async () => {
    const here = focused()
    if (!here) return
    const link = new URL(roomOf(here.id), location.origin).href
    try {
      await navigator.clipboard.writeText(link)
      announce('Link copied')
      tell({ kind: 'done', says: `Link copied: ${here.title}` })
    } catch {
      announce(`The link could not be copied: ${link}`)
    }
  }
  const mark = () => {
    const here = focused()
    if (!here) return
    const next = new Set(marked)
    if (!next.delete(here.id)) next.add(here.id)
    setMarked(next)
    announce(next.size === 0 ? 'None selected' : `${next.size} selected`)
  }
  useKeys([
    { keys: 'e', does: 'Acknowledge it, or all that are selected', where: 'Incidents', run: () => void acknowledgeThese() }, // prettier-ignore
    { keys: 'a', does: 'Give it to somebody', where: 'Incidents', run: give },
    { keys: 'x', does: 'Select it, or take it out', where: 'Incidents', run: mark },
    { keys: 'y', does: 'Copy its link', where: 'Incidents', run: () => void copyLink() },
  ])
  const me = queries.getQueryData(meQuery.queryKey)
  const dialog =
    handing && me ? (
      <AssignDialog
        me={me.id}
        owner={handing.owner?.id ?? null}
        onClose={() => setHanding(undefined)}
        onChoose={(person) => {
          setHanding(undefined)
          void hand(handing, person)
        }}
      />
    ) : null
  return { marked, dialog }
}
