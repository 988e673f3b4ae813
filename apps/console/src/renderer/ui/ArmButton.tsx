import { useEffect, useId, useRef, useState } from 'react'
import { problemOf } from '../api/problem.js'
import type { May } from '../api/view.js'
import { tell } from './activity.js'
import { announce } from './announce.js'
import { ONE_PRESS, safe, step, type Arming, type Move } from './arming.js'
import css from './ArmButton.module.css'
import { ariaKeys, shown, useKeys } from './keys.js'
import { ProblemNote } from './ProblemNote.js'
import { useSettings } from './settings.js'

interface Props {
  /** Exactly what a confirmation would name: a plan's digest, a loan. Null while there is nothing to confirm. */
  what: string | null
  /** On the button while it is safe. */
  label: string
  /** On the button while it is armed: everything that will happen, where, and for how long. */
  sentence: string
  /** Whether this person may; not there means not known yet. */
  may: May | undefined
  /** Why nobody should press it now, whoever it is. */
  blocked: string | null
  /** Sends it. Rejects with why not. */
  onConfirm(what: string, key: string): Promise<unknown>
  /** How it is armed from anywhere on the page. */
  keys?: string
  /** Not what one came to the page for. */
  quiet?: boolean
}

/**
 * Arm, then confirm on the same button, which by then says the whole sentence. Never optimistic: after the second press
 * it says what the server has said, and no more.
 */
export function ArmButton({ what, label, sentence, may, blocked, onConfirm, keys, quiet = false }: Props) {
  const button = useRef<HTMLButtonElement>(null)
  // A right that is gone disarms like anything else that has changed.
  const denied = may?.ok === false ? (may.reason ?? 'You may not do this any more.') : null
  const { arming, move, armedFor, error } = useArming(what, denied ?? blocked, sentence, onConfirm)
  const hint = useId()
  const said = useRef<HTMLParagraphElement>(null)
  const { armed } = useSettings()
  const lasts = armed === 'never' ? null : Number(armed) * 1_000

  const open = may?.ok === true && blocked === null && what !== null
  const arm = () => {
    if (!open || what === null) {
      // A key that does nothing says why; who comes to the button reads it there.
      const why = denied ?? blocked
      if (why !== null) announce(why)
      return
    }
    move({ do: 'arm', what, now: performance.now(), key: crypto.randomUUID(), lasts })
    button.current?.focus()
  }
  const press = () => (arming.at === 'armed' ? move({ do: 'confirm', now: performance.now() }) : arm())

  useEffect(() => {
    if (arming.at === 'armed') announce(`Armed. ${sentence} Enter confirms, Escape disarms.`)
    if (arming.at === 'sent') announce('Sent.')
    if (arming.at === 'accepted') {
      announce('Accepted.')
      // The button has gone, and its focus with it.
      if (document.activeElement === document.body) said.current?.focus({ preventScroll: true })
    }
    if (arming.at === 'safe' && arming.because !== null) announce(arming.because)
  }, [arming.at])

  const pressable = arming.at === 'armed' ? armedFor >= ONE_PRESS : open && arming.at !== 'sent'
  return (
    <div className={css.arm} data-at={arming.at} data-quiet={quiet}>
      {keys === undefined ? null : <Shortcut keys={keys} arm={arm} />}
      {arming.at === 'armed' ? <Disarm move={move} /> : null}
      {(arming.at === 'refused' || arming.at === 'safe') && error !== null ? (
        <ProblemNote error={error} what="It was not done" />
      ) : null}
      {arming.at === 'accepted' ? null : (
        <button
          ref={button}
          type="button"
          className={css.button}
          aria-disabled={!pressable}
          aria-describedby={hint}
          aria-keyshortcuts={keys === undefined ? undefined : ariaKeys(keys)}
          onClick={press}
          onKeyDown={(event) => {
            // A key that is held down presses a button again and again.
            if (event.repeat) event.preventDefault()
          }}
        >
          {arming.at === 'armed' ? (
            <>
              <b>Confirm:</b> {sentence} <kbd aria-hidden>↵</kbd>
            </>
          ) : arming.at === 'sent' ? (
            'Sent. Waiting for the answer…'
          ) : (
            <>
              {label} {keys === undefined ? null : <kbd aria-hidden>{shown(keys)}</kbd>}
            </>
          )}
        </button>
      )}
      <p id={hint} ref={said} tabIndex={-1} className={css.hint} data-denied={may?.ok === false}>
        <Hint arming={arming} armedFor={armedFor} may={may} blocked={blocked} />
      </p>
    </div>
  )
}

