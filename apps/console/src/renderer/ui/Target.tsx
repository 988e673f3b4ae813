import { Fragment } from 'react'

/** A target as verbs name it, `deployment:prod/api`, that is broken between its parts when there is little room. */
export const Target = ({ name }: { name: string }) =>
  name.split(/(?<=[:/])/).map((part, at) => (
    <Fragment key={at}>
      {at === 0 ? null : <wbr />}
      {part}
    </Fragment>
  ))
