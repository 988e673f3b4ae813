import { TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { incidentQuery } from '../../api/incidents.js'
import { askBreakGlass } from '../../api/plans.js'
import type { BreakGlassCheck, Plan } from '../../api/view.js'
import { announce } from '../../ui/announce.js'
import { Fact } from '../../ui/Fact.js'
import { useStale } from '../../ui/live.js'
import { Time } from '../../ui/Time.js'
import { ReasonDialog } from '../incidents/ReasonDialog.js'
import css from './BreakGlassDialog.module.css'
import { WhoGrants } from './WhoGrants.js'
import { gist, LONGEST_PASS, overs, placeOf, quorumSays, shortDigest, whyNotMinutes, type Over } from './words.js'

interface Props {
  plan: Plan
  held: BreakGlassCheck | undefined
  /** It stands on the page by now, under this id. */
  onAsked(id: string): void
  onClose(): void
}

const idOf = (over: Over) => (over === 'approval' ? over : over.id)

/**
 * Asks to break the glass, and says all of it before: which plan, what it passes and what holds still, for how long, who
 * has to grant it, and what follows. It changes nothing out there by itself, and needs no arming: granting it does.
 */
export function BreakGlassDialog({ plan, held, onAsked, onClose }: Props) {
  const queries = useQueryClient()
  const incident = useQuery({ ...incidentQuery(plan.incident ?? ''), enabled: plan.incident !== null }).data
  const stale = useStale()
  const choices = held === undefined ? [] : overs(held)
  // What was read is what is asked for, whatever the plan becomes behind the dialog.
  const [read] = useState({ digest: plan.digest ?? '', first: choices[0] && idOf(choices[0]) })
  const [chosen, setChosen] = useState(read.first)
  const [minutes, setMinutes] = useState('30')
  const over = choices.find((one) => idOf(one) === chosen)
  const still = held?.freezes.filter(({ id }) => id !== chosen) ?? []
  const again = () => queries.invalidateQueries({ queryKey: ['plan'] })
  const ask = useMutation({
    mutationFn: (reason: string) =>
      askBreakGlass(
        {
          ...{ plan: plan.id, digest: read.digest, minutes: Number(minutes), reason },
          over: chosen === 'approval' ? 'approval' : { freeze: chosen ?? '' },
        },
        crypto.randomUUID(),
      ),
    onSuccess: async ({ id }) => {
      announce('Asked for. Another of Security decides.')
      await again()
      onAsked(id)
    },
    // A no tells that something is not as it is shown here.
    onError: () => again(),
  })
  const missing =
    stale ??
    (plan.digest !== read.digest
      ? 'The plan is another one now: go back and read it.'
      : over === undefined
        ? 'That holds the plan no more: go back.'
        : whyNotMinutes(minutes))
  return (
    <ReasonDialog
      title="Break the glass"
      label="Why nothing else will do"
      help="Whoever grants it, and whoever reviews it, reads this. The log keeps it."
      submit="Ask for it"
      pending={ask.isPending}
      error={ask.error}
      failed="It was not asked for"
      missing={missing}
      onSubmit={(reason) => ask.mutate(reason)}
      onClose={onClose}
    >
      <dl className={css.facts}>
        <Fact name="Plan">
          {gist(plan)}, in {placeOf(plan, incident)}
        </Fact>
        <Fact name="Digest">
          <code title={read.digest}>{shortDigest(read.digest)}</code>
        </Fact>
      </dl>
      <fieldset className={css.overs}>
        <legend>It passes one thing, once</legend>
        {choices.map((one) => (
          <label key={idOf(one)}>
            <input
              type="radio"
              name="over"
              {...(idOf(one) === read.first ? { 'data-autofocus': true } : {})}
              checked={idOf(one) === chosen}
              onChange={() => setChosen(idOf(one))}
            />
            <span>
              <What over={one} />
            </span>
          </label>
        ))}
      </fieldset>
      {still.length === 0 ? null : (
        <p className={css.still} role="note">
          <b>It will not start by this alone:</b> {still.map(({ id }) => id).join(' and ')}{' '}
          {still.length === 1 ? 'holds it still' : 'hold it still'}.
        </p>
      )}
      {held?.approval_missing && chosen !== 'approval' ? (
        <p className={css.still} role="note">
          <b>It needs its approvals as ever:</b> {quorumSays(plan)}.
        </p>
      ) : null}
      <TextInput
        className={css.minutes}
        label="For how many minutes"
        description={`From when it is granted, ${LONGEST_PASS} at the most. ${chosen === 'approval' ? 'It has to start by then.' : 'What is not done by then is held again.'}`}
        inputMode="numeric"
        autoComplete="off"
        maxLength={3}
        value={minutes}
        error={whyNotMinutes(minutes) !== null}
        onChange={(event) => setMinutes(event.currentTarget.value)}
      />
      <dl className={css.facts}>
        <Fact name="Granted by">{held === undefined ? '…' : <WhoGrants held={held} over={over} plan={plan} />}</Fact>
        <Fact name="Told to">everybody, by an incident of its own, as soon as a run uses it</Fact>
        <Fact name="Reviewed by">somebody of Security who neither asked nor granted, within 24 hours of its use</Fact>
      </dl>
    </ReasonDialog>
  )
}

function What({ over }: { over: Over }) {
  if (over === 'approval')
    return (
      <>
        <b>One missing approval.</b> Whoever grants it stands for one yes.
      </>
    )
  return (
    <>
      <b>The freeze {over.id}</b> of {over.by.name}, <Time at={over.at} />, over {over.scopes.join(', ')}: “
      {over.reason}”
    </>
  )
}
