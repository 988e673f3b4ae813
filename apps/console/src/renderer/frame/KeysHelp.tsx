import { Dialog } from '../ui/Dialog.js'
import { Keys } from '../ui/Keys.js'
import { isLetter, useBindings } from '../ui/keys.js'
import { useSettings } from '../ui/settings.js'
import css from './KeysHelp.module.css'

/** `?`: every key that does something on this page, out of the registry that binds them. */
export function KeysHelp({ onClose }: { onClose: () => void }) {
  const { letters } = useSettings()
  const bindings = useBindings().filter(({ keys }) => letters || !isLetter(keys))
  // What this page does goes first: the rest is the same everywhere.
  const general = ['Go to', 'Everywhere']
  const places = [...new Set(bindings.map(({ where }) => where))].sort(
    (a, b) => general.indexOf(a) - general.indexOf(b),
  )
  return (
    <Dialog title="Keys" onClose={onClose}>
      {letters ? null : (
        <p className={css.off}>Keys of a single character are off. They are turned on in the settings.</p>
      )}
      <div className={css.places}>
        {places.map((place) => (
          <section key={place} aria-label={place}>
            <h3 className={css.place}>{place}</h3>
            <dl className={css.keys}>
              {bindings
                .filter(({ where }) => where === place)
                .map(({ keys, does }) => (
                  <div key={keys + does} className={css.row}>
                    <dt>
                      <Keys keys={keys} />
                      <span className="unseen">{keys}</span>
                    </dt>
                    <dd>{does}</dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
