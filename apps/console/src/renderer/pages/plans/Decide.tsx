import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { decidePlan, planQuery } from '../../api/plans.js'
import type { BreakGlassCheck, May, Plan } from '../../api/view.js'
import { announce } from '../../ui/announce.js'
import { ArmButton } from '../../ui/ArmButton.js'
import { useStale } from '../../ui/live.js'
import { useNow } from '../../ui/now.js'
import { Span, Time } from '../../ui/Time.js'
import { AskBreakGlass, HeldBy, useHeld } from './AskBreakGlass.js'
import css from './Decide.module.css'
import { isOpen } from './inbox.js'
import { Withdraw } from './Withdraw.js'
import { useUnwanted, type Unwanted } from './wanted.js'
import { WhoDecides } from './WhoDecides.js'
import { WithReason } from './WithReason.js'
import { armedSentence, FROZEN, quorumSays } from './words.js'

interface Vote {
  digest: string
  decision: 'yes' | 'no'
  note: string
  typed?: string
  key: string
}

interface Props {
  plan: Plan
  /** Where it happens, as the armed sentence says it. */
  place: string
  /** Why nobody should say yes to it here now. */
  held?: string | null
  /** How it is armed from anywhere on the page. */
  keys?: string
  /** How the no is begun. */
  noKeys?: string
}

/** Yes or no to exactly this digest, and who has said what so far. */
export function Decide({ plan, place, held = null, keys = 'Mod+Enter', noKeys }: Props) {
  const stale = useStale()
  const now = useNow()
  const [typed, setTyped] = useState('')
  const decide = useDecision(plan.id)
  const frozen = useHeld(plan)
  const unwanted = useUnwanted(plan)
  const arm = useRef<HTMLDivElement>(null)
  const { digest, quorum, expires_at, to_type, may } = plan
  if (digest === null || plan.body === null) return null

  const expired = expires_at !== null && new Date(expires_at) <= now
  const untyped =
    to_type !== null && typed.trim() !== to_type ? `This cannot be taken back: type ${to_type} first.` : null
  const besides = held ?? stale ?? untyped
  const blocked = expired ? 'This plan has expired: ask for a new one.' : (held ?? unwanted?.says ?? besides)
  const last = quorum.given + 1 >= quorum.needed
  const own = may.approve.code === 'own-plan'
  return (
    <div className={css.decide}>
      {plan.state === 'approved' ? (
        <p className={css.approved} role="status">
          {frozen === undefined || frozen.freezes.length === 0
            ? '✓ Approved. A worker takes it up; the run is shown here as soon as it starts.'
            : '✓ Approved, and frozen: it starts when the freeze is lifted, or when the glass is broken.'}
        </p>
      ) : own ? (
        <p className={css.own} role="note">
          <b>You asked for this plan:</b> somebody else decides about it.
        </p>
      ) : (
        <>
          {to_type === null || !may.approve.ok ? null : (
            <TextInput
              label={`Type ${to_type}`}
              description="This cannot be taken back."
              autoComplete="off"
              spellCheck={false}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
          )}
          {unwanted === null || expired || !may.approve.ok ? null : (
            <StillWanted
              unwanted={unwanted}
              onInsist={() => {
                announce(besides ?? 'It can be armed now.')
                arm.current?.querySelector('button')?.focus()
              }}
            />
          )}
          <div ref={arm}>
            <ArmButton
              what={digest}
              label={last ? 'Approve and run' : `Approve (${quorum.given + 1} of ${quorum.needed})`}
              sentence={armedSentence(plan, place)}
              may={shortly(may.approve, frozen)}
              blocked={blocked}
              keys={keys}
              onConfirm={(digest, key) =>
                decide({ digest, decision: 'yes', note: '', key, ...(to_type === null ? {} : { typed: to_type }) })
              }
            />
          </div>
        </>
      )}
      <HeldBy held={frozen} />
      <div className={css.votes}>
        <span>{quorumSays(plan)}</span>
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
        {plan.state === 'proposed' ? <SayNo plan={plan} digest={digest} decide={decide} keys={noKeys} /> : null}
        <Withdraw plan={plan} />
        <AskBreakGlass plan={plan} held={frozen} />
      </div>
      {plan.state === 'proposed' && !may.approve.ok && isOpen(plan) ? <WhoDecides plan={plan} /> : null}
      <Votes plan={plan} />
    </div>
  )
}

/** A right as its hint says it: a freeze that stands named below is not told a second time. */
const shortly = (may: May, held: BreakGlassCheck | undefined): May =>
  may.code === 'frozen' && held !== undefined && held.freezes.length > 0
    ? { ok: false, code: 'frozen', reason: FROZEN }
    : may

/** What it was made for is over. To start it all the same is a press of its own, which no key does. */
function StillWanted({ unwanted: { since, insist }, onInsist }: { unwanted: Unwanted; onInsist(): void }) {
  if (insist === null) return null
  return (
    <div className={css.over} role="note">
      <p>
        {since === null ? (
          <b>How its incident stands could not be read.</b>
        ) : (
          <>
            <b>Its incident is over</b> since <Time at={since} />: what this repairs may be well by itself.
          </>
        )}
      </p>
      <Button
        size="compact-md"
        variant="default"
        onClick={() => {
          insist()
          onInsist()
        }}
      >
        It is wanted all the same
      </Button>
    </div>
  )
}

function useDecision(id: string) {
  const queries = useQueryClient()
  const { queryKey } = planQuery(id)
  const { mutateAsync } = useMutation({
    mutationFn: ({ key, ...vote }: Vote) => decidePlan(id, vote, key),
    onSuccess: (answer) => queries.setQueryData(queryKey, answer),
    // After a yes it may be under way already; a "no" tells that something is not as it is shown here.
    onSettled: () => void queries.invalidateQueries({ queryKey: ['plan'] }),
  })
  return mutateAsync
}

/** Who said what to which digest. A yes to another digest than today's counts no more, and is struck through. */
function Votes({ plan }: { plan: Plan }) {
  if (plan.approvals.length === 0) return null
  return (
    <ul className={css.given} aria-label="Decisions">
      {plan.approvals.map(({ id, by, decision, digest, note, at }) => (
        <li key={id} data-decision={decision}>
          <span aria-hidden>{decision === 'yes' ? '✓' : '✗'}</span> <b>{by.name}</b> said {decision}, <Time at={at} />
          {note === '' ? null : <>: “{note}”</>}
          {digest === plan.digest ? null : <i> (to another plan than this: it does not count)</i>}
        </li>
      ))}
    </ul>
  )
}

/** A "no" stops the plan for everybody, so it says why. It changes nothing out there, and needs no arming. */
function SayNo({
  plan,
  digest,
  decide,
  keys,
}: {
  plan: Plan
  digest: string
  decide: (vote: Vote) => Promise<unknown>
  keys: string | undefined
}) {
  const no = useMutation({
    mutationFn: (note: string) => decide({ digest, decision: 'no', note, key: crypto.randomUUID() }),
    onSuccess: () => announce('Refused'),
  })
  // A yes may have to wait while a no is taken.
  if (!plan.may.refuse.ok) return null
  return (
    <WithReason
      open="Say no…"
      {...(keys === undefined ? {} : { keys })}
      label="Why not"
      help="Everybody who comes to this plan reads it."
      submit="Refuse this plan"
      pending={no.isPending}
      error={no.error}
      failed="The no was not recorded"
      onSubmit={(note) => no.mutate(note)}
    />
  )
}
