import { processActor, type Actor } from './actor.js'
import type { AlertRules } from './alerts.js'
import { changeIncident, refuseUnread, whyNotReopen } from './incidents.js'
import type { Doorbell } from './jobs.js'
import type { WriteBooks } from './ledger.js'
import { openPlan, requestPlan } from './plans.js'
import { Refused } from './refused.js'
import type { Incident } from './rows.js'
import { time, type World } from './world.js'

/** What people do with an incident that is over and should not be. */
export class Reopening {
  constructor(
    private readonly world: World,
    private readonly rules: Pick<AlertRules, 'suggestionsFor' | 'resolveWindowMinutes'>,
    private readonly doorbell: Doorbell,
  ) {}

  /**
   * Opens it again, within the time in which an alert would have. Its owner stays its owner, and a plan is asked for anew,
   * by the house as ever, so that whoever opened it may approve that.
   *
   * @param versions what they have read; any when left out
   */
  async reopen(by: Actor, id: string, reason: string, versions?: readonly number[]): Promise<Incident> {
    // What alerts join is locked before what people edit. It never changes.
    const group = (await this.world.ledger.read((books) => books.incidents.get(id)))?.group_key
    if (group === undefined) throw new Refused('not-found', `There is no incident ${id.slice(0, 100)}.`)
    const plan = this.world.newId('pln')
    const { reopened, asked } = await this.world.ledger.write(async (books) => {
      await books.lock({ group: [group], stream: [`incident:${id}`, `plan:${plan}`] })
      const incident = (await books.incidents.get(id))!
      refuseUnread(incident, versions)
      const no = whyNotReopen(incident, this.rules.resolveWindowMinutes, this.world.now())
      if (no) throw new Refused(no.code, no.reason)
      const [other] = await books.incidents.where({ group_key: group, state: ['open', 'acknowledged'] })
      if (other) throw new Refused('superseded', `The same problem has another incident by now: work on ${other.id}.`)
      const columns = { state: 'open', resolved_at: null } as const
      const reopened = await changeIncident(books, by, incident, columns, 'incident.reopened', reason)
      return { reopened, asked: await this.suggest(books, reopened, plan) }
    })
    if (asked) await this.doorbell.ring('plan', plan)
    return reopened
  }

  /** Asks for a plan of what the house suggests first, unless one is open. What its newest alert said is looked at. */
  private async suggest(books: WriteBooks, incident: Incident, id: string): Promise<boolean> {
    const [suggested] = this.rules.suggestionsFor(incident.class)
    if (!suggested || (await openPlan(books, incident.id, suggested.id))) return false
    const alert = await books.alerts.last({ incident_id: incident.id })
    await requestPlan(books, processActor('api'), {
      ...{ id, recipe: suggested.id, params: {}, trigger: alert?.labels ?? {}, incident: incident.id },
      ...{ reason: `Suggested for ${incident.class}`, at: time(this.world.now()) },
    })
    return true
  }
}
