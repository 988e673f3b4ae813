import { useUnanswered } from '../../api/reach.js'
import type { Shown } from '../../api/kept.js'
import { Span, Time } from '../../ui/Time.js'
import css from './KeptNote.module.css'

/** How old what is shown is: as the server has it, or as this device kept it. */
export function KeptNote({ held: { at, from } }: { held: Shown<unknown> }) {
  const silent = useUnanswered() !== null
  if (from === 'server' && !silent)
    return (
      <p className={css.note}>
        As the server had it <Span from={at} /> ago; kept on this device.
      </p>
    )
  return (
    <p className={css.note} data-old="true" role="status">
      <span aria-hidden>▲</span> The API does not answer. This is as the device kept it, <Time at={at} />,{' '}
      <Span from={at} /> ago.
    </p>
  )
}
