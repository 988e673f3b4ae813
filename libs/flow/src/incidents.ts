import { processActor, type Actor } from './actor.js'
import { entry, plain } from './audit.js'
import type { WriteBooks } from './ledger.js'
import { assertPassage, mayPass } from './passages.js'
import { Refused, type RefusalCode } from './refused.js'
import type { Incident } from './rows.js'
import { minutesAfter, time, type World } from './world.js'

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

/** Why nobody can say of this incident that it is over, or undefined when somebody can. Asked by screens, too. */
export function whyNotResolve({ state }: Pick<Incident, 'state'>): { code: RefusalCode; reason: string } | undefined {
  return mayPass('incident', state, 'resolved')
    ? undefined
    : { code: 'superseded', reason: `The incident is ${state}: there is nothing to resolve.` }
}

/** Why this person cannot say "I have it" now, or undefined when they can. Twice by the same person is once. */
export function whyNotAcknowledge(
  { state, owner }: Pick<Incident, 'state' | 'owner'>,
  by: Pick<Actor, 'id'>,
): { code: RefusalCode; reason: string } | undefined {
  if (mayPass('incident', state, 'acknowledged') || (state === 'acknowledged' && owner === by.id)) return undefined
  const reason = state === 'acknowledged' ? `${owner} has acknowledged it.` : `The incident is ${state}.`
  return { code: 'superseded', reason }
}

/** Why nothing is planned for this incident any more, or undefined when something can be. Asked by screens, too. */
export function whyNotPlanFor({
  id,
  state,
}: Pick<Incident, 'id' | 'state'>): { code: RefusalCode; reason: string } | undefined {
  return state === 'resolved' || state === 'closed'
    ? { code: 'superseded', reason: `The incident ${id} is ${state}: there is nothing to repair.` }
    : undefined
}

/** What people do with incidents. */
export class Incidents {
  constructor(private readonly world: World) {}

  /** "I have it": the person becomes the owner. Twice by the same person is once. `versions`: what they have read. */
  acknowledge(by: Actor, id: string, versions?: readonly number[]): Promise<Incident> {
    return this.change(id, versions, (books, incident) => {
      const no = whyNotAcknowledge(incident, by)
      if (no) throw new Refused(no.code, no.reason)
      return incident.state === 'acknowledged'
        ? Promise.resolve(incident)
        : changeIncident(books, by, incident, { state: 'acknowledged', owner: by.id }, 'incident.acknowledged')
    })
  }

  /** A person says that it is over. */
  resolve(by: Actor, id: string, reason: string, versions?: readonly number[]): Promise<Incident> {
    const resolved_at = time(this.world.now())
    return this.change(id, versions, (books, incident) => {
      const no = whyNotResolve(incident)
      if (no) throw new Refused(no.code, no.reason)
      return changeIncident(books, by, incident, { state: 'resolved', resolved_at }, 'incident.resolved', reason)
    })
  }

  /** What a person wants those to know who read the incident, now or in a year. Nothing else changes by it. */
  note(by: Actor, id: string, text: string): Promise<Incident> {
    return this.change(id, undefined, (books, incident) => {
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
      await this.change(id, undefined, (books, incident) =>
        isOld(incident)
          ? changeIncident(books, by, incident, { state: 'closed' }, 'incident.closed')
          : Promise.resolve(incident),
      )
    return old.length
  }

  private change(
    id: string,
    versions: readonly number[] | undefined,
    work: (books: WriteBooks, incident: Incident) => Promise<Incident>,
  ): Promise<Incident> {
    return this.world.ledger.write(async (books) => {
      await books.lock({ stream: [`incident:${id}`] })
      const incident = await books.incidents.get(id)
      if (!incident) throw new Refused('not-found', `There is no incident ${id}.`)
      if (versions && !versions.includes(incident.version))
        throw new Refused(
          'precondition',
          `You read the incident as it was; it is now ${incident.state}, version ${incident.version}. Read it again.`,
        )
      return work(books, incident)
    })
  }
}
