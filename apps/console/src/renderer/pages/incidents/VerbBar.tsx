import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { meQuery } from '../../api/identity.js'
import type { Incident } from '../../api/view.js'
import { announce } from '../../ui/announce.js'
import { ariaKeys, shown, useKeys } from '../../ui/keys.js'
import { useHeard } from '../../ui/live.js'
import { ProblemNote } from '../../ui/ProblemNote.js'
import { AssignDialog } from './AssignDialog.js'
import css from './Head.module.css'
import { ReasonDialog } from './ReasonDialog.js'
import { SeverityDialog } from './SeverityDialog.js'
import { offered, whysNot, type VerbName } from './offered.js'
import { useVerbs } from './verbs.js'
import { isOver } from './words.js'

/** What a person does with an incident: a button for each verb, why some may not be pressed, and what each of them asks. */
export function VerbBar({ incident }: { incident: Incident }) {
  const verbs = useVerbs(incident)
  const [asks, setAsks] = useState<Asking | null>(null)
  const heard = useHeard()
  const may = (verb: VerbName) => heard(incident.may[verb])
  const { state } = incident

  const me = useQuery(meQuery).data
  const all = offered(incident, me?.id)
  const acknowledge = () => {
    const takes = all.some(({ verb }) => verb === 'acknowledge')
    if (takes && may('acknowledge').ok) verbs.acknowledge.now()
    else announce(may('acknowledge').reason ?? `It is ${state}.`)
  }
  const ask = (verb: Asking) => {
    const { ok, reason } = may(verb)
    if (!ok) return announce(reason ?? 'You may not do this.')
    verbs[verb].reset()
    setAsks(verb)
  }
  useKeys([
    { keys: 'e', does: 'Acknowledge', where: 'Incident', run: acknowledge },
    { keys: 'a', does: 'Give it to somebody', where: 'Incident', run: () => ask('assign') },
    { keys: 'r', does: 'Resolve, or open again', where: 'Incident', run: () => ask(isOver(incident) ? 'reopen' : 'resolve') }, // prettier-ignore
  ])
  const pressed = useRef(false)
  useEffect(() => {
    // The button that acknowledged is gone: whoever pressed it goes on where the room begins.
    if (pressed.current && document.activeElement === document.body)
      document.querySelector<HTMLElement>('main h1')?.focus()
    pressed.current = false
  }, [state, incident.lead])

  const whys = whysNot(all.map(({ name, verb }) => ({ name, may: may(verb) })))
  return (
    <div className={css.verbs}>
      {all.map(({ name, keys, verb }) => {
        const { ok } = may(verb)
        return (
          <Button
            // One that says something else by now is the same button: the focus stays on it.
            key={keys ?? name}
            size="compact-md"
            variant="default"
            data-disabled={!ok}
            aria-disabled={!ok}
            aria-describedby={ok ? undefined : `why-not-${whys.findIndex(({ of }) => of.includes(name))}`}
            aria-keyshortcuts={keys === null ? undefined : ariaKeys(keys)}
            rightSection={keys === null ? undefined : <kbd aria-hidden>{shown(keys)}</kbd>}
            onClick={() => {
              if (verb !== 'acknowledge') return ask(verb)
              pressed.current = true
              acknowledge()
            }}
          >
            {name}
          </Button>
        )
      })}
      {whys.map(({ says, of }, at) => (
        <p key={says} id={`why-not-${at}`} className={css.reason}>
          {whys.length > 1 ? `${of.join(', ').replaceAll('…', '')}: ` : ''}
          {says}
        </p>
      ))}
      {[verbs.acknowledge, verbs.assign].map(({ error, what }) =>
        error ? <ProblemNote key={what} error={error} what={what} /> : null,
      )}
      {asks === null ? null : <Ask asks={asks} incident={incident} verbs={verbs} onClose={() => setAsks(null)} />}
    </div>
  )
}

/** Those that ask something before they are done. */
type Asking = Exclude<VerbName, 'acknowledge'>

interface AskProps {
  asks: Asking
  incident: Incident
  verbs: ReturnType<typeof useVerbs>
  onClose(): void
}

/** What a verb asks before it is done. */
function Ask({ asks, incident, verbs, onClose }: AskProps) {
  const me = useQuery(meQuery).data
  const { owner, state, suggested } = incident
  if (asks === 'correct') return <SeverityDialog incident={incident} verb={verbs.correct} onClose={onClose} />
  if (asks === 'assign')
    return me ? (
      <AssignDialog
        me={me.id}
        owner={owner?.id ?? null}
        onClose={onClose}
        onChoose={(person) => {
          onClose()
          if (person.id !== owner?.id || (person.id === me.id && state === 'open')) verbs.assign.now(person)
        }}
      />
    ) : null
  const verb = verbs[asks]
  const says =
    asks === 'resolve'
      ? { title: 'Resolve', label: 'Why it is over', help: stillWrong(incident), submit: 'Resolve it', failed: 'It was not resolved' } // prettier-ignore
      : { title: 'Open again', label: 'Why it is not over', help: goesOn(suggested.length > 0), submit: 'Open it again', failed: 'It was not opened again' } // prettier-ignore
  return (
    <ReasonDialog
      {...says}
      pending={verb.isPending}
      error={verb.error}
      onSubmit={(reason) => void verb.send(reason).then(onClose, () => undefined)}
      onClose={onClose}
    />
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

/** And who says that it is not. */
const goesOn = (plans: boolean): string =>
  `It stands in the timeline. Its owner stays its owner${plans ? ', and a plan is asked for anew' : ''}.`
