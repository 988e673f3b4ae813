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
    <Modal
      opened={open}
      onClose={() => setOpen(false)}
      title="Keys"
      closeButtonProps={{ 'aria-label': 'Close' }}
      transitionProps={{ duration: 0 }}
    >
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
    </Modal>
  )
}
