/** Every reason why something is not done, with the HTTP status that says the same. Closed list. */
export const refusals = {
  malformed: 400,
  'not-signed-in': 401,
  'not-your-role': 403,
  'own-plan': 403,
  'role-too-young': 403,
  'service-cannot-approve': 403,
  'not-found': 404,
  stale: 409,
  superseded: 409,
  'already-decided': 409,
  'in-progress': 409,
  locked: 409,
  expired: 410,
  precondition: 412,
  'too-large': 413,
  unsupported: 415,
  'range-not-satisfiable': 416,
  'out-of-scope': 422,
  'out-of-range': 422,
  'empty-selection': 422,
  'count-mismatch': 422,
  'key-reused': 422,
  frozen: 423,
  quiet: 423,
  halted: 423,
  disarmed: 423,
  cooldown: 429,
  rate: 429,
  overloaded: 503,
  'not-recording': 503,
} as const

export type RefusalCode = keyof typeof refusals

/** Where in the input it went wrong, as a JSON pointer, and what was expected there. */
export interface Fault {
  pointer: string
  message: string
}

/**
 * The one way in which the domain says no. HTTP, jobs and the console translate it once each.
 * `message` is a sentence for a person and says what to do.
 */
export class Refused extends Error {
  constructor(
    readonly code: RefusalCode,
    message: string,
    readonly faults: readonly Fault[] = [],
    /** After which time asking again may help, where that is known. */
    readonly until?: Date,
  ) {
    super(message)
    this.name = 'Refused'
  }
}
