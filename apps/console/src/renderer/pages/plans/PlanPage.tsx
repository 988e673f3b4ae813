import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { planQuery } from '../../api/plans.js'
import { paths } from '../../paths.js'
import { PageHead } from '../../ui/PageHead.js'
import { Loaded } from '../../ui/Pane.js'
import { useTitle } from '../../ui/title.js'
import { isOpen } from './inbox.js'
import css from './PlanPage.module.css'
import { PlanPane } from './PlanPane.js'

/** One plan on a page of its own: what an approval names, and what a link to it opens. */
export function PlanPage() {
  const { id } = useParams({ from: '/plans/$id' })
  const query = useQuery(planQuery(id))
  const plan = query.data
  useTitle(plan ? `Plan: ${plan.recipe.title}` : 'Plan')
  return (
    <>
      <PageHead title={plan ? plan.recipe.title : 'Plan'}>
        {plan ? (
          <Link to={paths.recipe} params={{ id: plan.recipe.id }}>
            {plan.recipe.id} v{plan.recipe.version}
          </Link>
        ) : null}
      </PageHead>
      {plan ? (
        <p className={css.meaning}>
          {plan.recipe.meaning} {plan.recipe.impact}
          {plan.reverts === null ? null : (
            <>
              {' '}
              <Link to={paths.run} params={{ id: plan.reverts }}>
                The run that it takes back
              </Link>
            </>
          )}
        </p>
      ) : null}
      <Loaded query={query} what="this plan" rows={8}>
        {(plan) => (
          <>
            <PlanPane plan={plan} />
            {isOpen(plan) || plan.state === 'used' ? null : (
              <p className={css.again}>
                It is over.{' '}
                {plan.reverts === null ? (
                  <Link
                    to={paths.recipe}
                    params={{ id: plan.recipe.id }}
                    search={{
                      ...plan.body?.params,
                      ...(plan.incident === null ? {} : { incident: plan.incident }),
                      ...(plan.reason === '' ? {} : { reason: plan.reason }),
                    }}
                  >
                    Ask for it anew
                  </Link>
                ) : (
                  <Link to={paths.run} params={{ id: plan.reverts }}>
                    Ask for it anew
                  </Link>
                )}
                : the worker looks again.
              </p>
            )}
          </>
        )}
      </Loaded>
    </>
  )
}
