import type { Role } from '@firebreak/kit'
import { processActor, type Actor } from './actor.js'
import { entry, plain } from './audit.js'
import type { Books, WriteBooks } from './ledger.js'
import { assertPassage, mayPass } from './passages.js'
import { Refused, type RefusalCode } from './refused.js'
import { grantsOf } from './roles.js'
import type { Incident, Severity } from './rows.js'
import { minutesAfter, time, type World } from './world.js'

interface No {
  code: RefusalCode
  reason: string
}

/** Changes an incident whose stream is locked, and says so in the log. Answers the incident as it is now. */
export async function changeIncident(
  books: WriteBooks,
  by: Actor,
  incident: Incident,
  columns: Partial<Pick<Incident, 'state' | 'resolved_at' | 'owner' | 'severity' | 'class'>>,
  type: 'incident.acknowledged' | 'incident.resolved' | 'incident.reopened' | 'incident.closed' | 'incident.changed',
  reason = '',
): Promise<Incident> {
  if (columns.state !== undefined) assertPassage('incident', incident.id, incident.state, columns.state)
  const version = incident.version + 1
  await books.incidents.change(incident.id, { ...columns, version })
  const about = `incident:${incident.id}`
  books.audit.append(
    entry(by, about, type, about, { outcome: 'ok', ...(reason ? { reason } : {}), detail: { ...columns, version } }),
  )
  return { ...incident, ...columns, version }
}

/** Whoever says "I have it" themselves has it, and leads it: also who was given it before. */
async function acknowledgeIncident(
  books: WriteBooks,
  by: Actor,
  incident: Incident,
  { id, at, reason }: { id: string; at: string; reason?: string },
): Promise<Incident> {
  const state = incident.state === 'acknowledged' ? {} : { state: 'acknowledged' as const }
  const taken = await changeIncident(books, by, incident, { ...state, owner: by.id }, 'incident.acknowledged', reason)
  await books.acknowledgements.add({ id, incident_id: incident.id, by: by.id, at })
  return taken
}

/**
 * Who leads an incident: the last who said of it "I have it" themselves, whoever it was given to since; null where nobody
 * did, or it is closed. The same as `flow.lead_of`.
 */
export async function leadOf(books: Books, { id, state }: Pick<Incident, 'id' | 'state'>): Promise<string | null> {
  if (state === 'closed') return null
  return (await books.acknowledgements.last({ incident_id: id }))?.by ?? null
}

/** Why nobody can say of this incident that it is over, or undefined when somebody can. Asked by screens, too. */
export function whyNotResolve({ state }: Pick<Incident, 'state'>): No | undefined {
  return mayPass('incident', state, 'resolved')
    ? undefined
    : { code: 'superseded', reason: `The incident is ${state}: there is nothing to resolve.` }
}

/** Why this person cannot say "I have it" now, or undefined when they can. Twice by the same person is once. */
export function whyNotAcknowledge(
  { state, owner }: Pick<Incident, 'state' | 'owner'>,
  by: Pick<Actor, 'id'>,
): No | undefined {
  if (mayPass('incident', state, 'acknowledged') || (state === 'acknowledged' && owner === by.id)) return undefined
  const reason = state === 'acknowledged' ? `${owner} has acknowledged it.` : `The incident is ${state}.`
  return { code: 'superseded', reason }
}

/** Why nobody hands this incident to somebody now, or undefined when it can be. Asked by screens, too. */
export function whyNotAssign({ state }: Pick<Incident, 'state'>): No | undefined {
  if (state === 'open' || state === 'acknowledged') return undefined
  const then = state === 'resolved' ? 'open it again first' : 'nobody works on it any more'
  return { code: 'superseded', reason: `The incident is ${state}: ${then}.` }
}

/** Why its severity stays, or undefined when it can be corrected: also when it is resolved, for a report says it. */
export function whyNotCorrect({ state }: Pick<Incident, 'state'>): No | undefined {
  return state === 'closed'
    ? { code: 'superseded', reason: 'The incident is closed: it stays as it is. A note can still say what was wrong.' }
    : undefined
}

/**
 * Why nobody opens this incident again, or undefined when it can be. Asked by screens, too.
 *
 * @param windowMinutes for how long the house takes the same problem for the same incident
 */
export function whyNotReopen(
  { state, resolved_at }: Pick<Incident, 'state' | 'resolved_at'>,
  windowMinutes: number,
  now: Date,
): No | undefined {
  const instead = 'If the problem is back, its next alert opens another incident; a note can still be written here'
  if (state === 'closed') return { code: 'superseded', reason: `The incident is closed for good. ${instead}.` }
  if (!mayPass('incident', state, 'open'))
    return { code: 'superseded', reason: `The incident is ${state}: there is nothing to open again.` }
  if (resolved_at !== null && minutesAfter(new Date(resolved_at), windowMinutes) <= now)
    return { code: 'superseded', reason: `It was resolved more than ${windowMinutes} min ago. ${instead}.` }
  return undefined
}

/** What is corrected of an incident: who has it, how bad it is, or both. */
export interface IncidentChange {
  /** Somebody who may acknowledge. Nobody is no owner: what was acknowledged would be had by nobody, and seem to be. */
  owner?: string | undefined
  severity?: Severity | undefined
  reason?: string | undefined
}

/** Why nothing is planned for this incident any more, or undefined when something can be. Asked by screens, too. */
export function whyNotPlanFor({ id, state }: Pick<Incident, 'id' | 'state'>): No | undefined {
  return state === 'resolved' || state === 'closed'
    ? { code: 'superseded', reason: `The incident ${id} is ${state}: there is nothing to repair.` }
    : undefined
}

