import { useEffect, useId, useRef, useState, type ReactNode } from 'react'

interface Props<T> {
  /** What is looked for, for who cannot see it: `Find or do`. */
  label: string
  /** What stands in the list: `Answers`. */
  of: string
  placeholder: string
  /** What fits what was typed, in its order. */
  find(typed: string): readonly T[]
  keyOf(item: T, at: number): string
  row(item: T, before: T | undefined): ReactNode
  /** What stands there instead of nothing. */
  none(typed: string): ReactNode
  onChoose(item: T): void
  /** How it looks. */
  css: Readonly<Record<string, string>>
}

/** Type to filter, arrows to mark, Enter takes what is marked; a pointer does the same (ARIA's combobox with a list). */
export function Picker<T>({ label, of, placeholder, find, keyOf, row, none, onChoose, css }: Props<T>) {
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const list = useId()
  const ul = useRef<HTMLUListElement>(null)
  const found = find(typed)
  const marked = Math.min(at, found.length - 1)
  const move = (to: number) => setAt((to + found.length) % Math.max(1, found.length))
  useEffect(() => {
    ul.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [marked])
  return (
    <>
      <input
        className={css['input']}
        role="combobox"
        aria-label={label}
        aria-expanded={found.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={found.length > 0 ? `${list}-${marked}` : undefined}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        autoFocus
        data-autofocus
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          setAt(0)
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') move(marked + 1)
          else if (event.key === 'ArrowUp') move(marked - 1)
          else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
            const item = found[marked]
            if (item !== undefined) onChoose(item)
          } else return
          event.preventDefault()
        }}
      />
      <ul ref={ul} id={list} role="listbox" aria-label={of} className={css['list']} hidden={found.length === 0}>
        {found.map((item, index) => (
          <li
            key={keyOf(item, index)}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === marked}
            onPointerMove={() => setAt(index)}
            onClick={() => onChoose(item)}
          >
            {row(item, found[index - 1])}
          </li>
        ))}
      </ul>
      {found.length === 0 ? (
        <p role="status" className={css['none']}>
          {none(typed)}
        </p>
      ) : null}
    </>
  )
}
