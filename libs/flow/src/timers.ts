/** Raised when the process is asked to stop; an AbortSignal is one. */
export interface Stop {
  readonly aborted: boolean
}

/** Timers belong to the process; tests own them. */
export interface Timers {
  sleep(ms: number): Promise<void>
  /** Does something again and again until the answer is called. A round that throws ends nothing. */
  every(ms: number, work: () => Promise<void>): () => void
}
