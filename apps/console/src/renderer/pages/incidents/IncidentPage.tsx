import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { meQuery } from '../../api/identity.js'
import { acknowledge, incidentQuery } from '../../api/incidents.js'
import { problemOf } from '../../api/problem.js'
import type { Incident } from '../../api/view.js'
import { tell } from '../../ui/activity.js'
import { announce } from '../../ui/announce.js'
import { Fact } from '../../ui/Fact.js'
import { Heading } from '../../ui/Heading.js'
import { shown, useKeys } from '../../ui/keys.js'
import { Loaded } from '../../ui/Pane.js'
import { ProblemNote } from '../../ui/ProblemNote.js'
import { Severity } from '../../ui/Severity.js'
import { Span, Time } from '../../ui/Time.js'
import { useTitle } from '../../ui/title.js'
import { AlertsPane } from './AlertsPane.js'
import { ChangesPane } from './ChangesPane.js'
import { EvidencePane } from './EvidencePane.js'
import css from './IncidentPage.module.css'
import { RepairPane } from './RepairPane.js'
import { TimelinePane } from './TimelinePane.js'
import { incidentState, place } from './words.js'

/** The incident room: what is wrong, what to do about it, and what has happened, on one page. */
export function IncidentPage() {
  const { id } = useParams({ from: '/incidents/$id' })
  const query = useQuery(incidentQuery(id))
  useTitle(query.data ? `${query.data.severity} ${query.data.title}` : 'Incident')
  return (
    <>
      <Loaded query={query} what="this incident" rows={2}>
        {(incident) => <Head incident={incident} />}
      </Loaded>
      <div className={css.room}>
        {query.data ? <AlertsPane alerts={query.data.alerts} /> : null}
        {query.data ? <RepairPane incident={query.data} /> : null}
        <TimelinePane incident={id} />
        <ChangesPane incident={id} />
        {query.data ? <EvidencePane incident={query.data} /> : null}
      </div>
    </>
  )
}

function Head({ incident }: { incident: Incident }) {
  const acknowledge = useAcknowledge(incident)
  const { may, owner, service, opened_at, resolved_at } = incident
  return (
    <header className={css.head}>
      <Heading>
        <Severity level={incident.severity} /> {incident.title}
      </Heading>
      <dl className={css.facts}>
        <Fact name="Class">{incident.class}</Fact>
        <Fact name="Service">{service ?? 'not named'}</Fact>
        <Fact name="Environment">
          <b>{place(incident)}</b>
        </Fact>
        <Fact name="State">
          <b>{incidentState(incident)}</b>
        </Fact>
        <Fact name="Owner">{owner?.name ?? 'nobody yet'}</Fact>
        <Fact name="Opened">
          <Time at={opened_at} />, <Span from={opened_at} /> ago
        </Fact>
        {resolved_at === null ? null : (
          <Fact name="Resolved">
            <Time at={resolved_at} />
          </Fact>
        )}
      </dl>
      {incident.state === 'open' ? (
        <div className={css.acknowledge}>
          <Button
            variant="default"
            data-disabled={!may.acknowledge.ok}
            aria-disabled={!may.acknowledge.ok}
            aria-describedby={may.acknowledge.ok ? undefined : 'why-not-acknowledge'}
            rightSection={<kbd aria-hidden>{shown('e')}</kbd>}
            onClick={acknowledge.now}
          >
            Acknowledge
          </Button>
          {may.acknowledge.ok ? null : (
            <p id="why-not-acknowledge" className={css.reason}>
              {may.acknowledge.reason}
            </p>
          )}
        </div>
      ) : null}
      {acknowledge.error ? <ProblemNote error={acknowledge.error} what="It was not acknowledged" /> : null}
    </header>
  )
}

/** "I have it", at once on the screen: it changes nothing out there, and is taken back when the server says no. */
function useAcknowledge(incident: Incident) {
  const queries = useQueryClient()
  const { queryKey } = incidentQuery(incident.id)
  const { mutate, error } = useMutation({
    mutationFn: () => acknowledge(incident.id, crypto.randomUUID()),
    onMutate: async () => {
      await queries.cancelQueries({ queryKey })
      const before = queries.getQueryData(queryKey)
      const me = queries.getQueryData(meQuery.queryKey)
      if (before && me)
        queries.setQueryData(queryKey, { ...before, state: 'acknowledged', owner: { id: me.id, name: me.name } })
      return before
    },
    onSuccess: (answer) => {
      queries.setQueryData(queryKey, answer)
      announce('Acknowledged')
    },
    onError: (error, __, before) => {
      tell({ kind: 'failed', says: `Not acknowledged: ${incident.title}`, because: problemOf(error).detail })
      if (before) queries.setQueryData(queryKey, before)
    },
  })
  const now = () => {
    if (incident.state === 'open' && incident.may.acknowledge.ok) mutate()
  }
  useKeys([{ keys: 'e', does: 'Acknowledge', where: 'Incident', run: now }])
  return { now, error }
}
