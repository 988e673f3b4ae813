import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { planQuery, requestRevert } from '../../api/plans.js'
import type { Run } from '../../api/view.js'
import { paths } from '../../paths.js'
import { announce } from '../../ui/announce.js'
import { WithReason } from '../plans/WithReason.js'
import css from './Intervene.module.css'

/**
 * The way back of a run that is over: which plans were made for it, and asking for one. Asking changes nothing out there and
 * needs no arming; the plan is looked at and approved like any other.
 */
export function Revert({ run }: { run: Run }) {
  const { id, may, reverted_by, reverts } = run
  const queries = useQueryClient()
  const navigate = useNavigate()
  const ask = useMutation({
    mutationFn: (reason: string) => requestRevert(id, reason, crypto.randomUUID()),
    onSuccess: (plan) => {
      queries.setQueryData(planQuery(plan.id).queryKey, plan)
      announce(plan.state === 'requested' ? 'The worker is making the plan.' : 'The plan is made.')
      void navigate({ to: paths.plan, params: { id: plan.id } })
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ['run', id] }),
  })
  // That there is nothing to take back is no news.
  if (!may.revert.ok && reverts === null && reverted_by.length === 0) return null
  return (
    <section aria-label="The way back" className={css.box}>
      {reverts === null ? null : (
        <p>
          It takes{' '}
          <Link to={paths.run} params={{ id: reverts }}>
            another run
          </Link>{' '}
          back.
        </p>
      )}
      {reverted_by.length === 0 ? null : (
        <p>
          To take it back, somebody asked for{' '}
          {reverted_by.map((plan, at) => (
            <span key={plan}>
              {at === 0 ? '' : ', '}
              <Link to={paths.plan} params={{ id: plan }}>
                {reverted_by.length === 1 ? 'this plan' : `plan ${at + 1}`}
              </Link>
            </span>
          ))}
          .
        </p>
      )}
      {may.revert.ok ? (
        <WithReason
          open="Take it back…"
          label="Why it is taken back"
          help="A plan is made of what there is to take back, the last change first. Nothing happens before people say yes to it."
          submit="Ask for the plan"
          pending={ask.isPending}
          error={ask.error}
          failed="The plan was not asked for"
          onSubmit={(reason) => ask.mutate(reason)}
        />
      ) : null}
    </section>
  )
}
