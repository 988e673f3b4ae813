import type { BreakGlassCheck, Plan } from '../../api/view.js'
import { either, grantersOf, type Over } from './words.js'

interface Props {
  held: BreakGlassCheck
  over: Over | undefined
  plan: Plan
}

/** Who could let a plan pass, by name: whom to wake. */
export function WhoGrants({ held, over, plan }: Props) {
  const { lead, security } = grantersOf(held, over, plan)
  const others = security.map(({ name }) => name)
  if (others.length === 0 && lead === null)
    return <b>nobody could now: no other of Security has had the role for a day, and nobody leads the incident</b>
  return (
    <>
      {others.length === 0 ? null : (
        <>
          <b>{either(others)}</b>, of Security
        </>
      )}
      {lead === null ? null : (
        <>
          {others.length === 0 ? '' : '; or '}
          <b>{lead.name}</b>, who acknowledged the incident, because Security is too few
        </>
      )}
    </>
  )
}
