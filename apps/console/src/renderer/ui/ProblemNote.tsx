import { Button } from '@mantine/core'
import { problemOf } from '../api/problem.js'
import { Copy } from './Copy.js'
import css from './ProblemNote.module.css'

/** What failed, in the API's own words, with what to quote when asking about it. Beside it the rest of the page goes on. */
export function ProblemNote({ error, what, again }: { error: unknown; what: string; again?: () => void }) {
  const problem = problemOf(error)
  return (
    <div role="alert" className={css.note}>
      <p className={css.what}>
        <span aria-hidden>✗</span> {what}
      </p>
      <p className={css.detail}>{problem.detail}</p>
      {problem.errors?.map(({ pointer, message }) => (
        <p key={pointer + message} className={css.detail}>
          <code>{pointer}</code> {message}
        </p>
      ))}
      <p className={css.quote}>
        <code>{problem.code}</code>
        {problem.request_id === '' ? null : <Copy value={problem.request_id} label="request id" />}
        {again ? (
          <Button size="compact-xs" variant="default" onClick={again}>
            Try again
          </Button>
        ) : null}
      </p>
    </div>
  )
}
