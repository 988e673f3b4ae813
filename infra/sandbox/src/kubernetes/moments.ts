import { isAwayAfter, type Fault, type Faults } from '../faults.js'
import { forbidden, type Call } from './call.js'
import * as status from './status.js'

/** How long the API is gone when nobody says. Seconds. */
const AWAY_S = 4

/** What becomes of one change: it is made, or the connection breaks before that. */
export type Before = 'made' | 'broken'

/**
 * What may go wrong with a change of the hands at the very moment at which it is made: refused, or made and never answered.
 * Most of these faults are over when they have struck once.
 */
export class Moments {
  constructor(private readonly faults: Faults) {}

  /** @throws Refusal for a change that is refused */
  before(call: Call): Before {
    if (call.user !== 'firebreak-hands') return 'made'
    if (this.faults.has('forbid')) throw forbidden(call, ' (simulated)')
    if (this.faults.has('conflict') || this.faults.end('conflict-once'))
      throw status.conflict({ ...call.resource, name: call.name }, 'somebody else has written in between (simulated)')
    if (this.faults.end('throttled-once')) throw status.simulated(429, 2)!
    return this.#strikes('dropped-before') || this.#strikes('away-before') ? 'broken' : 'made'
  }

  /** Whether the connection breaks after a change that was made. */
  after({ user }: Call): boolean {
    return user === 'firebreak-hands' && (this.#strikes('dropped-after') || this.#strikes('away-after'))
  }

  #strikes(fault: Fault): boolean {
    const seconds = this.faults.secondsOf(fault) ?? AWAY_S
    if (!this.faults.end(fault)) return false
    if (isAwayAfter(fault)) this.faults.leave(seconds)
    return true
  }
}
