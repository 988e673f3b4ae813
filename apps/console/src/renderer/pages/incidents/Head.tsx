import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { meQuery } from '../../api/identity.js'
import { activeQuery, timelineQuery } from '../../api/incidents.js'
import type { Incident, May } from '../../api/view.js'
import { paths } from '../../paths.js'
import { announce } from '../../ui/announce.js'
import { Fact } from '../../ui/Fact.js'
import { Heading } from '../../ui/Heading.js'
import { ariaKeys, shown, useKeys } from '../../ui/keys.js'
import { useHeard } from '../../ui/live.js'
import { ProblemNote } from '../../ui/ProblemNote.js'
import { Severity } from '../../ui/Severity.js'
import { Span, Time } from '../../ui/Time.js'
import { AssignDialog } from './AssignDialog.js'
import css from './Head.module.css'
import { ReasonDialog } from './ReasonDialog.js'
import { SeverityDialog } from './SeverityDialog.js'
import { useVerbs } from './verbs.js'
import { neighbours, useSeen } from './walk.js'
import { incidentState, isOver, pathOf, place } from './words.js'

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
        <Verbs incident={incident} />
      </div>
      <div className={css.line}>
        <dl className={css.facts}>
          <Fact name="Owner">
            <b>{owner?.name ?? 'nobody yet'}</b>
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

type Doing = 'assign' | 'severity' | 'resolve' | 'reopen'

function Verbs({ incident }: { incident: Incident }) {
  const me = useQuery(meQuery).data
  const verbs = useVerbs(incident)
  const [doing, setDoing] = useState<Doing | null>(null)
  const { state, owner } = incident
  const heard = useHeard()
  const { acknowledge: has, assign, correct, resolve, reopen } = incident.may
  const may = { acknowledge: heard(has), assign: heard(assign), correct: heard(correct), resolve: heard(resolve), reopen: heard(reopen) } // prettier-ignore
  const over = isOver(incident)

  const begin = (what: Doing) => () => {
    const right = { assign: may.assign, severity: may.correct, resolve: may.resolve, reopen: may.reopen }[what]
    if (!right.ok) return announce(right.reason ?? 'You may not do this.')
    const verb = { assign: verbs.assign, severity: verbs.correct, resolve: verbs.resolve, reopen: verbs.reopen }[what]
    verb.reset()
    setDoing(what)
  }
  const acknowledge = () => {
    if (state === 'open' && may.acknowledge.ok) verbs.acknowledge.now()
    else announce(may.acknowledge.reason ?? `It is ${state}.`)
  }
  useKeys([
    { keys: 'e', does: 'Acknowledge', where: 'Incident', run: acknowledge },
    { keys: 'a', does: 'Give it to somebody', where: 'Incident', run: begin('assign') },
    { keys: 'r', does: 'Resolve, or open again', where: 'Incident', run: over ? begin('reopen') : begin('resolve') },
  ])
  const pressed = useRef(false)
  useEffect(() => {
    // The button that acknowledged is gone: whoever pressed it goes on where the room begins.
    if (pressed.current && document.activeElement === document.body)
      document.querySelector<HTMLElement>('main h1')?.focus()
    pressed.current = false
  }, [state])
  const close = () => setDoing(null)
  const first = { name: 'Acknowledge', keys: 'e', may: may.acknowledge, run: () => ((pressed.current = true), acknowledge()) } // prettier-ignore
  const shownVerbs = over
    ? [{ name: 'Open again…', keys: 'r', may: may.reopen, run: begin('reopen') }]
    : [
        ...(state === 'open' ? [first] : []),
        { name: owner === null ? 'Assign…' : 'Hand over…', keys: 'a', may: may.assign, run: begin('assign') },
        { name: 'Resolve…', keys: 'r', may: may.resolve, run: begin('resolve') },
      ]
  const all = [...shownVerbs, { name: 'Correct severity…', keys: null, may: may.correct, run: begin('severity') }]
  // Whoever has not the role reads it once, and not of every verb.
  const reasons = Map.groupBy(
    all.filter(({ may }) => !may.ok),
    ({ may }) => (may.code === 'not-your-role' ? 'role' : (may.reason ?? '')),
  )
  const whys = [...reasons.values()].map((those) => ({
    says: those[0]!.may.reason ?? 'You may not do this.',
    of: those.map(({ name }) => name),
  }))
  return (
    <div className={css.verbs}>
      {all.map(({ name, keys, may, run }) => (
        <Verb
          // One that says something else by now is the same button: the focus stays on it.
          key={keys ?? name}
          name={name}
          keys={keys}
          may={may}
          why={whys.findIndex(({ of }) => of.includes(name))}
          onPress={run}
        />
      ))}
      {whys.map(({ says, of }, at) => (
        <p key={says} id={`why-not-${at}`} className={css.reason}>
          {whys.length > 1 ? `${of.join(', ').replaceAll('…', '')}: ` : ''}
          {says}
        </p>
      ))}
      {[verbs.acknowledge, verbs.assign].map(({ error, what }) =>
        error ? <ProblemNote key={what} error={error} what={what} /> : null,
      )}
      {doing === 'assign' && me ? (
        <AssignDialog
          me={me.id}
          owner={owner?.id ?? null}
          onClose={close}
          onChoose={(person) => {
            close()
            if (person.id !== owner?.id || (person.id === me.id && state === 'open')) verbs.assign.now(person)
          }}
        />
      ) : null}
      {doing === 'severity' ? <SeverityDialog incident={incident} verb={verbs.correct} onClose={close} /> : null}
      {doing === 'resolve' ? (
        <ReasonDialog
          title="Resolve"
          label="Why it is over"
          help={stillWrong(incident)}
          submit="Resolve it"
          pending={verbs.resolve.isPending}
          error={verbs.resolve.error}
          failed="It was not resolved"
          onSubmit={(reason) => void verbs.resolve.send(reason).then(close, () => undefined)}
          onClose={close}
        />
      ) : null}
      {doing === 'reopen' ? (
        <ReasonDialog
          title="Open again"
          label="Why it is not over"
          help={`It stands in the timeline. Its owner stays its owner${incident.suggested.length > 0 ? ', and a plan is asked for anew' : ''}.`}
          submit="Open it again"
          pending={verbs.reopen.isPending}
          error={verbs.reopen.error}
          failed="It was not opened again"
          onSubmit={(reason) => void verbs.reopen.send(reason).then(close, () => undefined)}
          onClose={close}
        />
      ) : null}
    </div>
  )
}

/** What one should know who says that it is over. */
const stillWrong = ({ alerts_firing: firing, phase }: Incident): string =>
  [
    'It stands in the timeline.',
    firing === 0 ? '' : `${firing === 1 ? 'One alert is' : `${firing} alerts are`} still firing: it stays resolved until one fires anew.`, // prettier-ignore
    phase === 'mitigating' ? 'A run is still under way, and goes on.' : '',
  ]
    .filter((part) => part !== '')
    .join(' ')

function Verb({
  name,
  keys,
  may,
  why,
  onPress,
}: {
  name: string
  keys: string | null
  may: May
  why: number
  onPress(): void
}) {
  return (
    <Button
      size="compact-md"
      variant="default"
      data-disabled={!may.ok}
      aria-disabled={!may.ok}
      aria-describedby={may.ok ? undefined : `why-not-${why}`}
      aria-keyshortcuts={keys === null ? undefined : ariaKeys(keys)}
      rightSection={keys === null ? undefined : <kbd aria-hidden>{shown(keys)}</kbd>}
      onClick={onPress}
    >
      {name}
    </Button>
  )
}
