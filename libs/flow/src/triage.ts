import type { IncidentClass, Recipe } from '@firebreak/kit'
import type { Actor } from './actor.js'
import type { AlertRules } from './alerts.js'
import { digest, entry } from './audit.js'
import type { Account } from './follower.js'
import { changeIncident } from './incidents.js'
import type { IncomingAlert } from './intake.js'
import type { WriteBooks } from './ledger.js'
import { openPlan, requestPlan } from './plans.js'
import type { Alert, Incident } from './rows.js'
import { followerOf, minutesAfter, time, type World } from './world.js'

/** What became of one alert of a delivery. Every alert has one fate, so that the ledger adds up. */
export type Fate = 'opened' | 'joined' | 'repeated' | 'resolved' | 'suppressed'

/** What an alert is about: alerts of one group are one problem. */
interface Place {
  incidentClass: IncidentClass
  service: string | null
  environment: string | null
  group: string
}

/** Sorts the alerts of deliveries into incidents, in one transaction. */
export class Triage {
  /** The plans that were asked for: to be rung for when the transaction is committed, on the account of their incident. */
  readonly plansWanted: { id: string; under: Account }[] = []

  private readonly alerts = new Map<string, Alert>()
  private readonly incidents = new Map<string, Incident>()
  private readonly places = new Map<IncomingAlert, Place>()
  /** The incident of each group: one that alerts may join, or the id of the one that would be opened. */
  private readonly home = new Map<string, string>()
  /** Alerts that have no row yet: however many they are, it is one statement. */
  private unkept: Alert[] = []

  constructor(
    private readonly world: World,
    private readonly rules: AlertRules,
    private readonly books: WriteBooks,
    private readonly by: Actor,
    private readonly source: string,
  ) {}

  /** Locks and reads what the alerts are about. Before the first write of the transaction. */
  async prepare(alerts: readonly IncomingAlert[], ownStreams: readonly string[] = []): Promise<void> {
    const { books, source } = this
    const groups = [...new Set(alerts.map((alert) => this.placeOf(alert).group))]
    const fingerprint = [...new Set(alerts.map((alert) => alert.fingerprint))]
    const [, rows, incidents] = await Promise.all([
      books.lock({ group: groups }),
      books.alerts.where({ source, fingerprint }),
      books.incidents.where({ group_key: groups, state: ['open', 'acknowledged', 'resolved'] }),
    ])
    for (const row of rows) this.alerts.set(row.fingerprint, row)
    for (const incident of incidents) if (this.mayBeJoined(incident)) this.home.set(incident.group_key, incident.id)
    const known = [...new Set([...this.home.values(), ...rows.map((row) => row.incident_id)])]
    // Read after locking: a person may have touched an incident while we waited for its stream.
    const [, now] = await Promise.all([
      books.lock({ stream: [...ownStreams, ...known.map((id) => `incident:${id}`)] }),
      books.incidents.where({ id: known }),
    ])
    for (const incident of now) this.incidents.set(incident.id, incident)
  }

  /** Takes one alert. Its row may wait for `settle`. */
  async take(told: IncomingAlert): Promise<Fate> {
    const alert = this.begunByNow(told)
    const before = this.alerts.get(alert.fingerprint)
    if (alert.status === 'resolved') {
      // "Resolved" for something that is not firing here changes nothing; it is counted.
      if (before?.state !== 'firing') return 'repeated'
      await this.resolve(before, alert)
      return 'resolved'
    }
    if (before?.state === 'firing') return 'repeated'
    // The same episode told again after it was resolved (a retry that arrived late) must not open it again.
    if (before && alert.starts_at <= before.starts_at) return 'repeated'

    const place = this.placeOf(told)
    const home = this.homeOf(place.group)
    const row = this.fired(before, alert, home)
    // The alert is told of first, as it came first; its row follows its incident's, which it points to.
    this.tell(before ? 'alert.reopened' : 'alert.fired', row, { starts_at: row.starts_at })
    const incident = this.incidents.get(home)
    const facts = { incident: home, class: place.incidentClass, outcome: incident ? 'joined' : 'opened' }
    await followerOf(this.world).during('incident', facts, () =>
      incident ? this.join(incident, alert) : this.open(place, alert),
    )
    await this.keep(before, row)
    return incident ? 'joined' : 'opened'
  }

  /** A monitor whose clock runs ahead must not mute what fires later: nothing has begun after now. */
  private begunByNow(alert: IncomingAlert): IncomingAlert {
    const now = time(this.world.now())
    return alert.starts_at > now ? { ...alert, starts_at: now } : alert
  }

  private placeOf(alert: IncomingAlert): Place {
    const place = this.places.get(alert) ?? this.place(alert)
    this.places.set(alert, place)
    return place
  }

  private place({ labels, fingerprint }: IncomingAlert): Place {
    const incidentClass = this.rules.classify(labels)
    const service = labels['service'] ?? null
    const environment = (service && this.rules.environmentOf(service)) || (labels['environment'] ?? null)
    // An unclassified alert groups by its own name: two unknown problems are not one because both are unknown.
    const name = incidentClass === 'unclassified' ? (labels['alertname'] ?? fingerprint) : ''
    return { incidentClass, service, environment, group: digest({ incidentClass, name, service, environment }) }
  }

  /** One that alerts of this group may join, or else the id of one that begins with it. */
  private homeOf(group: string): string {
    const known = this.home.get(group)
    if (known !== undefined) return known
    const id = this.world.newId('inc')
    this.home.set(group, id)
    this.books.audit.begin(`incident:${id}`)
    return id
  }

