import { useQuery } from '@tanstack/react-query'
import { peopleQuery } from '../../api/people.js'
import { Dialog } from '../../ui/Dialog.js'
import { Loaded } from '../../ui/Pane.js'
import { Picker } from '../../ui/Picker.js'
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

const Choose = ({ of, me, onChoose }: { of: readonly Candidate[]; me: string; onChoose(person: Who): void }) => (
  <Picker<Candidate>
    label="Who is to have it"
    of="People"
    placeholder="A name, or a role"
    find={(typed) => {
      const words = typed.toLowerCase().split(/\s+/)
      return of.filter(({ says }) => words.every((word) => says.includes(word)))
    }}
    keyOf={({ id }) => id}
    row={({ id, name, roles, has }) => (
      <>
        <span>
          {name}
          {id === me ? <span className={css.dim}> (you)</span> : null}
        </span>
        <span className={css.dim}>
          {roles.map(roleName).join(', ')}
          {has ? ', has it now' : ''}
        </span>
      </>
    )}
    none={(typed) => <>Nobody who could have it is called “{typed}”.</>}
    onChoose={onChoose}
    css={css}
  />
)
