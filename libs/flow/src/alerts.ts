import { text } from '@firebreak/audit-log'
import type { IncidentClass, Recipe } from '@firebreak/kit'
import { processActor, type Actor } from './actor.js'
import { entry } from './audit.js'
import { changeIncident } from './incidents.js'
import type { IncomingAlert } from './intake.js'
import type { Doorbell } from './jobs.js'
import type { WriteBooks } from './ledger.js'
import { requestPlan } from './plans.js'
import { Refused, type Fault } from './refused.js'
import type { Alert, Delivery, Incident, Severity } from './rows.js'
import { minutesAfter, time, type World } from './world.js'

/** What a source makes of a payload: alerts, or where it is wrong. */
export type Parsed = { alerts: IncomingAlert[] } | { faults: Fault[] }

/** A system that sends alerts. */
export interface AlertSource {
  id: string
  /** Reads one delivery. Never throws for what is in it. */
  parse(body: unknown): Parsed
}

/** What the house says about an alert: rules of `firebreak.yaml`. */
export interface AlertRules {
  classify(labels: Record<string, string>): IncidentClass
  severityOf(labels: Record<string, string>): Severity
  /** Recipes proposed when an incident of this class opens. */
  suggestionsFor(incidentClass: IncidentClass): Recipe[]
  /** The service's environment, when the house knows the service. */
  environmentOf(service: string): string | undefined
  /** A resolved incident is opened again by the same problem within this many minutes. */
  resolveWindowMinutes: number
  planExpiresMinutes: number
}

type Fate = 'opened' | 'joined' | 'repeated' | 'resolved' | 'suppressed'

/** From a delivery to incidents. Stored first, answered second, understood third: nothing that was accepted is lost. */
export class Alerts {
  constructor(
    private readonly world: World,
    private readonly sources: ReadonlyMap<string, AlertSource>,
    private readonly rules: AlertRules,
    private readonly doorbell: Doorbell,
  ) {}

  /**
   * Stores one delivery and processes it in the same request. Answers what became of its alerts.
   * Unreadable bytes are stored too, as refused, and then thrown as `malformed` with pointers.
   */
  async receive(actor: Actor, source: string, body: Uint8Array): Promise<Delivery> {
    const known = this.sources.get(source)
    if (!known) throw new Refused('not-found', `There is no alert source "${source}". Known: ${[...this.sources.keys()].join(', ')}.`)
    const parsed = read(known, body)
    const faults = 'faults' in parsed ? parsed.faults : []
    const delivery = await this.store(actor, source, body, 'alerts' in parsed ? parsed.alerts.length : 1, faults)
    if (faults.length > 0)
      throw new Refused('malformed', `The delivery ${delivery.id} could not be read as ${source}; it stands in the ledger as refused.`, faults)
    return (await this.process(delivery.id)) ?? delivery
  }

  /** Processes stored deliveries that a crash left behind. Answers how many. */
  async sweep(): Promise<number> {
    const left = await this.world.ledger.read((books) => books.deliveries.where({ state: 'stored' }))
    for (const delivery of left) await this.process(delivery.id)
    return left.length
  }

  private async store(by: Actor, source: string, body: Uint8Array, alerts: number, faults: Fault[]): Promise<Delivery> {
    const refused = faults.length > 0
    const delivery: Delivery = {
      id: this.world.newId('dlv'),
      source,
      by: by.id,
      received_at: time(this.world.now()),
      state: refused ? 'refused' : 'stored',
      body,
      received: refused ? 1 : alerts,
      opened: 0,
      joined: 0,
      repeated: 0,
      resolved: 0,
      suppressed: 0,
      refused: refused ? 1 : 0,
      faults: faults.map(({ pointer, message }) => ({ pointer, message })),
    }
    const stream = `delivery:${delivery.id}`
    await this.world.ledger.write(async (books) => {
      await books.lock({ stream: [stream] })
      await books.deliveries.add(delivery)
      books.audit.append(
        entry(by, stream, refused ? 'delivery.refused' : 'delivery.stored', stream, {
          outcome: refused ? 'refused' : 'ok',
          detail: { source, received: delivery.received, bytes: body.byteLength, ...(refused ? { faults: delivery.faults } : {}) },
        }),
      )
    })
    return delivery
  }

