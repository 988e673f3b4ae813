import { TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { incidentQuery } from '../../api/incidents.js'
import { decideBreakGlass, reviewBreakGlass } from '../../api/plans.js'
import type { BreakGlass, Plan } from '../../api/view.js'
import { announce } from '../../ui/announce.js'
import { ArmButton } from '../../ui/ArmButton.js'
import { sentBy } from '../../ui/keys.js'
import { useStale } from '../../ui/live.js'
import { useNow } from '../../ui/now.js'
import { Span } from '../../ui/Time.js'
import css from './DecideBreakGlass.module.css'
import { grantSays, placeOf } from './words.js'
import { WithReason } from './WithReason.js'

/** Somebody asked to break the glass: a second person grants it, armed and confirmed, or refuses it and says why. */
export function DecideBreakGlass({ pass, plan }: { pass: BreakGlass; plan: Plan }) {
  const incident = useQuery({ ...incidentQuery(plan.incident ?? ''), enabled: plan.incident !== null }).data
  const [typed, setTyped] = useState('')
  const now = useNow()
  const stale = useStale()
  const told = useTold()
  const { digest, id, may, open_until, to_type } = pass
  const no = useMutation({
    mutationFn: (note: string) => decideBreakGlass(id, { digest, decision: 'no', note }, crypto.randomUUID()),
    onSuccess: () => announce('Refused'),
    onSettled: told,
  })
  const untyped =
    to_type !== null && typed.trim() !== to_type ? `This cannot be taken back: type ${to_type} first.` : null
  const blocked =
    new Date(open_until) <= now
      ? 'Nobody decided in time: it has to be asked for again.'
      : digest === plan.digest
        ? (stale ?? untyped)
        : 'It was asked for another plan than the one that is shown here.'
  return (
    <div className={css.decide}>
      {to_type === null || !may.decide.ok ? null : (
        <TextInput
          label={`Type ${to_type}`}
          description="This cannot be taken back."
          autoComplete="off"
          spellCheck={false}
          value={typed}
          // What stands beside it is armed by the same keys, and is another decision.
          onKeyDown={sentBy(() => {})}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
      <ArmButton
        what={`${id}/${digest}`}
        label="Grant it"
        sentence={grantSays(pass, plan, placeOf(plan, incident))}
        may={may.decide}
        blocked={blocked}
        quiet
        onConfirm={async (_, key) => {
          await decideBreakGlass(
            id,
            { digest, decision: 'yes', note: '', ...(to_type === null ? {} : { typed: to_type }) },
            key,
          )
          await told()
        }}
      />
      <div className={css.foot}>
        <span>
          to be decided within <Span to={open_until} />
        </span>
        {may.decide.ok ? (
          <WithReason
            open="Refuse it…"
            label="Why not"
            help="Whoever asked reads it, and the log keeps it."
            submit="Refuse the break-glass"
            pending={no.isPending}
            error={no.error}
            failed="The no was not recorded"
            onSubmit={(note) => no.mutate(note)}
          />
        ) : null}
      </div>
    </div>
  )
}

/** After it was used: somebody who neither asked nor granted says whether it was right. */
export function ReviewBreakGlass({ pass: { id } }: { pass: BreakGlass }) {
  const told = useTold()
  const review = useMutation({
    mutationFn: (said: { verdict: 'justified' | 'not-justified'; note: string }) =>
      reviewBreakGlass(id, said, crypto.randomUUID()),
    onSuccess: () => announce('Reviewed'),
    onSettled: told,
  })
  const form = (verdict: 'justified' | 'not-justified', words: string) => (
    <WithReason
      key={verdict}
      open={`It was ${words}…`}
      label={`Why it was ${words}`}
      help="It closes the alert that everybody got, and the log keeps it."
      submit={`Record: it was ${words}`}
      pending={review.isPending && review.variables.verdict === verdict}
      error={review.variables?.verdict === verdict ? review.error : null}
      failed="The review was not recorded"
      onSubmit={(note) => review.mutate({ verdict, note })}
    />
  )
  return (
    <div className={css.foot} role="group" aria-label="Review">
      {form('justified', 'justified')}
      {form('not-justified', 'not justified')}
    </div>
  )
}

function useTold() {
  const queries = useQueryClient()
  return () => queries.invalidateQueries({ queryKey: ['plan'] })
}
