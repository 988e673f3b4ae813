import { Fragment } from 'react'
import css from './Diff.module.css'
import { diff, isLong, pieces } from './diff.js'

/** What a step changes of its target: each field from what to what. The words carry it; colour only helps. */
export function Diff({ before, after }: { before: Record<string, unknown>; after: Record<string, unknown> }) {
  return (
    <table className={css.diff}>
      <thead className="unseen">
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {diff(before, after).map(({ field, from, to, changes }) => (
          <tr key={field} className={changes ? undefined : css.same}>
            <th scope="row">
              <Value text={field} />
            </th>
            <td>
              {from === null ? (
                <i>not there</i>
              ) : changes ? (
                <del>
                  <Value text={from} />
                </del>
              ) : (
                <Value text={from} />
              )}
            </td>
            <td>
              {changes ? <span aria-hidden>→ </span> : null}
              {!changes ? (
                'stays'
              ) : to === null ? (
                <i>taken away</i>
              ) : (
                <ins>
                  <Value text={to} />
                </ins>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** A value whose lines end at what separates its parts, and inside a word only where nothing else fits. */
export const Value = ({ text }: { text: string }) =>
  pieces(text).map((piece, at) => (
    <Fragment key={at}>
      {at > 0 ? <wbr /> : null}
      {isLong(piece) ? <span className={css.long}>{piece}</span> : piece}
    </Fragment>
  ))