  /** Open ones, and resolved ones for as long as the house takes the same problem for the same incident. */
  private mayBeJoined({ resolved_at }: Incident): boolean {
    return (
      resolved_at === null || minutesAfter(new Date(resolved_at), this.rules.resolveWindowMinutes) > this.world.now()
    )
  }

  private async open({ incidentClass, service, environment, group }: Place, alert: IncomingAlert): Promise<void> {
    const incident: Incident = {
      id: this.home.get(group)!,
      state: 'open',
      class: incidentClass,
      severity: this.rules.severityOf(alert.labels),
      title: firstCharacters(
        alert.annotations['summary'] ?? alert.labels['alertname'] ?? `Alert ${alert.fingerprint}`,
        300,
      ),
      service,
      environment,
      group_key: group,
      owner: null,
      opened_at: time(this.world.now()),
      resolved_at: null,
      version: 1,
    }
    await this.books.incidents.add(incident)
    this.incidents.set(incident.id, incident)
    const about = `incident:${incident.id}`
    this.books.audit.append(
      entry(this.by, about, 'incident.opened', about, {
        outcome: 'ok',
        detail: { class: incident.class, severity: incident.severity, title: incident.title, service: service ?? '' },
      }),
    )
    const [suggested] = this.rules.suggestionsFor(incident.class)
    if (suggested) await this.ask(suggested, incident, alert)
  }

  private async join(incident: Incident, alert: IncomingAlert): Promise<void> {
    // Closed while we waited for its stream. The delivery is processed again, and opens another.
    if (incident.state === 'closed') throw new Error(`the incident ${incident.id} was closed in between`)
    if (incident.state !== 'resolved') return
    const reopened = await changeIncident(
      this.books,
      this.by,
      incident,
      { state: 'open', resolved_at: null },
      'incident.reopened',
    )
    this.incidents.set(reopened.id, reopened)
    await this.suggest(reopened, alert)
  }

  private fired(before: Alert | undefined, alert: IncomingAlert, incident_id: string): Alert {
    return {
      id: before?.id ?? this.world.newId('alr'),
      source: this.source,
      fingerprint: alert.fingerprint,
      state: 'firing',
      labels: alert.labels,
      annotations: alert.annotations,
      generator_url: alert.generator_url,
      starts_at: alert.starts_at,
      ends_at: null,
      flaps: before ? before.flaps + 1 : 0,
      incident_id,
    }
  }

  private async keep(before: Alert | undefined, row: Alert): Promise<void> {
    this.alerts.set(row.fingerprint, row)
    const { id, source, fingerprint, ...columns } = row
    if (before) await this.books.alerts.change(id, columns)
    else this.unkept.push({ id, source, fingerprint, ...columns })
  }

  /** Adds the rows of the alerts that are new. Once, when everything was taken; alerts that end see to it by themselves. */
  async settle(): Promise<void> {
    const rows = this.unkept
    this.unkept = []
    await this.books.alerts.add(...rows)
  }

  /** The alert is over; the incident is over with its last alert. */
  private async resolve(before: Alert, alert: IncomingAlert): Promise<void> {
    const ends_at = alert.ends_at ?? time(this.world.now())
    const row: Alert = { ...before, state: 'resolved', ends_at }
    // What it asks about its incident's other alerts is asked of their rows.
    await this.settle()
    await this.books.alerts.change(row.id, { state: 'resolved', ends_at })
    this.alerts.set(row.fingerprint, row)
    this.tell('alert.resolved', row, { ends_at })
    const incident = this.incidents.get(row.incident_id)
    if (incident?.state !== 'open' && incident?.state !== 'acknowledged') return
    if ((await this.books.alerts.where({ incident_id: incident.id, state: 'firing' })).length > 0) return
    const resolved_at = time(this.world.now())
    this.incidents.set(
      incident.id,
      await changeIncident(this.books, this.by, incident, { state: 'resolved', resolved_at }, 'incident.resolved'),
    )
  }

  /** Asks for a plan of the recipe that the house suggests for this class, unless one is open already. */
  private async suggest(incident: Incident, alert: IncomingAlert): Promise<void> {
    const [suggested] = this.rules.suggestionsFor(incident.class)
    if (suggested && !(await openPlan(this.books, incident.id, suggested.id)))
      await this.ask(suggested, incident, alert)
  }

  private async ask(suggested: Recipe, incident: Incident, alert: IncomingAlert): Promise<void> {
    const id = this.world.newId('pln')
    this.books.audit.begin(`plan:${id}`)
    await requestPlan(this.books, this.by, {
      id,
      recipe: suggested.id,
      params: {},
      trigger: alert.labels,
      incident: incident.id,
      reason: `Suggested for ${incident.class}`,
      at: time(this.world.now()),
    })
    this.plansWanted.push({ id, under: followerOf(this.world).bind() })
  }

  private tell(type: string, row: Alert, times: { starts_at?: string; ends_at?: string }): void {
    this.books.audit.append(
      entry(this.by, `incident:${row.incident_id}`, type, `alert:${row.id}`, {
        outcome: 'ok',
        detail: {
          source: row.source,
          fingerprint: row.fingerprint,
          alertname: row.labels['alertname'] ?? '',
          ...times,
        },
      }),
    )
  }
}

/** Cut between characters: half a surrogate pair is no text. */
const firstCharacters = (text: string, count: number): string => [...text].slice(0, count).join('')
