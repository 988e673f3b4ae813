import type { Problem } from '@firebreak/client'

/** What the exit code says. Scripts hold on to it: a meaning is added, none is changed. */
export const EXIT = {
  ok: 0,
  /** The thing that was asked about ended badly: a run failed, a bundle is forged, a target is frozen; or you did not confirm. */
  bad: 1,
  /** The command line, a file or a setting of yours cannot be used. */
  usage: 2,
  /** The API refused, with a code: `own-plan`, `stale`, `frozen`, `not-found` … */
  refused: 3,
  notSignedIn: 4,
  /** Nobody answers, or the answer is a 5xx. */
  unreachable: 5,
  /** What was waited for did not come within `--timeout`. Nothing was taken back. */
  timeout: 6,
  /** `audit check`: what could be checked is right, and not everything could be. */
  incomplete: 7,
  interrupted: 130,
} as const
export type Exit = (typeof EXIT)[keyof typeof EXIT]

/** How a command ends that does not end well: a sentence for people, an exit code for scripts. */
export class Ended extends Error {
  /**
   * @param exit    the exit code
   * @param message what was found, what was expected and what to do; never a token
   * @param code    one word for programs: the API's own where it refused, `usage`, `timeout` …
   */
  constructor(
    readonly exit: Exit,
    message: string,
    readonly code: string,
    readonly problem?: Problem,
  ) {
    super(message)
    this.name = 'Ended'
  }
}

export const usage = (message: string): Ended => new Ended(EXIT.usage, message, 'usage')
