import { useId } from 'react'
import { Dialog } from '../ui/Dialog.js'
import { choose, useSettings, type Settings } from '../ui/settings.js'
import { zoneName } from '../ui/time.js'
import css from './SettingsDialog.module.css'

/** How this device shows the console. It is kept on the device, and holds at once. */
export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const { armed, scheme, contrast, zone, letters } = useSettings()
  return (
    <Dialog title="Settings of this device" onClose={onClose}>
      <Choice
        name="Colours"
        value={scheme}
        of={{ system: 'as the system', light: 'light', dark: 'dark' }}
        onChoose={(scheme: Settings['scheme']) => choose({ scheme })}
      />
      <Choice
        name="Contrast"
        value={contrast}
        of={{ system: 'as the system', usual: 'usual', more: 'high' }}
        onChoose={(contrast: Settings['contrast']) => choose({ contrast })}
      />
      <Choice
        name="Times"
        value={zone}
        of={{ local: zoneName('local'), UTC: 'UTC' }}
        onChoose={(zone: Settings['zone']) => choose({ zone })}
      />
      <Choice
        name="Keys of one character"
        value={letters ? 'on' : 'off'}
        of={{ on: 'on', off: 'off' }}
        about="Whoever speaks to the device, or rests on its keys, turns them off. What they do is also in the palette."
        onChoose={(is: 'on' | 'off') => choose({ letters: is === 'on' })}
      />
      <Choice
        name="An armed button is safe again after"
        value={armed}
        of={{ '8': '8 s', '20': '20 s', '60': '60 s', never: 'no time: only by Esc' }}
        about="A plan that changes disarms it at once, whatever is chosen here."
        onChoose={(armed: Settings['armed']) => choose({ armed })}
      />
    </Dialog>
  )
}

function Choice<V extends string>({
  name,
  value,
  of,
  about,
  onChoose,
}: {
  name: string
  value: V
  of: Record<V, string>
  about?: string
  onChoose: (value: V) => void
}) {
  const id = useId()
  return (
    <fieldset className={css.choice}>
      <legend>{name}</legend>
      <div className={css.of}>
        {(Object.entries(of) as [V, string][]).map(([one, says]) => (
          <label key={one}>
            <input type="radio" name={id} value={one} checked={one === value} onChange={() => onChoose(one)} />
            {says}
          </label>
        ))}
      </div>
      {about === undefined ? null : <p>{about}</p>}
    </fieldset>
  )
}
