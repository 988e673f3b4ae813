import { Button, Textarea } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { meQuery } from '../../api/identity.js'
import { timelineQuery } from '../../api/incidents.js'
import { LONGEST, useNotes } from '../../api/notes.js'
import type { Incident } from '../../api/view.js'
import { announce } from '../../ui/announce.js'
import { ariaKeys, sentBy, shown, useKeys } from '../../ui/keys.js'
import { Moment } from '../../ui/Time.js'
import css from './NoteField.module.css'

/** Where one writes what the others should know, and what of it is still under way. */
export function NoteField({ id, may }: { id: string; may: Incident['may']['note'] | undefined }) {
  const me = useQuery(meQuery).data
  if (!me) return null
  return <Field id={id} person={me.id} name={me.name} may={may} />
}

function Field({
  id,
  person,
  name,
  may,
}: {
  id: string
  person: string
  name: string
  may: Incident['may']['note'] | undefined
}) {
  const queries = useQueryClient()
  const notes = useNotes(person, id)
  const field = useRef<HTMLTextAreaElement>(null)
  useKeys([
    {
      ...{ keys: 'c', does: 'Write a note', where: 'Incident' },
      run: () => (may?.ok === false ? announce(may.reason ?? 'You may write no note.') : field.current?.focus()),
    },
  ])
  /** The record stands on the screen before what was sent goes from it. */
  const shownThen = () => queries.invalidateQueries({ queryKey: timelineQuery(id).queryKey })
  const told = (written: boolean) => announce(written ? 'The note is written' : 'The note was not written')
  const write = () => {
    if (notes.draft.trim() === '' || may?.ok !== true) return
    void notes.write(crypto.randomUUID(), new Date(), shownThen).then(told)
  }
  return (
    <div className={css.notes}>
      {notes.sending.length === 0 ? null : (
        <ul className={css.sending} aria-label="Notes that are not in the record yet">
          {notes.sending.map((one) => (
            <li key={one.key} data-failed={one.because !== null}>
              <Moment at={one.at} />
              <div>
                <p className={css.text}>
                  {name} noted: {one.text}
                </p>
                {one.because === null ? (
                  <p className={css.dim}>being written…</p>
                ) : (
                  <>
                    <p role="alert" className={css.failed}>
                      <span aria-hidden>✗</span> Not written: {one.because}
                    </p>
                    <p className={css.row}>
                      <Button
                        size="compact-xs"
                        variant="default"
                        onClick={() => {
                          // The button goes while it is being written.
                          field.current?.focus()
                          void notes.again(one, shownThen).then(told)
                        }}
                      >
                        Write it again
                      </Button>
                      <Button
                        size="compact-xs"
                        variant="default"
                        onClick={() => {
                          notes.takeBack(one)
                          field.current?.focus()
                        }}
                      >
                        Back into the field
                      </Button>
                    </p>
                  </>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
      {may?.ok === false ? (
        <p className={css.dim}>{may.reason}</p>
      ) : (
        <form
          className={css.form}
          onSubmit={(event) => {
            event.preventDefault()
            write()
          }}
        >
          <Textarea
            ref={field}
            className={css.field}
            aria-label="Note"
            aria-keyshortcuts={ariaKeys('c')}
            placeholder={`A note for whoever reads this, now or in a year  (${shown('c')})`}
            rows={2}
            maxLength={LONGEST}
            value={notes.draft}
            onChange={({ currentTarget: { value } }) => notes.type(value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') event.currentTarget.blur()
              sentBy(write)(event)
            }}
          />
          <Button
            type="submit"
            variant="default"
            aria-disabled={notes.draft.trim() === '' || may === undefined}
            data-disabled={notes.draft.trim() === '' || may === undefined}
            rightSection={<kbd aria-hidden>{shown('Mod+Enter')}</kbd>}
          >
            Write it
          </Button>
        </form>
      )}
    </div>
  )
}
