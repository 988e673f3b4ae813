import type { IncidentClass, JsonObject } from '@firebreak/kit'

/** How to make a recipe's page happen in the sandbox, and how it ends. A value: `npm run rehearse` plays it. */
export interface Rehearsal {
  /** What breaks, one call of the sandbox each: `fault`, or `fault?seconds=20` where it says how long. */
  faults: readonly string[]
  /** What the monitors make of it. */
  becomes: IncidentClass
  /** The service whose alert it is; `api` when left out. */
  service?: string
  /** Faults that only stand around it: they begin before the others, and end when every loan has come back. */
  around?: readonly string[]
  /** Nobody suggests it: the engineer asks for its plan. */
  asked?: true
  /** What the engineer fills in. */
  params?: JsonObject
  /** It repairs nothing, and is not to: a person mends what broke afterwards. */
  only_looks?: true
  /** What the engineer filled in before anything broke, for no incident: what is found later is compared with that. */
  beforehand?: JsonObject
  /** A person has mended it by hand, and its alert is over, before the recipe is asked: whether that was all. */
  by_hand?: true
  /** What it changed lives in what is broken: the loan comes back before that is mended. */
  lends_while_broken?: true
  /** Its loans are asked back when all is mended, and have to come. Those of the others come back before the next one begins. */
  gives_back?: true
  /** Words of the reason why its loans do not all come back as long as it is broken. Mended, all of them do, before it ends. */
  stays?: string
  /** Words of the note that the owner of the incident gets in the end. */
  notes?: string
  /**
   * How the run of the plan ends; what cannot be taken back is kept, and a person is asked. `stopped`: no plan is made, and
   * that is right. `found`: it only reads, and says what it found. `failed`: it only reads, and what it found is a no.
   * `refused`: the outside would not let it, and nothing was changed.
   */
  ends: 'succeeded' | 'undone' | 'needs-a-person' | 'stopped' | 'found' | 'failed' | 'refused'
  /** Words of the reason to stop, of the verdict that made it be taken back, or of what was found first. */
  tells?: string
  /** Recipes that a person asks for and another one approves when it has succeeded, before the alert can resolve. */
  then?: readonly string[]
  /** When it is over, and the alert is, a person asks to have it taken back, and another one approves that. */
  taken_back?: true
  /** How many changes the hands have made in the cluster when the run has ended, there and back: nothing is made twice. */
  changes?: number
  says: string
}
