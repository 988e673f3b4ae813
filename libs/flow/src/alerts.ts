import { text } from '@firebreak/audit-log'
import type { IncidentClass, Recipe } from '@firebreak/kit'
import { processActor, type Actor } from './actor.js'
import { entry } from './audit.js'
import type { IncomingAlert } from './intake.js'
import type { Doorbell } from './jobs.js'
import { Refused, type Fault } from './refused.js'
import type { Delivery, Severity } from './rows.js'
import { Triage } from './triage.js'
import { time, type World } from './world.js'

/** What a source makes of a payload: alerts, or where it is wrong. */
export type Parsed =
  | {
      alerts: IncomingAlert[]
      /** How many more the source says it left out. */
      truncated?: number
    }
  | { faults: Fault[] }

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

/** Bodies of deliveries that are held in memory at once. */
const SWEPT_AT_ONCE = 50

/** From a delivery to incidents. Stored first, answered second, understood third: nothing that was accepted is lost. */
export class Alerts {
  constructor(
    private readonly world: World,
    private readonly sources: ReadonlyMap<string, AlertSource>,
    private readonly rules: AlertRules,
    private readonly doorbell: Doorbell,
    private readonly say: (line: string) => void,
  ) {}

  /**
   * Stores one delivery and processes it in the same request. Answers what became of its alerts; one that is stored
   * and could not be processed is answered as it is, and the sweep takes it up.
   * Unreadable bytes are stored too, as refused, and then thrown as `malformed` with pointers.
   */
  async receive(actor: Actor, source: string, body: Uint8Array): Promise<Delivery> {
    const known = this.sources.get(source)
    if (!known)
      throw new Refused(
        'not-found',
        `There is no alert source "${source}". Known: ${[...this.sources.keys()].join(', ')}.`,
      )
    const parsed = read(known, body)
    const delivery = await this.store(actor, source, body, parsed)
    if ('faults' in parsed)
      throw new Refused(
        'malformed',
        `The delivery ${delivery.id} could not be read as ${source}; it stands in the ledger as refused.`,
        parsed.faults,
      )
    return (await this.tryToProcess(delivery.id)) ?? delivery
  }

  /** Processes stored deliveries that a crash left behind, oldest first. Answers how many it took up. */
  async sweep(): Promise<number> {
    const left = await this.world.ledger.read((books) => books.deliveries.where({ state: 'stored' }, SWEPT_AT_ONCE))
    for (const delivery of left) await this.tryToProcess(delivery.id)
    return left.length
  }

  /** One delivery that cannot be processed must not keep the others waiting, nor make its sender believe it was lost. */
  private async tryToProcess(id: string): Promise<Delivery | undefined> {
    try {
      return await this.process(id)
    } catch (error) {
      this.say(
        `delivery ${id} is stored and could not be processed: ${error instanceof Error ? error.message : String(error)}`,
      )
      return undefined
    }
  }

  private async store(by: Actor, source: string, body: Uint8Array, parsed: Parsed): Promise<Delivery> {
    const refused = 'faults' in parsed
    const faults = refused ? parsed.faults : []
    const delivery: Delivery = {
      id: this.world.newId('dlv'),
      source,
      by: by.id,
      received_at: time(this.world.now()),
      state: refused ? 'refused' : 'stored',
      body,
      received: refused ? 1 : parsed.alerts.length,
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
          detail: {
            source,
            received: delivery.received,
            bytes: body.byteLength,
            ...(refused ? { faults: delivery.faults } : { truncated: parsed.truncated ?? 0 }),
          },
        }),
      )
    })
    return delivery
  }

  /** One delivery, one transaction; undefined when somebody else has done it. */
  private async process(id: string): Promise<Delivery | undefined> {
    const by = processActor('api')
    let rings: readonly string[] = []
    const processed = await this.world.ledger.write(async (books) => {
      await books.lock({ key: [`delivery:${id}`] })
      const delivery = await books.deliveries.get(id)
      if (delivery?.state !== 'stored') return delivery
      const parsed = read(this.sources.get(delivery.source)!, delivery.body)
      if ('faults' in parsed) throw new Error(`delivery ${id} was readable when it was stored`)

      const triage = new Triage(this.world, this.rules, books, by, delivery.source)
      await triage.prepare(parsed.alerts, `delivery:${id}`)
      const counts = { opened: 0, joined: 0, repeated: 0, resolved: 0, suppressed: 0 }
      for (const alert of parsed.alerts) counts[await triage.take(alert)] += 1
      rings = triage.plansWanted
      await books.deliveries.change(id, { state: 'processed', ...counts })
      books.audit.append(
        entry(by, `delivery:${id}`, 'delivery.processed', `delivery:${id}`, { outcome: 'ok', detail: counts }),
      )
      return { ...delivery, state: 'processed' as const, ...counts }
    })
    for (const plan of rings) await this.doorbell.ring('plan', plan)
    return processed
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
