import css from './Keys.module.css'
import { shown } from './keys.js'

/** Keys as they stand on the keyboard, each in its cap. What they do is said elsewhere: nothing is read aloud. */
export function Keys({ keys }: { keys: string }) {
  return (
    <span className={css.keys} aria-hidden>
      {shown(keys)
        .split(' ')
        .map((key, at) => (
          <kbd key={at}>{key}</kbd>
        ))}
    </span>
  )
}
