import css from './Folded.module.css'

/** Characters of a value that are read at a glance. */
const SHORT = 120

/** A value of any length. A long one (a list of a hundred keys, a config) shows its beginning, and all of it when asked. */
export function Folded({ text }: { text: string }) {
  if (text.length <= SHORT) return <>{text}</>
  return (
    <details className={css.folded}>
      <summary>
        {text.slice(0, SHORT)}… <span className={css.size}>{text.length.toLocaleString('en')} characters</span>
      </summary>
      <pre className={css.all}>{laidOut(text)}</pre>
    </details>
  )
}

/** JSON line by line; any other text as it is. */
function laidOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
