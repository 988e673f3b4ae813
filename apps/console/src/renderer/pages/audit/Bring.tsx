import { Button, Textarea } from '@mantine/core'
import { useEffect, useRef, useState, type Dispatch } from 'react'
import { smalls, type Input } from '../../../checker/messages.js'
import { announce } from '../../ui/announce.js'
import { bytesSays } from '../../ui/bytes.js'
import { shown, useKeys } from '../../ui/keys.js'
import css from './Bring.module.css'
import { ready, SMALL, type Desk, type Given, type Move } from './desk.js'
import { HEAD, sortOf } from './sort.js'
import { inputWords } from './words.js'

interface Props {
  desk: Desk
  move: Dispatch<Move>
  start: () => void
}

/** The things on the desk, and the button. Files can be chosen, pasted, and dropped where they belong or anywhere. */
export function Bring({ desk, move, start }: Props) {
  const choosers = useRef<{ [at in Input]?: HTMLInputElement | null }>({})
  const { over, stray } = useDrops(move)
  const open = ready(desk)
  useKeys([
    { keys: 'b', does: 'Choose the bundle', where: 'Check a bundle', run: () => choosers.current.bundle?.click() },
    { keys: 'p', does: 'Choose the log policy', where: 'Check a bundle', run: () => choosers.current.policy?.click() },
    { keys: 'Mod+Enter', does: 'Check', where: 'Check a bundle', run: start },
  ])
  const field = (at: Input) => (
    <Field
      key={at}
      at={at}
      given={desk.given[at]}
      over={over === at}
      move={move}
      chooser={(input) => void (choosers.current[at] = input)}
    />
  )
  return (
    <div className={css.bring} data-over={over !== null}>
      {field('bundle')}
      {field('policy')}
      <p className={css.note}>
        Keys come from this policy and never from the bundle. None is offered here: a policy from this server would
        prove nothing, for whoever forges a log can forge the keys beside it.
      </p>
      <h3 className={css.part}>If you have them</h3>
      {smalls.filter((at) => at !== 'policy').map(field)}
      {stray === null ? null : (
        <p className={css.stray} role="alert">
          {stray}
        </p>
      )}
      <div className={css.go}>
        <button
          type="button"
          className={css.check}
          aria-disabled={!open.ok}
          aria-keyshortcuts="Control+Enter"
          aria-describedby="may-check"
          onClick={start}
        >
          Check <kbd aria-hidden>{shown('Mod+Enter')}</kbd>
        </button>
        <span id="may-check" className={css.because}>
          {open.ok ? '' : open.because}
        </span>
      </div>
    </div>
  )
}

function Field({
  at,
  chooser,
  given,
  move,
  over,
}: {
  at: Input
  given: Given | undefined
  over: boolean
  move: Dispatch<Move>
  chooser: (input: HTMLInputElement | null) => void
}) {
  const { help, title } = inputWords[at]
  const [pasting, setPasting] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const looked = given?.looked
  return (
    <section className={css.field} data-input={at} data-over={over} data-state={looked?.state} aria-label={title}>
      <div className={css.title}>
        <h3>{title}</h3>
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`${given ? 'Another file' : 'Choose file'}: ${title}`}
          onClick={() => input.current?.click()}
        >
          {given ? 'Another file' : 'Choose file'}
        </Button>
        {at === 'bundle' ? null : (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`Paste: ${title}`}
            aria-expanded={pasting}
            onClick={() => setPasting(!pasting)}
          >
            Paste
          </Button>
        )}
        {given ? (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`Remove: ${title}`}
            onClick={() => move({ do: 'take', at })}
          >
            Remove
          </Button>
        ) : null}
      </div>
      <input
        ref={(element) => {
          input.current = element
          chooser(element)
        }}
        type="file"
        className={css.file}
        aria-label={title}
        tabIndex={-1}
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? []
          // The same file may be chosen again: it may have changed.
          if (file) void give(at, file, move)
          currentTarget.value = ''
        }}
      />
      {given ? (
        <p className={css.thing}>
          <b>{given.thing.name}</b> <span className={css.size}>{bytesSays(given.thing.size)}</span>
        </p>
      ) : (
        <p className={css.help}>{help}</p>
      )}
      {looked === undefined || (looked.state === 'fine' && looked.says === '') ? null : (
        <p className={css.looked} role={looked.state === 'bad' ? 'alert' : undefined}>
          {looked.state === 'looking' ? (
            'Looking at it…'
          ) : looked.state === 'fine' ? (
            <>{looked.says}</>
          ) : (
            <>
              <span aria-hidden>✗</span> It cannot be used: {looked.sentence}
            </>
          )}
        </p>
      )}
      {pasting ? (
        <Textarea
          aria-label={`${title}, as text`}
          autosize={false}
          rows={5}
          spellCheck={false}
          classNames={{ input: css.text ?? '' }}
          onChange={({ currentTarget: { value } }) => {
            if (value.trim() === '') return move({ do: 'take', at })
            const content = new TextEncoder().encode(value)
            move({ do: 'give', at, thing: { name: 'pasted text', size: content.length, content } })
          }}
        />
      ) : null}
    </section>
  )
}

/** A bundle is read later, where it lies; what is small is read now. */
async function give(at: Input, file: File, move: Dispatch<Move>): Promise<void> {
  const { name, size } = file
  if (at === 'bundle' || size > SMALL) return move({ do: 'give', at, thing: { name, size, content: file } })
  const content = new Uint8Array(await file.arrayBuffer())
  move({ do: 'give', at, thing: { name, size, content } })
}

/** Files that are dropped on a field are what the field says; elsewhere on the page they are what they seem to be. */
function useDrops(move: Dispatch<Move>): { over: Input | 'page' | null; stray: string | null } {
  const [over, setOver] = useState<Input | 'page' | null>(null)
  const [stray, setStray] = useState<string | null>(null)
  useEffect(() => {
    const fieldAt = (event: DragEvent) =>
      (event.target instanceof Element ? event.target.closest<HTMLElement>('[data-input]') : null)?.dataset['input'] as
        Input | undefined
    const dragging = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      setOver(fieldAt(event) ?? 'page')
    }
    const left = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(null)
    }
    const dropped = (event: DragEvent) => {
      const files = [...(event.dataTransfer?.files ?? [])]
      if (files.length === 0) return
      // Else the browser would leave the page and show the file.
      event.preventDefault()
      setOver(null)
      void place(files, fieldAt(event), move).then((unknown) => {
        const said = unknown.length === 0 ? null : `Not known what ${unknown.join(', ')} is: drop it where it belongs.`
        setStray(said)
        if (said === null) announce(`${files.length === 1 ? 'The file lies' : 'The files lie'} on the desk.`)
      })
    }
    window.addEventListener('dragover', dragging)
    window.addEventListener('dragleave', left)
    window.addEventListener('drop', dropped)
    return () => {
      window.removeEventListener('dragover', dragging)
      window.removeEventListener('dragleave', left)
      window.removeEventListener('drop', dropped)
    }
  }, [])
  return { over, stray }
}

/** Gives the names of those that it could not place. */
async function place(files: readonly File[], at: Input | undefined, move: Dispatch<Move>): Promise<string[]> {
  const unknown: string[] = []
  for (const [i, file] of files.entries()) {
    const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer())
    const where = (i === 0 ? at : undefined) ?? sortOf(file.name, head)
    if (where === undefined) unknown.push(file.name)
    else await give(where, file, move)
  }
  return unknown
}
