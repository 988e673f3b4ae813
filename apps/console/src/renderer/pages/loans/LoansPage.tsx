import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { meQuery } from '../../api/identity.js'
import { givenBackQuery, loanQuery, outNowQuery } from '../../api/loans.js'
import type { Loan } from '../../api/view.js'
import { paths } from '../../paths.js'
import { HeldTable } from '../../ui/HeldTable.js'
import type { Row } from '../../ui/hold.js'
import list from '../../ui/list.module.css'
import { Older } from '../../ui/Older.js'
import { Filters, PageHead } from '../../ui/PageHead.js'
import { Loaded, Pane } from '../../ui/Pane.js'
import { Target } from '../../ui/Target.js'
import { Span, Time } from '../../ui/Time.js'
import { useTitle } from '../../ui/title.js'
import { LoanCard } from './LoanCard.js'
import css from './LoansPage.module.css'
import { degradedSays, loanMark, loanState } from './words.js'

/** What runs otherwise than usual, because a run changed it for now: until when, and how it comes back. */
export function LoansPage() {
  const { show, loan } = useSearch({ from: '/loans' })
  useTitle('Loans')
  return (
    <>
      <PageHead title="Loans">
        <Filters label="Filter">
          <Link to={paths.loans} aria-current={show === undefined ? 'page' : undefined}>
            out now
          </Link>
          <Link to={paths.loans} search={{ show: 'returned' }} aria-current={show === 'returned' ? 'page' : undefined}>
            given back
          </Link>
        </Filters>
      </PageHead>
      <div className={css.room} data-open={loan !== undefined}>
        <div>{show === 'returned' ? <Returned open={loan} /> : <OutNow open={loan} />}</div>
        {loan === undefined ? null : <Beside key={loan} id={loan} />}
      </div>
    </>
  )
}

function OutNow({ open }: { open: string | undefined }) {
  const query = useQuery(outNowQuery)
  return (
    <Loaded query={query} what="what is on loan" rows={4}>
      {(loans) => (
        <>
          <p className={css.sum} data-late={loans.some(({ state }) => state === 'overdue')}>
            {degradedSays(loans)}
          </p>
          <HeldTable
            items={loans}
            caption="On loan now, the first to come back first"
            columns={['Until', 'Runs degraded', 'Coming back means', 'State', 'Since']}
            noun="loan"
            where="Loans"
            current={open}
            cells={(row) => <Out row={row} />}
            nothing={
              <>
                <b>Nothing is on loan.</b> What a run changes for a while stands here until it has come back.
              </>
            }
          />
        </>
      )}
    </Loaded>
  )
}

function Out({ row: { item: loan, left } }: { row: Row<Loan> }) {
  const { id, state, target, says, out_at, until } = loan
  return (
    <>
      <td className={list.number}>
        <Time at={until} />
        <span className={state === 'overdue' ? css.late : list.under}>
          {state === 'overdue' ? (
            <>
              <Span from={until} /> late
            </>
          ) : (
            <>
              in <Span to={until} />
            </>
          )}
        </span>
      </td>
      <td className={list.long}>
        <Link to={paths.loans} search={{ loan: id }}>
          <Target name={target} />
        </Link>
      </td>
      <td className={list.long}>{says}</td>
      <td>
        <State state={left ? 'returned' : state} />
        {left ? <span className={list.under}>has left this list</span> : null}
      </td>
      <td className={list.number}>
        <Time at={out_at} />
      </td>
    </>
  )
}

function Returned({ open }: { open: string | undefined }) {
  const query = useInfiniteQuery(givenBackQuery)
  return (
    <Loaded query={query} what="what was given back" rows={4}>
      {({ pages }) => {
        const items = pages.flatMap(({ items }) => items)
        return (
          <>
            <HeldTable
              items={items}
              caption="Given back, the newest first"
              paged
              columns={['Back', 'What', 'Coming back meant', 'State', 'Out']}
              noun="loan"
              where="Loans"
              current={open}
              cells={({ item: { id, state, target, says, out_at, returned_at } }) => (
                <>
                  <td className={list.number}>{returned_at === null ? '–' : <Time at={returned_at} />}</td>
                  <td className={list.long}>
                    <Link to={paths.loans} search={{ show: 'returned', loan: id }}>
                      <Target name={target} />
                    </Link>
                  </td>
                  <td className={list.long}>{says}</td>
                  <td>
                    <State state={state} />
                  </td>
                  <td className={list.number}>
                    <Time at={out_at} />
                  </td>
                </>
              )}
              nothing={
                <>
                  <b>Nothing was given back yet.</b> <Link to={paths.loans}>What is out now</Link>
                </>
              }
            />
            <Older query={query} empty={items.length === 0} />
          </>
        )
      }}
    </Loaded>
  )
}

/** The loan that stands open beside the list, with what can be asked of it. */
function Beside({ id }: { id: string }) {
  const query = useQuery(loanQuery(id))
  const { data: me } = useQuery(meQuery)
  return (
    <Pane
      title="This loan"
      head={
        query.data ? (
          <Link to={paths.run} params={{ id: query.data.run }}>
            its run
          </Link>
        ) : null
      }
    >
      <Loaded query={query} what="this loan" rows={3}>
        {(loan) => <LoanCard alone loan={loan} where={`in ${(me?.mode ?? 'production').toUpperCase()}`} />}
      </Loaded>
    </Pane>
  )
}

const State = ({ state }: { state: Loan['state'] }) => (
  <b className={css.state} data-state={state}>
    <span aria-hidden>{loanMark[state]}</span> {loanState[state]}
  </b>
)
