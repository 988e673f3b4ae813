import type { Draft } from './audit.js'
import type * as rows from './rows.js'

/** Equality on columns; a list means any of them. */
export type Match<Row> = { [Column in keyof Row]?: Row[Column] | readonly Row[Column][] }

/** One table as the domain sees it. */
export interface Book<Row extends { id: string }> {
  get(id: string): Promise<Row | undefined>
  /** Rows that match, oldest id first. */
  where(match: Match<Row>): Promise<Row[]>
  /** Of the rows that match, the one with the greatest id: the youngest, where ids are made as rows are. */
  last(match: Match<Row>): Promise<Row | undefined>
  /** Only the ids of rows that match, oldest first, from the one behind `after` on. */
  ids(match: Match<Row>, page: { after: string; limit: number }): Promise<string[]>
  add(...rows: Row[]): Promise<void>
  /** Changes columns of one row; a row that is not there is an error. */
  change(id: string, columns: Partial<Omit<Row, 'id'>>): Promise<void>
  /** Changes columns of many rows to the same values at once; one that is not there is an error. */
  changeAll(ids: readonly string[], columns: Partial<Omit<Row, 'id'>>): Promise<void>
  remove(...ids: string[]): Promise<void>
}

/**
 * Names to lock until the transaction ends. The kinds are taken in this order, each sorted, so that no two
 * transactions can wait for each other.
 */
export interface Locks {
  key?: readonly string[]
  group?: readonly string[]
  /** Alone: a freeze. */
  scope?: readonly string[]
  /** Scopes together with others who claim something in them; excludes only whoever takes them alone. */
  shared?: readonly string[]
  stream?: readonly string[]
  target?: readonly string[]
  budget?: readonly string[]
}
export const lockOrder = [
  'key',
  'group',
  'scope',
  'shared',
  'stream',
  'target',
  'budget',
] as const satisfies readonly (keyof Locks)[]

/** A run that is over, and one of the targets that it touched. */
export interface LastRun {
  run: string
  target: string
  ended_at: string
}

/** What one version of a recipe has come to so far. */
export type RecipeRecord = {
  /** Times it looked in the stage `watch`, and would have done something. */
  watched: number
  /** Times it said stop, or could not look. */
  stopped: number
  /** Plans that it proposed, and how many of them people refused. */
  proposed: number
  refused: number
  runs: number
  /** Runs that helped; that were taken back; that had to ask a person. */
  succeeded: number
  undone: number
  needed_a_person: number
}

export interface Books {
  deliveries: Book<rows.Delivery>
  alerts: Book<rows.Alert>
  incidents: Book<rows.Incident>
  acknowledgements: Book<rows.Acknowledgement>
  requests: Book<rows.Request>
  plans: Book<rows.Plan>
  approvals: Book<rows.Approval>
  runs: Book<rows.Run>
  steps: Book<rows.RunStep>
  stepItems: Book<rows.StepItem>
  tenures: Book<rows.Tenure>
  targetLocks: Book<rows.TargetLock>
  loans: Book<rows.Loan>
  observations: Book<rows.Observation>
  figures: Book<rows.Figure>
  targetStates: Book<rows.TargetState>
  exports: Book<rows.Export>
  votes: Book<rows.Vote>
  standingApprovals: Book<rows.StandingApproval>
  freezes: Book<rows.Freeze>
  enforcements: Book<rows.Enforcement>
  /** The freezes over any of these scopes that were not lifted, oldest first. */
  frozen(scopes: readonly string[]): Promise<rows.Freeze[]>
  /** How many freezes were ever declared over any of these scopes, lifted ones too. */
  freezesOver(scopes: readonly string[]): Promise<number>
  /** Freezes of which the lift is approved at that time, or has begun. */
  liftsToCarryOut(now: string): Promise<rows.Freeze[]>
  /** Runs that a freeze stopped on their way forward, which was lifted since, and that nobody has planned anew; some of them. */
  frozenRunsToPlan(): Promise<rows.Run[]>
  /** The wishes for plans that take this run back, oldest first. */
  revertsOf(run: string): Promise<rows.Request[]>
  breakGlass: Book<rows.BreakGlass>
  breakGlassDecisions: Book<rows.BreakGlassDecision>
  breakGlassUses: Book<rows.BreakGlassUse>
  breakGlassReviews: Book<rows.BreakGlassReview>
  quietWindows: Book<rows.QuietWindow>
  /** The quiet windows that are open over any of these scopes at that time. */
  quiet(scopes: readonly string[], at: string): Promise<rows.QuietWindow[]>
  spentBudgets: Book<rows.SpentBudget>
  /** The runs that started by themselves then or later, with what they may touch. */
  startedByThemselves(since: string): Promise<{ recipe: string; targets: string[] }[]>
  /** When runs started under this yes in advance, after `since`. */
  startsUnder(standing: string, since: string): Promise<string[]>
  /** The run that touched one of these targets and ended last, if that was after `since`. */
  lastRunOn(targets: readonly string[], since: string): Promise<LastRun | undefined>
  /** Runs of a recipe that ended after `since`, the one that began last first, from the one ahead of `before` on. */
  endedRunsOf(recipe: string, page: { since: string; before: string | null; limit: number }): Promise<rows.Run[]>
  /** What the recipe with this digest has come to. */
  recordOf(recipeDigest: string): Promise<RecipeRecord>
  maintenanceRuns: Book<rows.MaintenanceRun>
  people: Book<rows.Person>
  roleGrants: Book<rows.RoleGrant>
  apiKeys: Book<rows.ApiKey>
  sessions: Book<rows.Session>
  idempotency: Book<rows.Idempotency>
}

/** The books of one transaction that changes something. */
export interface WriteBooks extends Books {
  /**
   * Locks before the first write: a transaction that wrote and then waits for a stream would land in the log before
   * its predecessor. Locking after a write, or against the order of `lockOrder`, is a programming error and throws.
   * What the locks protect is to be read again after this call. What is said after it has come after it, also where it was
   * not waited for first: `Promise.all([books.lock(…), books.runs.get(…)])` is one round trip.
   */
  lock(locks: Locks): Promise<void>
  /** Locks a key if nobody holds it, and says whether; before every other lock. For those who would rather go than wait. */
  tryKey(name: string): Promise<boolean>
  /**
   * The audit log is one of the books: what is appended commits with the change that it describes, or not at all.
   * The entry's stream must have been locked, or begun.
   */
  audit: {
    append(...drafts: Draft[]): void
    /**
     * Streams whose names bear an id that was made for this transaction: nobody else can know them, so that nothing is
     * locked and nothing looked up, and it may be said after a write. Of a stream that has entries the transaction fails.
     */
    begin(...streams: string[]): void
    /** How many entries each of these streams has. They must have been locked, so that it stays true until the end. */
    count(streams: readonly string[]): Promise<Map<string, number>>
  }
}

/** The record. One call is one transaction. */
export abstract class Ledger {
  /** Runs `work` in one READ COMMITTED transaction; what it throws rolls everything back. */
  abstract write<T>(work: (books: WriteBooks) => Promise<T>): Promise<T>
  /** Reads outside any transaction of ours. */
  abstract read<T>(work: (books: Books) => Promise<T>): Promise<T>
}
