import { Button, Textarea } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useUnanswered } from '../../api/reach.js'
import { announce } from '../../ui/announce.js'
import { ProblemNote } from '../../ui/ProblemNote.js'
import { sentBy, shown, useKeys } from '../../ui/keys.js'
import css from './WithReason.module.css'

interface Props {
  /** On the button that opens it. */
  open: string
  /** The key that opens it from anywhere on the page. */
  keys?: string
  label: string
  help: string
  submit: string
  pending: boolean
  error: unknown
  /** What did not happen, when it failed. */
  failed: string
  onSubmit(reason: string): void
}

const SILENT = 'The API does not answer.'

/** A command that stops something, and says why: a button that becomes a short form. */
export function WithReason({ open: name, keys, label, help, submit, pending, error, failed, onSubmit }: Props) {
  const [open, setOpen] = useState(false)
  const [reason, setReason] = useState('')
  // What nobody hears is not said, and does not wait to be said.
  const silent = useUnanswered() !== null
  const empty = reason.trim() === '' || silent
  const send = () => {
    if (!empty && !pending) onSubmit(reason.trim())
  }
  const begin = () => (silent ? announce(SILENT) : setOpen(true))
  const opener = useRef<HTMLButtonElement>(null)
  const before = useRef(open)
  useEffect(() => {
    // Whoever goes back is where they were.
    if (before.current && !open) opener.current?.focus()
    before.current = open
  }, [open])
  if (!open)
    return (
      <>
        {keys === undefined ? null : <Opens keys={keys} does={label} run={begin} />}
        <Button
          ref={opener}
          size="compact-sm"
          variant="subtle"
          color="gray"
          className={css.open}
          aria-disabled={silent}
          data-disabled={silent}
          aria-keyshortcuts={keys}
          rightSection={keys === undefined ? undefined : <kbd aria-hidden>{shown(keys)}</kbd>}
          onClick={begin}
        >
          {name}
        </Button>
      </>
    )
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') setOpen(false)
      }}
    >
      {error === null ? null : <ProblemNote error={error} what={failed} />}
      <Textarea
        label={label}
        description={help}
        required
        data-autofocus
        autoFocus
        maxLength={2_000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        onKeyDown={sentBy(send)}
      />
      <div className={css.row}>
        <Button
          type="submit"
          variant="default"
          aria-disabled={empty}
          data-disabled={empty}
          loading={pending}
          rightSection={<kbd aria-hidden>{shown('Mod+Enter')}</kbd>}
        >
          {submit}
        </Button>
        <Button variant="subtle" className={css.open} onClick={() => setOpen(false)}>
          Back
        </Button>
        {silent ? <p>{SILENT}</p> : null}
      </div>
    </form>
  )
}

function Opens({ keys, does, run }: { keys: string; does: string; run: () => void }) {
  useKeys([{ keys, does, where: 'Deciding', run }])
  return null
}