/** Refuses a change of what somebody else has changed since it was read; `versions`: what was read, any when left out. */
export function refuseUnread({ state, version }: Incident, versions: readonly number[] | undefined): void {
  if (versions && !versions.includes(version))
    throw new Refused(
      'precondition',
      `You read the incident as it was; it is now ${state}, version ${version}. Read it again.`,
    )
}

function refuse(no: No | undefined): void {
  if (no) throw new Refused(no.code, no.reason)
}

/** What people do with incidents. */
export class Incidents {
  constructor(private readonly world: World) {}

  /**
   * "I have it": the person becomes the owner, and leads it. Twice by the same person is once; who was given it says so, too,
   * and leads it from then on. `versions`: what they have read.
   */
  acknowledge(by: Actor, id: string, versions?: readonly number[]): Promise<Incident> {
    return this.write(id, versions, async (books, incident) => {
      refuse(whyNotAcknowledge(incident, by))
      return incident.state === 'acknowledged' && (await leadOf(books, incident)) === by.id
        ? incident
        : acknowledgeIncident(books, by, incident, this.said())
    })
  }

  /** A person says that it is over. */
  resolve(by: Actor, id: string, reason: string, versions?: readonly number[]): Promise<Incident> {
    const resolved_at = time(this.world.now())
    return this.write(id, versions, (books, incident) => {
      refuse(whyNotResolve(incident))
      return changeIncident(books, by, incident, { state: 'resolved', resolved_at }, 'incident.resolved', reason)
    })
  }

  /**
   * Hands it to somebody, corrects its severity, or both. Whoever gives an open one to themselves has it: that is
   * acknowledging. What is so already is not said again.
   *
   * @param holders the roles of which an owner has one: those that may acknowledge
   */
  change(
    by: Actor,
    id: string,
    { owner, severity, reason = '' }: IncidentChange,
    holders: readonly Role[],
    versions?: readonly number[],
  ): Promise<Incident> {
    const also = owner === undefined ? [] : [`person:${owner}`]
    return this.write(
      id,
      versions,
      async (books, read) => {
        let incident = read
        if (owner !== undefined) {
          refuse(whyNotAssign(incident))
          await this.refuseOwner(books, owner, holders)
          const takes = owner === by.id && incident.state === 'open'
          if (takes) incident = await acknowledgeIncident(books, by, incident, { ...this.said(), reason })
          else if (owner !== incident.owner)
            incident = await changeIncident(books, by, incident, { owner }, 'incident.changed', reason)
        }
        if (severity !== undefined) {
          refuse(whyNotCorrect(incident))
          if (reason === '') throw new Refused('malformed', 'A severity is corrected with a reason.')
          if (severity !== incident.severity)
            incident = await changeIncident(books, by, incident, { severity }, 'incident.changed', reason)
        }
        return incident
      },
      also,
    )
  }

  /** What a person wants those to know who read the incident, now or in a year. Nothing else changes by it. */
  note(by: Actor, id: string, text: string): Promise<Incident> {
    return this.write(id, undefined, (books, incident) => {
      const about = `incident:${id}`
      books.audit.append(
        entry(by, about, 'note.added', about, { outcome: 'ok', detail: { incident: id, text: plain(text) } }),
      )
      return Promise.resolve(incident)
    })
  }

  /**
   * Closes what has been resolved for longer than the house takes the same problem for the same incident, and a minute
   * more: an alert that was just in time must find it open to be joined.
   */
  async closeOld(resolveWindowMinutes: number): Promise<number> {
    const now = this.world.now()
    const isOld = ({ state, resolved_at }: Incident) =>
      state === 'resolved' &&
      resolved_at !== null &&
      minutesAfter(new Date(resolved_at), resolveWindowMinutes + 1) <= now
    const resolved = await this.world.ledger.read((books) => books.incidents.where({ state: 'resolved' }))
    const old = resolved.filter(isOld)
    const by = processActor('api')
    for (const { id } of old)
      await this.write(id, undefined, (books, incident) =>
        isOld(incident)
          ? changeIncident(books, by, incident, { state: 'closed' }, 'incident.closed')
          : Promise.resolve(incident),
      )
    return old.length
  }

  private said() {
    return { id: this.world.newId('ack'), at: time(this.world.now()) }
  }

  /** Whoever is to own it is somebody who could have acknowledged it. */
  private async refuseOwner(books: WriteBooks, owner: string, holders: readonly Role[]): Promise<void> {
    const person = await books.people.get(owner)
    if (person?.kind !== 'person') throw new Refused('out-of-range', `There is no person ${owner.slice(0, 100)}.`)
    if (!(await grantsOf(books, owner)).some(({ role }) => holders.includes(role)))
      throw new Refused(
        'out-of-range',
        `${person.name} could do nothing about it: an owner has one of the roles ${holders.join(', ')}.`,
      )
  }

  private write(
    id: string,
    versions: readonly number[] | undefined,
    work: (books: WriteBooks, incident: Incident) => Promise<Incident>,
    also: readonly string[] = [],
  ): Promise<Incident> {
    return this.world.ledger.write(async (books) => {
      await books.lock({ stream: [`incident:${id}`, ...also] })
      const incident = await books.incidents.get(id)
      if (!incident) throw new Refused('not-found', `There is no incident ${id}.`)
      refuseUnread(incident, versions)
      return work(books, incident)
    })
  }
}
