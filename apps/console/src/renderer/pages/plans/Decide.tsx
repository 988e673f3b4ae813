import { Button, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { decidePlan, planQuery } from '../../api/plans.js'
import type { Plan } from '../../api/view.js'
import { announce } from '../../ui/announce.js'
import { ArmButton } from '../../ui/ArmButton.js'
import { useStale } from '../../ui/live.js'
import { useNow } from '../../ui/now.js'
import { ProblemNote } from '../../ui/ProblemNote.js'
import { Span, Time } from '../../ui/Time.js'
import css from './Decide.module.css'
import { armedSentence } from './words.js'

interface Vote {
  digest: string
  decision: 'yes' | 'no'
  note: string
  typed?: string
  key: string
}

/** Yes or no to exactly this digest, and who has said what so far. */
export function Decide({ plan, place }: { plan: Plan; place: string }) {
  const stale = useStale()
  const now = useNow()
  const [typed, setTyped] = useState('')
  const queries = useQueryClient()
  const { mutateAsync: decide } = useMutation({
    mutationFn: ({ key, ...vote }: Vote) => decidePlan(plan.id, vote, key),
    onSuccess: (answer) => queries.setQueryData(planQuery(plan.id).queryKey, answer),
    // After a yes it may be under way already; a "no" tells that something is not as it is shown here.
    onSettled: () => void queries.invalidateQueries({ queryKey: planQuery(plan.id).queryKey }),
  })
  const { digest, quorum, expires_at, to_type } = plan
  if (digest === null || plan.body === null) return null

  const expired = expires_at !== null && new Date(expires_at) <= now
  const untyped =
    to_type !== null && typed.trim() !== to_type ? `This cannot be taken back: type ${to_type} first.` : null
  const blocked = expired ? 'This plan has expired: ask for a new one.' : (stale ?? untyped)
  const last = quorum.given + 1 >= quorum.needed
  return (
    <div className={css.decide}>
      {plan.state === 'approved' ? (
        <p className={css.approved} role="status">
          ✓ Approved. A worker takes it up; the run is shown here as soon as it starts.
        </p>
      ) : (
        <>
          {to_type === null || !plan.may.approve.ok ? null : (
            <TextInput
              label={`Type ${to_type}`}
              description="This cannot be taken back."
              autoComplete="off"
              spellCheck={false}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
          )}
          <ArmButton
            what={digest}
            label={last ? 'Approve and run' : `Approve (${quorum.given + 1} of ${quorum.needed})`}
            sentence={armedSentence(plan, place)}
            may={plan.may.approve}
            blocked={blocked}
            keys="Mod+Enter"
            onConfirm={(digest, key) =>
              decide({ digest, decision: 'yes', note: '', key, ...(to_type === null ? {} : { typed: to_type }) })
            }
          />
        </>
      )}
      <div className={css.votes}>
        <span>
          {quorum.given} of {quorum.needed} {quorum.needed === 1 ? 'approval' : 'approvals'} by{' '}
          {plan.body.approval.roles.join(' or ')}
        </span>
        {expires_at === null || plan.state !== 'proposed' ? null : (
          <span>
            {expired ? (
              'expired'
            ) : (
              <>
                expires in <Span to={expires_at} />
              </>
            )}
          </span>
        )}
        {plan.state === 'proposed' ? <SayNo plan={plan} digest={digest} decide={decide} /> : null}
      </div>
      {plan.approvals.length === 0 ? null : (
        <ul className={css.given} aria-label="Decisions">
          {plan.approvals.map(({ id, by, decision, note, at }) => (
            <li key={id}>
              <b>{by.name}</b> said {decision}, <Time at={at} />
              {note === '' ? null : <>: “{note}”</>}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** A "no" stops the plan for everybody, so it says why. It changes nothing out there, and needs no arming. */
function SayNo({ plan, digest, decide }: { plan: Plan; digest: string; decide: (vote: Vote) => Promise<unknown> }) {
  const [open, setOpen] = useState(false)
  const [note, setNote] = useState('')
  const no = useMutation({
    mutationFn: () => decide({ digest, decision: 'no', note: note.trim(), key: crypto.randomUUID() }),
    onSuccess: () => announce('Refused'),
  })
  // A yes may have to wait while a no is taken.
  if (!plan.may.refuse.ok) return null
  if (!open)
    return (
      <Button size="compact-sm" variant="subtle" color="gray" className={css.no} onClick={() => setOpen(true)}>
        Say no…
      </Button>
    )
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (note.trim() !== '') no.mutate()
      }}
    >
      {no.error ? <ProblemNote error={no.error} what="The no was not recorded" /> : null}
      <Textarea
        label="Why not"
        description="Everybody who comes to this incident reads it."
        required
        data-autofocus
        autoFocus
        maxLength={2_000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <div className={css.row}>
        <Button type="submit" variant="default" aria-disabled={note.trim() === ''} loading={no.isPending}>
          Refuse this plan
        </Button>
        <Button variant="subtle" className={css.no} onClick={() => setOpen(false)}>
          Back
        </Button>
      </div>
    </form>
  )
}
