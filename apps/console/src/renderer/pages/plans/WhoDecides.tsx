import { useQueries } from '@tanstack/react-query'
import { holdersQuery } from '../../api/people.js'
import type { Plan, Role } from '../../api/view.js'
import css from './Decide.module.css'
import { roleName } from './words.js'

/** Who can decide about a plan, by name: whom to wake. Whoever asked for a wide plan, or has decided, is not among them. */
export function WhoDecides({ plan }: { plan: Plan }) {
  const roles = (plan.body?.approval.roles ?? []) as Role[]
  const answers = useQueries({ queries: roles.map((role) => holdersQuery(role)) })
  const wide = plan.body?.approval.tier === 'T2' || plan.body?.approval.tier === 'T3'
  const out = new Set([...plan.approvals.map(({ by }) => by.id), ...(wide ? [plan.requested_by.id] : [])])
  return (
    <dl className={css.who} aria-label="Who can decide">
      {roles.map((role, at) => {
        const people = answers[at]?.data?.items.filter(({ id, kind }) => kind === 'person' && !out.has(id))
        return (
          <div key={role}>
            <dt>{roleName(role)}</dt>
            <dd>
              {people === undefined
                ? answers[at]?.isError
                  ? 'who that is could not be read'
                  : '…'
                : people.length === 0
                  ? 'nobody else has this role'
                  : people.map(({ name }) => name).join(', ')}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}
