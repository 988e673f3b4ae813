import type { Loan } from '../../api/view.js'

export const loanState: Record<Loan['state'], string> = {
  out: 'On loan',
  returning: 'Being given back',
  returned: 'Given back',
  overdue: 'Overdue',
}

/** `✗` for what should have come back and has not. */
export const loanMark: Record<Loan['state'], string> = { out: '●', returning: '…', returned: '✓', overdue: '✗' }

/** What a URL asks for: which list (what is out now, unless it says otherwise), and which loan stands open beside it. */
export function parseLoans(search: Record<string, unknown>): { show?: 'returned'; loan?: string } {
  const { show, loan } = search
  return {
    ...(show === 'returned' ? { show } : {}),
    ...(typeof loan === 'string' && loan !== '' && loan.length <= 100 ? { loan } : {}),
  }
}

/** What is degraded by loans now, in one sentence. */
export function degradedSays(loans: readonly Pick<Loan, 'state' | 'target'>[]): string {
  const targets = new Set(loans.map(({ target }) => target)).size
  const overdue = loans.filter(({ state }) => state === 'overdue').length
  if (targets === 0) return 'Nothing runs otherwise than usual.'
  const runs = targets === 1 ? '1 target runs' : `${targets} targets run`
  const late = overdue === 0 ? '' : ` ${overdue} should have come back already: somebody has to look.`
  return `${runs} otherwise than usual, for now.${late}`
}
