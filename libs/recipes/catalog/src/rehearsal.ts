import type { IncidentClass } from '@firebreak/kit'

/** How to make a recipe's page happen in the sandbox, and how it ends. A value: `npm run rehearse` plays it. */
export interface Rehearsal {
  /** What breaks, one call of the sandbox each. */
  faults: readonly string[]
  /** What the monitors make of it. */
  becomes: IncidentClass
  /** The service whose alert it is; `api` when left out. */
  service?: string
  /** How the run of the suggested plan ends. What cannot be taken back is kept, and a person is asked. */
  ends: 'succeeded' | 'undone' | 'needs-a-person'
  /** Nobody suggests it: the engineer asks for its plan. */
  asked?: true
  /** Recipes that a person asks for and another one approves when it has succeeded, before the alert can resolve. */
  then?: readonly string[]
  says: string
}
