import type { EntryBody } from '../entry.js'
import { Fault } from './check.js'
import { isAfter, short } from './starts.js'

const ROLE = 'security'
const HOURS = 24
const NEEDED = 2

interface Asked {
  by: string
  digest: string | undefined
  expires_at: string | undefined
  request: string | undefined
  /** The log said `freeze.lifting` of it, and that was judged: what the voters are since does not take it back. */
  judged: boolean
  votes: { by: string; kind: string; roles: readonly string[]; digest: string | undefined; yes: boolean; ts: string }[]
}

/**
 * Who let freezes go: two of Security, neither who asked, each in that role for a day, for exactly what was asked, and nobody
 * said no. Judged where the lift begins (`freeze.lifting`), by who they were then: it ends (`freeze.lifted`) whatever they are by
 * then. From the log alone.
 */
export class Lifts {
  readonly #asked = new Map<string, Asked>()
  /** Since when somebody is of Security, where the log says it. */
  readonly #since = new Map<string, string>()

  /** Throws a Fault where a freeze was let go that should have stayed. `knows`: whether all of a person is here. */
  see(entry: EntryBody, index: number, knows: (person: string) => boolean): void {
    const freeze = entry.stream.slice(entry.stream.indexOf(':') + 1)
    switch (entry.type) {
      case 'role.granted':
        if (entry.detail?.role === ROLE && entry.detail.person_id)
          this.#since.set(entry.detail.person_id, entry.detail.since ?? entry.ts)
        break
      case 'role.revoked':
        if (entry.detail?.role === ROLE && entry.detail.person_id) this.#since.delete(entry.detail.person_id)
        break
      case 'freeze.lift-asked': {
        const { digest, expires_at, request } = entry.detail ?? {}
        this.#asked.set(freeze, { by: entry.actor.id, digest, expires_at, request, judged: false, votes: [] })
        break
      }
      case 'freeze.lift-approved':
      case 'freeze.lift-refused': {
        const { id: by, kind, roles = [] } = entry.actor
        const yes = entry.type === 'freeze.lift-approved'
        this.#asked.get(freeze)?.votes.push({ by, kind, roles, digest: entry.detail?.digest, yes, ts: entry.ts })
        break
      }
      case 'freeze.lifting':
      case 'freeze.lifted': {
        const because = this.#whyNot(freeze, entry, knows)
        if (because !== undefined) throw new Fault('guard', `the freeze ${freeze} was lifted: ${because}`, index)
        break
      }
    }
  }

  #whyNot(
    freeze: string,
    entry: EntryBody<'freeze.lifting' | 'freeze.lifted'>,
    knows: (person: string) => boolean,
  ): string | undefined {
    const asked = this.#asked.get(freeze)
    if (!asked) return 'nobody had asked for it'
    if (entry.detail?.request !== asked.request)
      return `it names ${entry.detail?.request ?? 'no lift'}, and ${asked.request ?? 'another'} was asked for last`
    if (entry.type === 'freeze.lifted') return asked.judged ? undefined : 'nothing said before that it was being lifted'
    const no = asked.votes.find(({ yes }) => !yes)
    if (no) return `${no.by} had said no`
    if (asked.expires_at !== undefined && isAfter(entry.ts, asked.expires_at))
      return `its lift had expired at ${asked.expires_at}`
    const weighed = asked.votes.map((vote) => ({ by: vote.by, because: this.#whyVoid(asked, vote, knows) }))
    const counting = new Set(weighed.flatMap(({ because, by }) => (because === undefined ? [by] : [])))
    if (counting.size >= NEEDED) {
      asked.judged = true
      return undefined
    }
    const said = weighed.map(({ because, by }) => `${by} approved${because === undefined ? '' : `, which does not count: ${because}`}`) // prettier-ignore
    return `${counting.size} of the ${NEEDED} approvals that it needs (${said.join('; ') || 'nobody approved it'})`
  }

  #whyVoid(asked: Asked, vote: Asked['votes'][number], knows: (person: string) => boolean): string | undefined {
    if (vote.kind !== 'person') return `a ${vote.kind} cannot approve`
    if (vote.by === asked.by) return 'who asked for it does not approve it'
    if (vote.digest !== asked.digest) return `it is for another lift (${short(vote.digest)})`
    if (!vote.roles.includes(ROLE)) return `it was given as ${vote.roles.join(', ') || 'nobody'}, and ${ROLE} may`
    if (!knows(vote.by)) return undefined
    const since = this.#since.get(vote.by)
    if (since === undefined) return `the log grants ${vote.by} no role of ${ROLE}`
    return Date.parse(vote.ts) < Date.parse(since) + HOURS * 3_600_000
      ? `${vote.by} held the role since ${since} only, and ${HOURS} h are asked for`
      : undefined
  }
}