  /** One delivery, one transaction; undefined when somebody else has done it. */
  private async process(id: string): Promise<Delivery | undefined> {
    const rings: string[] = []
    const processed = await this.world.ledger.write(async (books) => {
      await books.lock({ key: [`delivery:${id}`] })
      const delivery = await books.deliveries.get(id)
      if (delivery?.state !== 'stored') return delivery
      const parsed = read(this.sources.get(delivery.source)!, delivery.body)
      if ('faults' in parsed) throw new Error(`delivery ${id} was readable when it was stored`)

      const seen = parsed.alerts.map((alert) => this.place(alert, delivery.source))
      await books.lock({ group: [...new Set(seen.map(({ group }) => group))] })
      const plan = await this.decide(books, delivery.source, seen)
      await books.lock({ stream: [`delivery:${id}`, ...plan.streams] })

      const by = processActor('api')
      const counts = { opened: 0, joined: 0, repeated: 0, resolved: 0, suppressed: 0 }
      for (const fate of await plan.carryOut(by, rings)) counts[fate] += 1
      await books.deliveries.change(id, { state: 'processed', ...counts })
      books.audit.append(entry(by, `delivery:${id}`, 'delivery.processed', `delivery:${id}`, { outcome: 'ok', detail: counts }))
      return { ...delivery, state: 'processed' as const, ...counts }
    })
    for (const request of rings) await this.doorbell.ring('plan', request)
    return processed
  }

  private place(alert: IncomingAlert, source: string) {
    const incidentClass = this.rules.classify(alert.labels)
    const service = alert.labels['service'] ?? null
    const environment = (service && this.rules.environmentOf(service)) ?? alert.labels['environment'] ?? null
    // An unclassified alert groups by its own name: two unknown problems are not one because both are unknown.
    const name = incidentClass === 'unclassified' ? (alert.labels['alertname'] ?? alert.fingerprint) : ''
    return { alert, source, incidentClass, service, environment, group: [incidentClass, name, service ?? '', environment ?? ''].join('|') }
  }

  /** Reads what is there, under the group locks, and says which streams the writing will need. */
  private async decide(books: WriteBooks, source: string, seen: ReturnType<Alerts['place']>[]) {
    const fingerprints = [...new Set(seen.map(({ alert }) => alert.fingerprint))]
    const known = new Map((await books.alerts.where({ source, fingerprint: fingerprints })).map((row) => [row.fingerprint, row]))
    const groups = [...new Set(seen.map(({ group }) => group))]
    const open = new Map<string, Incident>()
    const now = this.world.now()
    for (const incident of await books.incidents.where({ group_key: groups, state: ['open', 'acknowledged', 'resolved'] })) {
      const within =
        incident.resolved_at === null || minutesAfter(new Date(incident.resolved_at), this.rules.resolveWindowMinutes) > now
      if (within) open.set(incident.group_key, incident)
    }
    const fresh = new Map(groups.filter((group) => !open.has(group)).map((group) => [group, this.world.newId('inc')]))
    const requests = new Map([...fresh.values()].map((incident) => [incident, this.world.newId('pln')]))
    const owners = await books.incidents.where({ id: [...new Set([...known.values()].map((row) => row.incident_id))] })
    for (const incident of owners) if (!open.has(incident.group_key)) open.set(incident.group_key, incident)

    const streams = [
      ...[...open.values()].map(({ id }) => `incident:${id}`),
      ...[...fresh.values()].map((id) => `incident:${id}`),
      ...[...requests.values()].map((id) => `plan:${id}`),
    ]
    const carryOut = async (by: Actor, rings: string[]): Promise<Fate[]> => {
      // A person may have touched an incident while we waited for its stream.
      for (const incident of await books.incidents.where({ id: [...open.values()].map(({ id }) => id) }))
        open.set(incident.group_key, incident)
      const fates: Fate[] = []
      for (const one of seen)
        fates.push(await this.take(books, by, one, known, open, { incident: fresh.get(one.group), request: requests.get(fresh.get(one.group) ?? '') }, rings))
      return fates
    }
    return { streams, carryOut }
  }

