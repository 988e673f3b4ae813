import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { activeQuery, timelineQuery } from '../../api/incidents.js'
import type { Incident } from '../../api/view.js'
import { paths } from '../../paths.js'
import { announce } from '../../ui/announce.js'
import { Fact } from '../../ui/Fact.js'
import { Heading } from '../../ui/Heading.js'
import { useKeys } from '../../ui/keys.js'
import { Severity } from '../../ui/Severity.js'
import { Span, Time } from '../../ui/Time.js'
import css from './Head.module.css'
import { isUntaken } from './offered.js'
import { VerbBar } from './VerbBar.js'
import { neighbours, useSeen } from './walk.js'
import { incidentState, pathOf, place } from './words.js'

/** What it is, how far it has come, who has it, and what a person does with it. */
export function Head({ incident }: { incident: Incident }) {
  const { class: page, service, opened_at, resolved_at, owner, alerts_firing } = incident
  return (
    <header className={css.head} data-part>
      <div className={css.top}>
        <Heading>
          <Severity level={incident.severity} /> {incident.title}
        </Heading>
        <Walk id={incident.id} />
      </div>
      <div className={css.line}>
        <Path incident={incident} />
        <VerbBar incident={incident} />
      </div>
      <div className={css.line}>
        <dl className={css.facts}>
          <Fact name="Owner">
            <b>{owner?.name ?? 'nobody yet'}</b>
            {isUntaken(incident) ? ', who was given it and has not acknowledged it' : null}
          </Fact>
          <Fact name="Age">
            <Span from={opened_at} />, since <Time at={opened_at} />
          </Fact>
          {resolved_at === null ? null : (
            <Fact name="Resolved">
              <Time at={resolved_at} />
            </Fact>
          )}
          <Fact name="Service">
            {service ?? 'not named'}, <b>{place(incident)}</b>
          </Fact>
          <Fact name="Runbook">
            <Link to={paths.runbookPage} params={{ page }}>
              {page}
            </Link>
          </Fact>
          <Fact name="Alerts firing">{alerts_firing}</Fact>
        </dl>
      </div>
      <LastChange id={incident.id} />
    </header>
  )
}

/** How far it has come. What is derived from its runs is among it. */
function Path({ incident }: { incident: Incident }) {
  return (
    <>
      <p className="unseen">State: {incidentState(incident)}</p>
      <ol className={css.path} aria-label="State">
        {pathOf(incident).map(({ says, is }) => (
          <li key={says} data-is={is} aria-current={is === 'now' ? 'step' : undefined}>
            <span>{says}</span>
            {is === 'now' ? null : <span className="unseen">, {is === 'been' ? 'passed' : 'not yet'}</span>}
          </li>
        ))}
      </ol>
    </>
  )
}

/** What was last said of it, in one line: whoever comes back to it reads this. */
function LastChange({ id }: { id: string }) {
  const last = useQuery(timelineQuery(id)).data?.items.at(-1)
  if (!last) return null
  return (
    <p className={css.last}>
      <Span from={last.at} /> ago: {last.says}
    </p>
  )
}

/** The incident before and behind this one, in the list that one came from. */
function Walk({ id }: { id: string }) {
  const navigate = useNavigate()
  const seen = useSeen(id)
  // For who came from no list. What is asked for here is asked again with each event of any incident.
  const active = useQuery({ ...activeQuery, enabled: seen === null }).data?.items ?? []
  const ids = active.map((one) => one.id)
  const near = seen ?? neighbours(ids, id)
  const go = (to: string | null, end: string) => () => {
    if (!near) announce('It is not in the list of incidents.')
    else if (to === null) announce(end)
    else void navigate({ to: paths.incident, params: { id: to } })
  }
  useKeys([
    { keys: '[', does: 'Incident before this one', where: 'Incident', run: go(near?.before ?? null, 'This is the first.') }, // prettier-ignore
    { keys: ']', does: 'Incident behind this one', where: 'Incident', run: go(near?.behind ?? null, 'This is the last.') }, // prettier-ignore
  ])
  if (!near || near.of < 2) return null
  return (
    <nav aria-label="Incidents before and behind" className={css.walk}>
      <Step to={near.before} name="Before" keys="[" />
      <span>
        {near.at} of {near.of}
      </span>
      <Step to={near.behind} name="Behind" keys="]" />
    </nav>
  )
}

const Step = ({ to, name, keys }: { to: string | null; name: string; keys: string }) =>
  to === null ? (
    <span className={css.none}>{name}</span>
  ) : (
    <Link to={paths.incident} params={{ id: to }} aria-keyshortcuts={keys}>
      {name} <kbd aria-hidden>{keys}</kbd>
    </Link>
  )
