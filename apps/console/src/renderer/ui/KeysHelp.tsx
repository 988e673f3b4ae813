import { Kbd, Modal } from '@mantine/core'
import { useState } from 'react'
import { shown, useBindings, useKeys } from './keys.js'
import css from './KeysHelp.module.css'

/** `?`: every key that does something on this page, out of the registry that binds them. */
export function KeysHelp() {
  const [open, setOpen] = useState(false)
  const bindings = useBindings()
  useKeys([{ keys: '?', does: 'Show these keys', where: 'Everywhere', run: () => setOpen((is) => !is) }])

  const places = [...new Set(bindings.map(({ where }) => where))]
  return (
    <Modal.Root opened={open} onClose={() => setOpen(false)} transitionProps={{ duration: 0 }}>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body>
          {/* Not Modal.Header: that is a <header>, and the page has one. */}
          <div className={css.head}>
            <Modal.Title>Keys</Modal.Title>
            <Modal.CloseButton aria-label="Close" />
          </div>
          {places.map((place) => (
            <section key={place} aria-label={place}>
              <h3 className={css.place}>{place}</h3>
              <dl className={css.keys}>
                {bindings
                  .filter(({ where }) => where === place)
                  .map(({ keys, does }) => (
                    <div key={keys + does} className={css.row}>
                      <dt>
                        <Kbd>{shown(keys)}</Kbd>
                      </dt>
                      <dd>{does}</dd>
                    </div>
                  ))}
              </dl>
            </section>
          ))}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}
