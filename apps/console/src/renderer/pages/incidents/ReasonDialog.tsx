import { Button, Textarea } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { Dialog } from '../../ui/Dialog.js'
import { ProblemNote } from '../../ui/ProblemNote.js'
import { sentBy, shown } from '../../ui/keys.js'
import css from './ReasonDialog.module.css'

interface Props {
  title: string
  label: string
  help: string
  submit: string
  pending: boolean
  error: unknown
  /** What did not happen, when it failed. */
  failed: string
  /** What has to be said besides the reason. */
  children?: ReactNode
  /** Why it cannot be sent yet, whatever the reason is. */
  missing?: string | null
  onSubmit(reason: string): void
  onClose(): void
}

/** A command that says why. It stays open until the server has answered: what it says then is so. */
export function ReasonDialog(props: Props) {
  const { title, label, help, submit, pending, error, failed, children, missing = null, onSubmit, onClose } = props
  const [reason, setReason] = useState('')
  const empty = reason.trim() === '' || missing !== null
  const send = () => {
    if (!empty && !pending) onSubmit(reason.trim())
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault()
          send()
        }}
      >
        {error === null ? null : <ProblemNote error={error} what={failed} />}
        {children}
        <Textarea
          label={label}
          description={help}
          required
          {...(children === undefined ? { 'data-autofocus': true } : {})}
          rows={3}
          maxLength={2_000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          onKeyDown={sentBy(send)}
        />
        <div className={css.row}>
          <Button
            type="submit"
            aria-disabled={empty}
            data-disabled={empty}
            loading={pending}
            rightSection={<kbd aria-hidden>{shown('Mod+Enter')}</kbd>}
          >
            {submit}
          </Button>
          <Button variant="default" onClick={onClose}>
            Back
          </Button>
          {missing === null ? null : <span className={css.dim}>{missing}</span>}
        </div>
      </form>
    </Dialog>
  )
}
