import type { Actor } from './actor.js'
import { entry } from './audit.js'
import { closedFor, type Closed } from './gate.js'
import { Refused, type RefusalCode } from './refused.js'
import type { Freeze, Request } from './rows.js'
import { EVERYTHING, type Scopes } from './scopes.js'
import { time, type World } from './world.js'

/** Why pressing the stop switch (`on`), or letting it go, would change nothing. Asked by screens, too. */
export function whyNotStop(is: boolean, on: boolean): { code: RefusalCode; reason: string } | undefined {
  if (is !== on) return undefined
  return { code: 'already-decided', reason: on ? 'The stop switch is on.' : 'The stop switch is not on.' }
}

/**
 * The inside of a security freeze, and the stop switch: from the commit on, no step that changes something in their scope
 * is claimed, by whomever, whatever started it. One call each, and no cluster is asked.
 */
export class Freezes {
  constructor(private readonly world: World) {}

  private get scopes(): Scopes {
    return this.world.scopes
  }

  /** Declares a freeze. It never ends by itself; the review date only reminds. */
  async declare(
    by: Actor,
    wish: { scopes: readonly string[]; reason: string; review_by?: string | undefined; incident?: string | undefined },
  ): Promise<Freeze> {
    const named = namedScopes(this.scopes, wish.scopes)
    const freeze: Freeze = {
      id: this.world.newId('frz'),
      scopes: named,
      reason: wish.reason,
      by: by.id,
      at: time(this.world.now()),
      review_by: wish.review_by === undefined ? null : time(new Date(wish.review_by)),
      incident_id: wish.incident ?? null,
    }
    const stream = `freeze:${freeze.id}`
    await this.world.ledger.write(async (books) => {
      // Alone: whoever is claiming a step in one of these scopes commits first, and everybody after sees the freeze.
      await books.lock({ scope: named, stream: [stream] })
      if (wish.incident !== undefined && !(await books.incidents.get(wish.incident)))
        throw new Refused('not-found', `There is no incident ${wish.incident}.`)
      await books.freezes.add(freeze)
      books.audit.append(
        entry(by, stream, 'freeze.declared', stream, {
          outcome: 'ok',
          reason: freeze.reason,
          freeze: { scopes: named, decision: 'denied' },
          detail: { scopes: named, incident: freeze.incident_id ?? '', review_by: freeze.review_by },
        }),
      )
    })
    return freeze
  }

  /** Whether this target is closed now, and by what; for other tools to ask before they change something themselves. */
  check(target: string): Promise<Closed | undefined> {
    if (!this.scopes.knows(target))
      throw new Refused(
        'out-of-scope',
        `${target.slice(0, 200)} is no target: write kind:name, as deployment:prod/api.`,
      )
    return this.world.ledger.read((books) => closedFor(books, this.scopes, [target], false))
  }

  /** Presses the stop switch, or lets it go. Pressing twice is pressing once. */
  async stop(by: Actor, on: boolean, reason: string): Promise<Request | undefined> {
    return this.world.ledger.write(async (books) => {
      await books.lock({ scope: [EVERYTHING], stream: ['stop:house'] })
      const last = await books.requests.last({ kind: 'stop' })
      if (whyNotStop(last?.body['on'] === true, on)) return last
      const request: Request = {
        id: this.world.newId('req'),
        kind: 'stop',
        subject: null,
        body: { on },
        incident_id: null,
        by: by.id,
        reason,
        at: time(this.world.now()),
      }
      await books.requests.add(request)
      books.audit.append(
        entry(by, 'stop:house', on ? 'stop.pressed' : 'stop.released', `request:${request.id}`, {
          outcome: 'ok',
          reason,
        }),
      )
      return request
    })
  }
}

/** What somebody names, each once and sorted; refused where it is nothing, or names what the house does not have. */
export function namedScopes(scopes: Scopes, wished: readonly string[]): string[] {
  const named = [...new Set(wished)].sort()
  if (named.length === 0) throw new Refused('empty-selection', 'Say of what: an empty list is never "everything".')
  const unknown = named.filter((scope) => !scopes.knows(scope))
  if (unknown.length > 0)
    throw new Refused(
      'out-of-scope',
      `The house has no ${unknown.join(', ')}. It has ${scopes.names().join(', ')}, and targets such as deployment:prod/api.`,
    )
  return named
}
