/** More than this of an answer is not read. Bytes. */
export const MOST_SMOKE_BYTES = 1_000_000

/** What a service of the house answered to one check. */
export interface SmokeAnswer {
  status: number
  /** The body, at most `MOST_SMOKE_BYTES`. What others wrote: judged, and never kept whole. */
  text: string
  took_ms: number
}

/**
 * Asks the services of the house over HTTP what their smoke suites ask. It is told the names of a suite and of one of its
 * checks, and takes address, path and body from the house: there is no word by which anybody could have it ask elsewhere.
 */
export abstract class SmokeReader {
  /**
   * Any code is an answer, a redirect too: it is not followed. A suite or check that the house does not know, and an
   * endpoint without an address, are `not-found`; no whole answer within the check's time is `timeout`; a larger one than
   * is read, `invalid`; and a connection that fails, also in the middle of the answer, `unreachable`.
   */
  abstract ask(suite: string, check: string): Promise<SmokeAnswer>
}
