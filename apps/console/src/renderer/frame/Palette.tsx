import { useEffect, useId, useRef, useState } from 'react'
import { Dialog } from '../ui/Dialog.js'
import { Keys } from '../ui/Keys.js'
import { answers, type Offer } from './find.js'
import { useOffers } from './offers.js'
import css from './Palette.module.css'

/** `⌘K`: type where to go or what to do. It does what the keys and links do, and nothing that they may not. */
export function Palette({ roles, onClose }: { roles: readonly string[]; onClose: () => void }) {
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const list = useId()
  const ul = useRef<HTMLUListElement>(null)
  const offers = answers(typed, useOffers(roles))
  const chosen = Math.min(at, offers.length - 1)

  useEffect(() => {
    ul.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [chosen])

  const take = (offer: Offer | undefined) => {
    if (!offer) return
    onClose()
    // Once the dialog is gone, and the focus is back on the page that it is about.
    setTimeout(() => offer.run())
  }
  const move = (to: number) => setAt((to + offers.length) % Math.max(1, offers.length))

  return (
    <Dialog title="Find or do" plain onClose={onClose}>
      <input
        className={css.input}
        role="combobox"
        aria-label="Find or do"
        aria-expanded={offers.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={offers.length > 0 ? `${list}-${chosen}` : undefined}
        placeholder="A page, an incident, something to do"
        autoComplete="off"
        spellCheck={false}
        autoFocus
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          setAt(0)
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') move(chosen + 1)
          else if (event.key === 'ArrowUp') move(chosen - 1)
          else if (event.key === 'Enter' && !event.nativeEvent.isComposing) take(offers[chosen])
          else return
          event.preventDefault()
        }}
      />
      <ul ref={ul} id={list} role="listbox" aria-label="Answers" className={css.list} hidden={offers.length === 0}>
        {offers.map((offer, index) => (
          <li
            key={`${offer.group} ${offer.says} ${index}`}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === chosen}
            data-first={offers[index - 1]?.group !== offer.group}
            onPointerMove={() => setAt(index)}
            onClick={() => take(offer)}
          >
            <span className={css.group}>{offers[index - 1]?.group === offer.group ? '' : offer.group}</span>
            <span className={css.says}>
              {offer.says} {offer.about === undefined ? null : <span className={css.about}>{offer.about}</span>}
            </span>
            {offer.keys === undefined ? null : <Keys keys={offer.keys} />}
          </li>
        ))}
      </ul>
      {offers.length === 0 ? (
        <p role="status" className={css.none}>
          Nothing here is called “{typed}”.
        </p>
      ) : null}
    </Dialog>
  )
}
