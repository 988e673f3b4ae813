import { useQuery } from '@tanstack/react-query'
import { useEffect, useId, useRef, useState } from 'react'
import { peopleQuery } from '../../api/people.js'
import { Dialog } from '../../ui/Dialog.js'
import { Loaded } from '../../ui/Pane.js'
import { roleName } from '../plans/words.js'
import css from './AssignDialog.module.css'
import { ownersOf, type Candidate } from './owners.js'
import type { Who } from './verbs.js'

/** Who is to have it: type to filter, Enter gives it to whom is marked. Oneself comes first. */
export function AssignDialog({
  me,
  owner,
  onChoose,
  onClose,
}: {
  me: string
  owner: string | null
  onChoose(person: Who): void
  onClose(): void
}) {
  const people = useQuery(peopleQuery)
  return (
    <Dialog title="Who is to have it" onClose={onClose}>
      <Loaded query={people} what="the people" rows={4}>
        {({ items }) => <Choose of={ownersOf(items, me, owner)} onChoose={onChoose} me={me} />}
      </Loaded>
    </Dialog>
  )
}

function Choose({ of, me, onChoose }: { of: readonly Candidate[]; me: string; onChoose(person: Who): void }) {
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const list = useId()
  const ul = useRef<HTMLUListElement>(null)
  const found = of.filter(({ says }) =>
    typed
      .toLowerCase()
      .split(/\s+/)
      .every((word) => says.includes(word)),
  )
  const marked = Math.min(at, found.length - 1)
  const move = (to: number) => setAt((to + found.length) % Math.max(1, found.length))
  useEffect(() => {
    ul.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [marked])
  return (
    <>
      <input
        className={css.input}
        role="combobox"
        aria-label="Who is to have it"
        aria-expanded={found.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={found.length > 0 ? `${list}-${marked}` : undefined}
        placeholder="A name, or a role"
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
            const person = found[marked]
            if (person) onChoose(person)
          } else return
          event.preventDefault()
        }}
      />
      <ul ref={ul} id={list} role="listbox" aria-label="People" className={css.list} hidden={found.length === 0}>
        {found.map((person, index) => (
          <li
            key={person.id}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === marked}
            onPointerMove={() => setAt(index)}
            onClick={() => onChoose(person)}
          >
            <span>
              {person.name}
              {person.id === me ? <span className={css.dim}> (you)</span> : null}
            </span>
            <span className={css.dim}>
              {person.roles.map(roleName).join(', ')}
              {person.has ? ', has it now' : ''}
            </span>
          </li>
        ))}
      </ul>
      {found.length === 0 ? (
        <p role="status" className={css.none}>
          Nobody who could have it is called “{typed}”.
        </p>
      ) : null}
    </>
  )
}
