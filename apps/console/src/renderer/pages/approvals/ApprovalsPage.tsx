import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect } from 'react'
import { meQuery } from '../../api/identity.js'
import { planQuery, plansQuery } from '../../api/plans.js'
import type { Plan } from '../../api/view.js'
import { paths } from '../../paths.js'
import { HeldTable } from '../../ui/HeldTable.js'
import type { Row } from '../../ui/hold.js'
import { Filters, PageHead } from '../../ui/PageHead.js'
import { Loaded } from '../../ui/Pane.js'
import { ProblemNote } from '../../ui/ProblemNote.js'
import { Span } from '../../ui/Time.js'
import { useTitle } from '../../ui/title.js'
import { endSays, isOpen, onOthers, trayOf, waitsOnMe, type Tray } from '../plans/inbox.js'
import { PlanPane } from '../plans/PlanPane.js'
import { State } from '../plans/State.js'
import { environmentOf, gist } from '../plans/words.js'
import css from './ApprovalsPage.module.css'
import { Passes } from './Passes.js'

const trayNames: Record<Tray, string> = {
  waiting: 'Waiting on me',
  asked: 'Asked by me',
  decided: 'Decided',
}

/** Whose yes is wanted: a list of plans, and beside it the one that is decided about. */
export function ApprovalsPage() {
  const { tray = 'waiting', plan } = useSearch({ from: '/approvals' })
  const waiting = useQuery(plansQuery('proposed'))
  const mine = waiting.data?.items.filter(waitsOnMe).length
  useTitle(mine === undefined || mine === 0 ? 'Approvals' : `(${mine}) Approvals`)
  return (
    <>
      <PageHead title="Approvals">
        <Filters label="Whose move it is">
          {(Object.keys(trayNames) as Tray[]).map((one) => (
            <Link
              key={one}
              to={paths.approvals}
              search={one === 'waiting' ? {} : { tray: one }}
              activeOptions={{ exact: true, includeSearch: true }}
              aria-current={one === tray ? 'page' : undefined}
            >
              {trayNames[one]}
              {one === 'waiting' && mine !== undefined ? ` ${mine}` : ''}
            </Link>
          ))}
        </Filters>
        <Link to={paths.plans} search={{ state: 'all' }} className={css.all}>
          All plans
        </Link>
      </PageHead>
      {tray === 'waiting' ? <Passes /> : null}
      <div className={css.desk}>
        {/* Another tray is another list, with an order of its own. */}
        <List key={tray} tray={tray} plan={plan} />
        {plan === undefined ? null : <Chosen key={plan} id={plan} />}
      </div>
    </>
  )
}

function List({ tray, plan }: { tray: Tray; plan: string | undefined }) {
  const waiting = useQuery(plansQuery('proposed'))
  const newest = useQuery({ ...plansQuery(tray === 'asked' ? 'mine' : 'all'), enabled: tray !== 'waiting' })
  const me = useQuery(meQuery).data?.id ?? ''
  const open = useOpen(tray)
  const items = trayOf(tray, waiting.data?.items ?? [], newest.data?.items ?? [], me)

  const first = items[0]?.id
  useEffect(() => {
    // The first is open at once, and stays open whatever comes before it later: only the person changes that.
    if (plan === undefined && first !== undefined) open(first)
  }, [plan, first])

  return (
    <section aria-label={trayNames[tray]}>
      {tray !== 'waiting' && waiting.error ? (
        <ProblemNote
          error={waiting.error}
          what="Those that wait could not be read: only the newest plans are here"
          again={() => void waiting.refetch()}
        />
      ) : null}
      <Loaded query={tray === 'waiting' ? waiting : newest} what="the plans" rows={4}>
        {({ next }) => (
          <>
            <HeldTable
              items={items}
              caption={trayNames[tray]}
              columns={['Plan', 'Tier', tray === 'decided' ? 'Ended' : 'State']}
              noun="plan"
              where="Approvals"
              current={plan}
              onReach={({ id }) => open(id)}
              cells={(row) => <Cells row={row} tray={tray} />}
              nothing={<Nothing tray={tray} waiting={waiting.data?.items} />}
            />
            {tray === 'waiting' || next === null ? null : (
              <p className={css.dim}>
                {tray === 'asked' ? 'The newest 200 that you asked for' : 'Of the newest 200 plans'}, and all that wait.
              </p>
            )}
          </>
        )}
      </Loaded>
    </section>
  )
}

/** Opens a plan beside the list: a link to it, which going back does not go through. */
function useOpen(tray: Tray) {
  const navigate = useNavigate()
  return (plan: string) =>
    void navigate({
      to: paths.approvals,
      search: { ...(tray === 'waiting' ? {} : { tray }), plan },
      replace: true,
      resetScroll: false,
    })
}

function Cells({ row: { item: plan, left }, tray }: { row: Row<Plan>; tray: Tray }) {
  const { id, body, recipe, requested_at, requested_by, expires_at, reason } = plan
  const environment = environmentOf(plan)
  return (
    <>
      <td>
        <Link
          to={paths.approvals}
          search={{ ...(tray === 'waiting' ? {} : { tray }), plan: id }}
          replace
          resetScroll={false}
        >
          {gist(plan)}
        </Link>
        <span className={css.dim}>
          {recipe.title}
          {environment === '' ? '' : `, ${environment}`}
        </span>
        <span className={`${css.dim} ${css.short}`}>
          {requested_by.name}, <Span from={requested_at} /> ago
          {reason === '' ? '' : `: “${reason}”`}
        </span>
      </td>
      <td>{body?.approval.tier ?? '–'}</td>
      <td>
        {left ? (
          'no longer in this list'
        ) : tray === 'waiting' && expires_at !== null ? (
          <>
            expires in <Span to={expires_at} />
          </>
        ) : (
          <State plan={plan} />
        )}
        {isOpen(plan) ? null : <span className={css.dim}>{endSays(plan)}</span>}
      </td>
    </>
  )
}

/** The plan that is open beside the list. It stays when its row has gone: what became of it is what one wants to see. */
function Chosen({ id }: { id: string }) {
  const query = useQuery(planQuery(id))
  return (
    <div className={css.chosen}>
      <Loaded query={query} what="this plan" rows={8}>
        {(plan) => (
          <PlanPane
            plan={plan}
            title={
              <Link to={paths.plan} params={{ id }}>
                {plan.recipe.title}
              </Link>
            }
          />
        )}
      </Loaded>
    </div>
  )
}

/** Nothing on me is not nothing at all: what waits on others is said. */
function Nothing({ tray, waiting }: { tray: Tray; waiting: Plan[] | undefined }) {
  if (tray === 'asked') return <b>You have asked for no plan.</b>
  if (tray === 'decided') return <b>No plan has been decided yet.</b>
  const others = onOthers(waiting ?? []).length
  return (
    <>
      <b>Nothing waits on you.</b>{' '}
      {others === 0 ? (
        'No plan waits on anybody else either.'
      ) : (
        <>
          {others === 1 ? 'One plan waits' : `${others} plans wait`} on others.{' '}
          <Link to={paths.plans}>Show {others === 1 ? 'it' : 'them'}</Link>
        </>
      )}
    </>
  )
}