function Hint({
  arming,
  armedFor,
  may,
  blocked,
}: { arming: Arming; armedFor: number } & Pick<Props, 'may' | 'blocked'>) {
  if (arming.at === 'accepted') return <>✓ Accepted. What comes of it is shown as it happens.</>
  if (arming.at === 'sent') return null
  if (arming.at === 'armed')
    return (
      <>
        Press again to confirm. Esc disarms
        {arming.lasts === null ? null : (
          <>
            ; by itself in <span aria-hidden>{Math.ceil((arming.lasts - armedFor) / 1_000)} s</span>
            <span className="unseen">{arming.lasts / 1_000} seconds</span>
          </>
        )}
        .
      </>
    )
  if (may === undefined) return <>Asking what you may do…</>
  if (!may.ok)
    return (
      <>
        {may.reason ?? 'You may not do this.'}
        {may.who && may.who.length > 0 ? <> Who may: {may.who.join(', ')}.</> : null}
      </>
    )
  if (blocked !== null) return <>{blocked}</>
  return <>{arming.at === 'safe' ? arming.because : null}</>
}

/** The machine of arming.ts, with its clock and its effects. */
function useArming(what: string | null, blocked: string | null, sentence: string, onConfirm: Props['onConfirm']) {
  const [arming, setArming] = useState<Arming>(safe)
  /** Milliseconds. */
  const [armedFor, setArmedFor] = useState(0)
  // Stays until it is tried again: also when what it was about has changed, for that is often why.
  const [error, setError] = useState<unknown>(null)
  // What the state is between two presses in one frame; React may not have drawn the first of them yet.
  const current = useRef<Arming>(safe)

  const shownNow = useRef(what)

  const move = (next: Move) => {
    const before = current.current
    const after = step(before, next)
    if (after === before) return
    current.current = after
    setArming(after)
    if (after.at === 'armed') {
      setArmedFor(0)
      setError(null)
    }
    if (after.at !== 'sent') return
    onConfirm(after.what, after.key).then(
      () => {
        tell({ kind: 'done', says: `Accepted: ${sentence}` })
        move({ do: 'answered' })
        // What came on the screen meanwhile may be asked for anew.
        move({ do: 'look', what: shownNow.current })
      },
      (reason: unknown) => {
        tell({ kind: 'failed', says: `Not done: ${sentence}`, because: problemOf(reason).detail })
        setError(reason)
        move({ do: 'refused' })
      },
    )
  }
  const latest = useRef(move)
  useEffect(() => {
    latest.current = move
  })

  useEffect(() => {
    shownNow.current = what
    latest.current({ do: 'look', what })
  }, [what])
  useEffect(() => {
    if (blocked !== null) latest.current({ do: 'disarm', because: blocked })
  }, [blocked])
  useEffect(() => {
    if (arming.at !== 'armed') return
    const timer = setInterval(() => {
      const now = performance.now()
      setArmedFor(now - arming.since)
      latest.current({ do: 'tick', now })
    }, 100)
    return () => clearInterval(timer)
  }, [arming])

  return { arming, move, armedFor, error }
}

function Shortcut({ keys, arm }: { keys: string; arm: () => void }) {
  useKeys([{ keys, does: 'Arm what is proposed; Enter then confirms', where: 'Deciding', run: arm }])
  return null
}

function Disarm({ move }: { move: (move: Move) => void }) {
  useKeys([{ keys: 'Escape', does: 'Disarm', where: 'Armed', run: () => move({ do: 'disarm', because: 'Disarmed.' }) }])
  return null
}
