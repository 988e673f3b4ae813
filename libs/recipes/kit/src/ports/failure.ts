/**
 * Why a port could not do what it was asked.
 * `not-in-effect` says whether the outside may have changed anyway: after a timeout it may, after a conflict it cannot.
 */
export type PortFailureKind =
  'not-found' | 'forbidden' | 'conflict' | 'invalid' | 'throttled' | 'unreachable' | 'timeout'

/** The one error that ports throw. */
export class PortFailure extends Error {
  constructor(
    readonly kind: PortFailureKind,
    message: string,
    /** How long the outside asked to be left alone (`Retry-After`). Milliseconds. */
    readonly retryAfterMs?: number,
  ) {
    super(message)
    this.name = 'PortFailure'
  }

  /** Worth trying again by itself: the outside was busy or out of reach, not unwilling. */
  get retryable(): boolean {
    return this.kind === 'throttled' || this.kind === 'unreachable' || this.kind === 'timeout'
  }

  /** The call may have had its effect although it failed: look before trying again. */
  get ambiguous(): boolean {
    return this.kind === 'timeout' || this.kind === 'unreachable'
  }
}
