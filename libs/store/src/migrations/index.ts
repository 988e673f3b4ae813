import { flow } from './001-flow.js'
import { exports } from './002-exports.js'
import { votes } from './003-votes.js'
import { targetState } from './004-target-state.js'
import { interventions } from './006-interventions.js'
import { freezes } from './007-freezes.js'
import { maintenance } from './008-maintenance.js'
import { items } from './009-items.js'
import { lists } from './011-lists.js'
import { people } from './012-people.js'
import { guards } from './010-guards.js'
import { identities } from './013-identities.js'
import { filters } from './015-filters.js'
import { roles } from './018-roles.js'
import { heldRoles } from './018-held-roles.js'
import { manners } from './019-manners.js'
import { cancelledPlans } from './016-cancelled-plans.js'
import { cooldowns } from './016-cooldowns.js'
import { outputs } from './017-outputs.js'
import { budgets } from './016-budgets.js'
import { quietWindows } from './016-quiet-windows.js'
import { stages } from './017-stages.js'
import { swift } from './020-swift.js'
import { quickStarts } from './021-quick-starts.js'
import { breakGlass } from './025-break-glass.js'
import { guardedStarts } from './023-guarded-starts.js'
import { lifts } from './024-lifts.js'
import { traces } from './027-traces.js'
import { atOnce } from './028-at-once.js'
import { urgency } from './029-urgency.js'
import { figures } from './030-figures.js'
import { effects } from './031-effects.js'
import { askedBy } from './032-asked-by.js'
import { acknowledgements } from './033-acknowledgements.js'
import { seenAgain } from './034-seen-again.js'
import { foundByText } from './035-found-by-text.js'
import { reverts } from './036-reverts.js'
import { revertsOfWatching } from './037-reverts-of-watching.js'
import { frozenUndoing } from './038-frozen-undoing.js'

/** One forward step of the schema. The name is what the database remembers: never rename, re-order or edit one that ran. */
export interface Migration {
  name: string
  sql: string
}

/** Run in this order, as fb_migrator, after the log's own. The schemas `flow` and `audit` are there already. */
export const flowMigrations: readonly Migration[] = [
  { name: 'flow-001-flow', sql: flow },
  { name: 'flow-002-exports', sql: exports },
  { name: 'flow-003-votes', sql: votes },
  { name: 'flow-004-target-state', sql: targetState },
  { name: 'flow-006-interventions', sql: interventions },
  { name: 'flow-007-freezes', sql: freezes },
  { name: 'flow-008-maintenance', sql: maintenance },
  { name: 'flow-009-items', sql: items },
  { name: 'flow-011-lists', sql: lists },
  { name: 'flow-012-people', sql: people },
  // Landed after the two above, whose places were taken: a place never changes.
  { name: 'flow-010-guards', sql: guards },
  { name: 'flow-013-identities', sql: identities },
  { name: 'flow-015-filters', sql: filters },
  { name: 'flow-018-roles', sql: roles },
  { name: 'flow-019-manners', sql: manners },
  { name: 'flow-016-cooldowns', sql: cooldowns },
  { name: 'flow-017-stages', sql: stages },
  { name: 'flow-020-swift', sql: swift },
  { name: 'flow-017-outputs', sql: outputs },
  { name: 'flow-016-quiet-windows', sql: quietWindows },
  { name: 'flow-016-budgets', sql: budgets },
  { name: 'flow-016-cancelled-plans', sql: cancelledPlans },
  { name: 'flow-018-held-roles', sql: heldRoles },
  { name: 'flow-025-break-glass', sql: breakGlass },
  { name: 'flow-023-guarded-starts', sql: guardedStarts },
  { name: 'flow-024-lifts', sql: lifts },
  { name: 'flow-021-quick-starts', sql: quickStarts },
  { name: 'flow-027-traces', sql: traces },
  { name: 'flow-028-at-once', sql: atOnce },
  { name: 'flow-029-urgency', sql: urgency },
  { name: 'flow-030-figures', sql: figures },
  { name: 'flow-031-effects', sql: effects },
  { name: 'flow-032-asked-by', sql: askedBy },
  { name: 'flow-033-acknowledgements', sql: acknowledgements },
  { name: 'flow-034-seen-again', sql: seenAgain },
  { name: 'flow-035-found-by-text', sql: foundByText },
  { name: 'flow-036-reverts', sql: reverts },
  { name: 'flow-037-reverts-of-watching', sql: revertsOfWatching },
  { name: 'flow-038-frozen-undoing', sql: frozenUndoing },
]
