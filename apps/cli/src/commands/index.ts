import type { Command } from '../command.js'
import { alerts } from './alerts.js'
import { auditCheck } from './audit-check.js'
import { auditExports } from './audit-exports.js'
import { breakGlass } from './break-glass.js'
import { decisions } from './decisions.js'
import { freezes, stop } from './freezes.js'
import { house } from './house.js'
import { incidents } from './incidents.js'
import { lifts } from './lifts.js'
import { loans } from './loans.js'
import { plans } from './plans.js'
import { recipes } from './recipes.js'
import { runs } from './runs.js'

/** Every command there is, in the order in which help lists them. A function, for completion is one of them. */
export const allCommands = (): readonly Command[] => [
  ...[...alerts, ...incidents, ...plans, ...decisions, ...breakGlass, ...runs, ...loans, ...freezes, ...lifts, ...stop],
  ...[...auditExports, ...auditCheck, ...recipes, ...house],
]
