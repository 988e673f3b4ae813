import { NumberInput, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { giveBack, renew } from '../../api/loans.js'
import type { Loan } from '../../api/view.js'
import { ArmButton } from '../../ui/ArmButton.js'
import { useKeys } from '../../ui/keys.js'
import { useStale } from '../../ui/live.js'
import { Target } from '../../ui/Target.js'
import { Span, Time } from '../../ui/Time.js'
import css from './LoanCard.module.css'
import { loanMark, loanState } from './words.js'

interface CardProps {
  loan: Loan
  where: string
  /** It is the only one on its page, and keys of the page are about it. */
  alone?: boolean
}

/** One thing on loan: until when, what giving it back does, and both things that a person can ask for. */
export function LoanCard({ loan, where, alone = false }: CardProps) {
  const { state, says, target, until, returned_at, because } = loan
  return (
    <div className={css.loan} data-state={state}>
      <p>
        <span aria-hidden className={css.state}>
          {loanMark[state]}
        </span>{' '}
        <b className={css.state}>{loanState[state]}</b>{' '}
        <code>
          <Target name={target} />
        </code>{' '}
        {returned_at === null ? (
          <>
            until <Time at={until} />
            {state === 'out' ? (
              <>
                , in <Span to={until} />
              </>
            ) : null}
          </>
        ) : (
          <Time at={returned_at} />
        )}
      </p>
      {because === null ? null : <p className={css.dim}>{because}</p>}
      {state === 'returned' ? null : <p className={css.dim}>Coming back means: {says}.</p>}
      {state === 'out' || state === 'overdue' ? <Ask loan={loan} where={where} alone={alone} /> : null}
    </div>
  )
}

/** Give back now, or keep for longer: either says why, and is armed first. */
function Ask({ loan, where, alone = false }: CardProps) {
  const { id, says, target, until, minutes, may } = loan
  const stale = useStale()
  const queries = useQueryClient()
  const [reason, setReason] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const [longer, setLonger] = useState<number>(minutes)
  const blocked = reason.trim() === '' ? 'Say why, for whoever reads the log.' : stale
  const told = () => queries.invalidateQueries({ queryKey: ['loan'] })
  const anything = may.return.ok || may.renew.ok
  return (
    <div className={css.ask}>
      {alone && anything ? <SaysWhy run={() => field.current?.focus()} /> : null}
      {anything ? (
        <div className={css.fields}>
          <TextInput
            ref={field}
            label="Why now, or why for longer"
            size="xs"
            value={reason}
            maxLength={2_000}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <NumberInput
            label="Minutes, when renewed"
            size="xs"
            min={1}
            max={minutes}
            clampBehavior="strict"
            allowDecimal={false}
            allowNegative={false}
            hideControls
            value={longer}
            onChange={(value) => setLonger(typeof value === 'number' && value >= 1 ? value : minutes)}
          />
        </div>
      ) : null}
      <ArmButton
        what={id}
        quiet
        label="Give back now"
        {...(alone ? { keys: 'Mod+Enter' } : {})}
        sentence={`${says}, ${where}, now`}
        may={may.return}
        blocked={blocked}
        onConfirm={async (id, key) => {
          await giveBack(id, reason.trim(), key)
          await told()
        }}
      />
      <ArmButton
        // Once it has its new date it can be asked for anew.
        what={`${id}/${until}/${longer}`}
        quiet
        label={`Renew for ${longer} min`}
        sentence={`${target}, ${where}, stays on loan for ${longer} minutes from now`}
        may={may.renew}
        blocked={blocked}
        onConfirm={async (_, key) => {
          await renew(id, longer, reason.trim(), key)
          await told()
        }}
      />
    </div>
  )
}

function SaysWhy({ run }: { run: () => void }) {
  useKeys([{ keys: 'b', does: 'Say why it is given back, or kept for longer', where: 'Loan', run }])
  return null
}
