import { text } from '@firebreak/audit-log'
import type { IncidentClass, Recipe } from '@firebreak/kit'
import { processActor, type Actor } from './actor.js'
import { entry, plain } from './audit.js'
import type { IncomingAlert } from './intake.js'
import type { Doorbell } from './jobs.js'
import type { WriteBooks } from './ledger.js'
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
  /** Only the worker delivers for it, through the record: nobody can over HTTP. */
  own?: true
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
}

/** Deliveries that one round of the sweep takes up. */
const SWEPT_AT_ONCE = 50

/** Alerts that one transaction sorts in: each may lock a group and two streams, and write three rows (powers.md). */
const SLICE = 100

/** From a delivery to incidents. Stored first, answered second, understood third: nothing that was accepted is lost. */
export class Alerts {
  private sweptTo = ''

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
    if (!known || known.own) {
      const names = [...this.sources.values()].filter(({ own }) => !own).map(({ id }) => id)
      throw new Refused('not-found', `There is no alert source "${source}". Known: ${names.join(', ')}.`)
    }
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

  /**
   * Processes stored deliveries that a crash left behind, oldest first, a handful a round: what could not be processed
   * waits for its next turn behind the others. Answers how many it took up.
   */
  async sweep(): Promise<number> {
    const left = await this.world.ledger.read((books) =>
      books.deliveries.ids({ state: 'stored' }, { after: this.sweptTo, limit: SWEPT_AT_ONCE }),
    )
    for (const id of left) await this.tryToProcess(id)
    this.sweptTo = left.length < SWEPT_AT_ONCE ? '' : left.at(-1)!
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
      faults: faults.map(plainFault),
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

  /** One delivery, slice by slice, each in a transaction; undefined when it is not there. */
  private async process(id: string): Promise<Delivery | undefined> {
    for (;;) {
      const { delivery, plans } = await this.world.ledger.write((books) => this.processSlice(books, id))
      for (const plan of plans) await this.doorbell.ring('plan', plan)
      if (delivery?.state !== 'stored') return delivery
    }
  }

  /** The next slice. How far a delivery has come is the sum of its counts: a crash goes on where it was. */
  private async processSlice(
    books: WriteBooks,
    id: string,
  ): Promise<{ delivery: Delivery | undefined; plans: readonly string[] }> {
    const by = processActor('api')
    const stream = `delivery:${id}`
    await books.lock({ key: [stream] })
    const delivery = await books.deliveries.get(id)
    if (delivery?.state !== 'stored') return { delivery, plans: [] }
    const { opened, joined, repeated, resolved, suppressed } = delivery
    const counts = { opened, joined, repeated, resolved, suppressed }
    const done = opened + joined + repeated + resolved + suppressed
    const parsed = readAs(this.sources.get(delivery.source), delivery)
    if ('faults' in parsed) {
      // It was readable when it was stored: a source that is gone since, or a row that nobody of ours wrote.
      await books.lock({ stream: [stream] })
      const refused = {
        state: 'refused' as const,
        refused: delivery.received - done,
        faults: parsed.faults.map(plainFault),
      }
      await books.deliveries.change(id, refused)
      books.audit.append(
        entry(by, stream, 'delivery.refused', stream, { outcome: 'refused', detail: { faults: refused.faults } }),
      )
      return { delivery: { ...delivery, ...refused }, plans: [] }
    }
    const slice = parsed.alerts.slice(done, done + SLICE)
    const triage = new Triage(this.world, this.rules, books, by, delivery.source)
    await triage.prepare(slice, stream)
    for (const alert of slice) counts[await triage.take(alert)] += 1
    const state = done + slice.length < parsed.alerts.length ? ('stored' as const) : ('processed' as const)
    await books.deliveries.change(id, { state, ...counts })
    if (state === 'processed')
      books.audit.append(entry(by, stream, 'delivery.processed', stream, { outcome: 'ok', detail: counts }))
    return { delivery: { ...delivery, state, ...counts }, plans: triage.plansWanted }
  }
}

/** A fault as a row and an entry take it: a parser's message may quote half a character of what it read. */
const plainFault = ({ pointer, message }: Fault) => ({ pointer: plain(pointer), message: plain(message) })

const readAs = (source: AlertSource | undefined, { source: name, body }: Delivery): Parsed =>
  source ? read(source, body) : { faults: [{ pointer: '', message: `there is no alert source ${name} any more` }] }

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
