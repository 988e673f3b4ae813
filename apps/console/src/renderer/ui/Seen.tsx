import list from './list.module.css'
import { useNow } from './now.js'
import css from './Seen.module.css'
import { span } from './time.js'
import { Span, Time } from './Time.js'

/** Milliseconds after which a look is called old. The worker's own pace may be slower: then it says so all the time, truly. */
const OLD = 60_000

/** When the worker last looked, and whether that is long ago. */
export function LastLook({ at }: { at: string | null }) {
  const now = useNow()
  if (at === null) return null
  const age = now.getTime() - Date.parse(at)
  return (
    <p className={css.look} data-old={age > OLD}>
      {age > OLD ? (
        <>
          <span aria-hidden>▲</span> The worker last looked {span(age)} ago, <Time at={at} />: it may be otherwise now.
        </>
      ) : (
        <>The worker looked {span(age)} ago.</>
      )}
    </p>
  )
}

/** How long ago the worker saw it; `missed`: it has looked since, and did not. */
export function SeenAgo({ at, missed }: { at: string; missed: boolean }) {
  const ago = (
    <>
      <Span from={at} /> ago
    </>
  )
  return missed ? <span className={list.warn}>not since {ago}</span> : ago
}
