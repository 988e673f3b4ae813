import { useQuery } from '@tanstack/react-query'
import { loansQuery } from '../../api/loans.js'
import { Loaded } from '../../ui/Pane.js'
import { LoanCard } from './LoanCard.js'
import css from './LoansOf.module.css'

/** What one run has on loan. */
export function LoansOf({ run, where }: { run: string; where: string }) {
  const query = useQuery(loansQuery(run))
  return (
    <section aria-label="Loans" className={css.loans}>
      <Loaded query={query} what="what is on loan" rows={1}>
        {({ items }) => items.map((loan) => <LoanCard key={loan.id} loan={loan} where={where} />)}
      </Loaded>
    </section>
  )
}
