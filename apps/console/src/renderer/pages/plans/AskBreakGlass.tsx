import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useId, useRef, useState } from 'react'
import { breakGlassCheckQuery, breakGlassQuery } from '../../api/plans.js'
import type { BreakGlassCheck, Plan } from '../../api/view.js'
import { useKeys } from '../../ui/keys.js'
import { Time } from '../../ui/Time.js'
import css from './AskBreakGlass.module.css'
import { BreakGlassDialog } from './BreakGlassDialog.js'
import { isOpen } from './inbox.js'
import { either, overs, roleName } from './words.js'

/** How the dialog is opened from anywhere on the page. */
const KEY = 'B'

/**
 * What holds this plan that a broken glass could pass. It is asked where somebody could need it: by whoever may ask, and
 * where a freeze holds the plan or could.
 */
export function useHeld(plan: Plan): BreakGlassCheck | undefined {
  const { approve, break_glass } = plan.may
  const matters = break_glass.ok || approve.code === 'frozen' || plan.state === 'approved'
  const asked = isOpen(plan) && plan.digest !== null && matters
  return useQuery({ ...breakGlassCheckQuery(plan.id), enabled: asked }).data
}

/** The freezes that hold a plan: since when, by whom, and why. Said once; what else tells of them points here. */
export function HeldBy({ held }: { held: BreakGlassCheck | undefined }) {
  return held?.freezes.map(({ at, by, id, reason }) => (
    <p key={id} className={css.held} role="note">
      <b>■ Frozen</b> by {by.name}, <Time at={at} />: “{reason}” (<code>{id}</code>)
    </p>
  ))
}

/**
 * The way around what holds a plan: a button that opens the whole of it. Where a freeze holds the plan everybody sees it,
 * with the reason why it is not theirs; a yes that is missing is most plans' lot, and shows it to who may ask alone.
 */
export function AskBreakGlass({ plan, held }: { plan: Plan; held: BreakGlassCheck | undefined }) {
  const [open, setOpen] = useState(false)
  const why = useId()
  /** What has just been asked for: whoever did is taken to where it stands, for the button is gone. */
  const asked = useRef<string | null>(null)
  const stands = useQuery(breakGlassQuery(plan.id)).data
  useEffect(() => {
    if (open || asked.current === null) return
    // An event may have asked for it anew meanwhile: then it comes a moment after the dialog has gone.
    const note = document.getElementById(asked.current)
    if (note === null) return
    note.focus()
    asked.current = null
  }, [open, stands])
  const { break_glass: may } = plan.may
  // One at a time: what has been asked for stands above.
  const under = may.code === 'in-progress'
  const choices = held === undefined ? [] : overs(held)
  const shown = !under && choices.length > 0 && (may.ok || held!.freezes.length > 0)
  if (!shown && !open) return null
  return (
    <>
      {may.ok ? <Opens run={() => setOpen(true)} /> : null}
      <Button
        size="compact-sm"
        variant="subtle"
        color="gray"
        className={css.open}
        aria-disabled={!may.ok}
        data-disabled={!may.ok}
        aria-describedby={may.ok ? undefined : why}
        aria-keyshortcuts={may.ok ? KEY : undefined}
        rightSection={may.ok ? <kbd aria-hidden>{KEY}</kbd> : undefined}
        onClick={() => {
          if (may.ok) setOpen(true)
        }}
      >
        Break the glass…
      </Button>
      {may.ok ? null : (
        <span id={why} className={css.why}>
          {may.code === 'not-your-role'
            ? `Only ${either((may.who ?? []).map(roleName))} can ask for that.`
            : may.reason}
        </span>
      )}
      {open ? (
        <BreakGlassDialog
          plan={plan}
          held={held}
          onAsked={(id) => {
            asked.current = id
            setOpen(false)
          }}
          onClose={() => setOpen(false)}
        />
      ) : null}
    </>
  )
}

function Opens({ run }: { run: () => void }) {
  useKeys([{ keys: KEY, does: 'Ask to break the glass', where: 'Deciding', run }])
  return null
}
