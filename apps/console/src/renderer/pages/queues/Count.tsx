import list from '../../ui/list.module.css'

/** A number of jobs; `bad`: any of them is one too many. What is not known is no zero. */
export const Count = ({ of, bad = false }: { of: number | null; bad?: boolean }) =>
  of === null ? (
    <span className={list.dim}>not known</span>
  ) : bad && of > 0 ? (
    <b className={list.bad}>
      <span aria-hidden>✗</span> {of.toLocaleString('en-GB')}
    </b>
  ) : (
    of.toLocaleString('en-GB')
  )