  /** One alert of a delivery. */
  private async take(
    books: WriteBooks,
    by: Actor,
    one: ReturnType<Alerts['place']>,
    known: Map<string, Alert>,
    open: Map<string, Incident>,
    ids: { incident: string | undefined; request: string | undefined },
    rings: string[],
  ): Promise<Fate> {
    const { alert } = one
    const before = known.get(alert.fingerprint)
    if (alert.status === 'resolved') {
      // "Resolved" for something that never fired here: nothing to resolve, and nothing to hide. It is counted.
      if (!before || before.state === 'resolved') return 'repeated'
      await this.resolve(books, by, before, alert, open, known)
      return 'resolved'
    }
    if (before?.state === 'firing') return 'repeated'
    // The same episode told again after it was resolved (a retry that arrived late) must not open it again.
    if (before?.ends_at && alert.starts_at <= before.starts_at) return 'repeated'

    const incident = open.get(one.group)
    const joined = incident !== undefined && incident.state !== 'closed'
    const home = joined ? incident : await this.openIncident(books, by, one, ids, rings)
    open.set(one.group, home)
    if (joined && incident.state === 'resolved')
      open.set(one.group, await changeIncident(books, by, incident, { state: 'open', resolved_at: null }, 'incident.reopened'))

    const row: Alert = {
      id: before?.id ?? this.world.newId('alr'),
      source: one.source,
      fingerprint: alert.fingerprint,
      state: 'firing',
      labels: alert.labels,
      annotations: alert.annotations,
      generator_url: alert.generator_url,
      starts_at: alert.starts_at,
      ends_at: null,
      flaps: before ? before.flaps + 1 : 0,
      incident_id: home.id,
    }
    if (before) {
      const { id, source, fingerprint, ...columns } = row
      await books.alerts.change(id, columns)
    } else await books.alerts.add(row)
    known.set(alert.fingerprint, row)
    books.audit.append(
      entry(by, `incident:${home.id}`, before ? 'alert.reopened' : 'alert.fired', `alert:${row.id}`, {
        outcome: 'ok',
        detail: { source: row.source, fingerprint: row.fingerprint, alertname: alert.labels['alertname'] ?? '', starts_at: row.starts_at },
      }),
    )
    return joined ? 'joined' : 'opened'
  }

  private async openIncident(
    books: WriteBooks,
    by: Actor,
    one: ReturnType<Alerts['place']>,
    ids: { incident: string | undefined; request: string | undefined },
    rings: string[],
  ): Promise<Incident> {
    const { alert, incidentClass, service, environment, group } = one
    const incident: Incident = {
      id: ids.incident ?? this.world.newId('inc'),
      state: 'open',
      class: incidentClass,
      severity: this.rules.severityOf(alert.labels),
      title: (alert.annotations['summary'] ?? alert.labels['alertname'] ?? `Alert ${alert.fingerprint}`).slice(0, 300),
      service,
      environment,
      group_key: group,
      owner: null,
      opened_at: time(this.world.now()),
      resolved_at: null,
      version: 1,
    }
    await books.incidents.add(incident)
    books.audit.append(
      entry(by, `incident:${incident.id}`, 'incident.opened', `incident:${incident.id}`, {
        outcome: 'ok',
        detail: { class: incident.class, severity: incident.severity, title: incident.title, service: service ?? '' },
      }),
    )
    const [suggested] = this.rules.suggestionsFor(incidentClass)
    if (suggested && ids.request) {
      await requestPlan(books, by, {
        id: ids.request,
        recipe: suggested.id,
        params: {},
        trigger: alert.labels,
        incident: incident.id,
        reason: `Suggested for ${incidentClass} when the incident opened`,
        at: time(this.world.now()),
      })
      rings.push(ids.request)
    }
    return incident
  }

  /** The alert is over; the incident is over with its last alert. */
  private async resolve(
    books: WriteBooks,
    by: Actor,
    row: Alert,
    alert: IncomingAlert,
    open: Map<string, Incident>,
    known: Map<string, Alert>,
  ): Promise<void> {
    const ends_at = alert.ends_at ?? time(this.world.now())
    await books.alerts.change(row.id, { state: 'resolved', ends_at })
    known.set(row.fingerprint, { ...row, state: 'resolved', ends_at })
    books.audit.append(
      entry(by, `incident:${row.incident_id}`, 'alert.resolved', `alert:${row.id}`, {
        outcome: 'ok',
        detail: { source: row.source, fingerprint: row.fingerprint, alertname: row.labels['alertname'] ?? '', ends_at },
      }),
    )
    const incident = [...open.values()].find(({ id }) => id === row.incident_id)
    const firing = await books.alerts.where({ incident_id: row.incident_id, state: 'firing' })
    if (!incident || firing.length > 0 || (incident.state !== 'open' && incident.state !== 'acknowledged')) return
    open.set(
      incident.group_key,
      await changeIncident(books, by, incident, { state: 'resolved', resolved_at: time(this.world.now()) }, 'incident.resolved'),
    )
  }
}

/** The bytes may be anything: not UTF-8, not JSON, or JSON that is not what the source sends. */
function read(source: AlertSource, body: Uint8Array): Parsed {
  let value: unknown
  try {
    value = JSON.parse(text(body))
  } catch (error) {
    return { faults: [{ pointer: '', message: `expected JSON in UTF-8: ${(error as Error).message}`.slice(0, 300) }] }
  }
  return source.parse(value)
}
