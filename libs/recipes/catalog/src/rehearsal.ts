import type { IncidentClass } from '@firebreak/kit'

/** How to make a recipe's page happen in the sandbox, and how it ends. A value: `npm run rehearse` plays it. */
export interface Rehearsal {
  /** What breaks, one call of the sandbox each. */
  faults: readonly string[]
  /** What the monitors make of it. */
  becomes: IncidentClass
  /** How the run of the suggested plan ends. */
  ends: 'succeeded' | 'undone'
  says: string
}
