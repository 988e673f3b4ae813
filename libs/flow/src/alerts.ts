import { text } from '@firebreak/audit-log'
import type { IncidentClass, Recipe } from '@firebreak/kit'
import { processActor, type Actor } from './actor.js'
import { entry, plain } from './audit.js'
import type { Account } from './follower.js'
import type { IncomingAlert } from './intake.js'
import type { Doorbell } from './jobs.js'
import type { WriteBooks } from './ledger.js'
import { Refused, type Fault } from './refused.js'
import type { Delivery, Severity } from './rows.js'
import { Together } from './together.js'
import { Triage } from './triage.js'
import { followerOf, time, type World } from './world.js'

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

/** Alerts that one transaction sorts in: each may lock a group and a stream, and write three rows (powers.md). */
const SLICE = 100

/** Deliveries that one transaction stores. */
const STORED_AT_ONCE = 64
const STORED_BYTES = 4 * 1024 * 1024

/**
 * From a delivery to incidents. It is stored and sorted in at once where that goes, and else stored alone: nothing is
 * answered that is not stored, and what is stored and not understood is taken up by the sweep.
 */
export class Alerts {
  private sweptTo = ''
  private readonly arriving = new Together<Readable, Delivery>(
    (told) => this.takeIn(told),
    (taken, next) =>
      taken[0]!.delivery.source === next.delivery.source &&
      isStorable(taken, next) &&
      sumOf(taken, ({ alerts }) => alerts.length) + next.alerts.length <= SLICE,
    () => this.gather(),
  )
  private readonly storing = new Together<Told, Delivery>((told) => this.store(told), isStorable)

  constructor(
    private readonly world: World,
    private readonly sources: ReadonlyMap<string, AlertSource>,
    private readonly rules: AlertRules,
    private readonly doorbell: Doorbell,
    private readonly say: (line: string) => void,
    /** Is waited for before deliveries are taken in, so that those that come at the same moment are taken in together. */
    private readonly gather = (): Promise<void> => Promise.resolve(),
  ) {}

  /**
   * Stores one delivery and processes it in the same request. Answers what became of its alerts; one that could not be
   * processed is stored and answered as it is, and the sweep takes it up.
   * Unreadable bytes are stored too, as refused, and then thrown as `malformed` with pointers.
   */
  async receive(actor: Actor, source: string, body: Uint8Array): Promise<Delivery> {
    const known = this.sources.get(source)
    if (!known || known.own) {
      const names = [...this.sources.values()].filter(({ own }) => !own).map(({ id }) => id)
      throw new Refused('not-found', `There is no alert source "${source}". Known: ${names.join(', ')}.`)
    }
    return followerOf(this.world).during('intake', { source: known.id }, async (learn) => {
      const delivery = await this.take(actor, known, body)
      const { opened, joined, repeated, resolved, suppressed } = delivery
      const fate = Object.entries({ opened, joined, resolved, repeated, suppressed }).find(([, many]) => many > 0)
      learn({ delivery: delivery.id, outcome: fate?.[0] ?? delivery.state })
      return delivery
    })
  }

  private async take(actor: Actor, source: AlertSource, body: Uint8Array): Promise<Delivery> {
    const parsed = read(source, body)
    const told = this.told(actor, source.id, body, parsed)
    if ('faults' in parsed) {
      const { id } = await this.storing.do(told)
      throw new Refused(
        'malformed',
        `The delivery ${id} could not be read as ${source.id}; it stands in the ledger as refused.`,
        parsed.faults,
      )
    }
    const delivery = await this.arrive({ ...told, alerts: parsed.alerts })
    if (delivery.state !== 'stored' || doneOf(delivery) === 0) return delivery
    return (
      (await this.tryToProcess(delivery.id, () => told.under(() => this.sortIn(delivery.id, told.under)))) ?? delivery
    )
  }

  /** Its alerts may be what cannot be kept; its bytes can. */
  private async arrive(told: Readable): Promise<Delivery> {
    try {
      return await this.arriving.do(told)
    } catch (error) {
      const delivery = await this.storing.do(told)
      this.notProcessed(delivery.id, error)
      return delivery
    }
  }

  /**
   * Processes stored deliveries that a crash left behind, oldest first, a handful a round: what could not be processed
   * waits for its next turn behind the others. Answers how many it took up.
   */
  async sweep(): Promise<number> {
    const left = await this.world.ledger.read((books) =>
      books.deliveries.ids({ state: 'stored' }, { after: this.sweptTo, limit: SWEPT_AT_ONCE }),
    )
    for (const id of left) await this.tryToProcess(id, () => this.sortIn(id, (work) => work()))
    this.sweptTo = left.length < SWEPT_AT_ONCE ? '' : left.at(-1)!
    return left.length
  }

  /** One delivery that cannot be processed must not keep the others waiting, nor make its sender believe it was lost. */
  private async tryToProcess(
    id: string,
    nextSlice: () => Promise<Delivery | undefined>,
  ): Promise<Delivery | undefined> {
    try {
      for (;;) {
        const delivery = await nextSlice()
        if (delivery?.state !== 'stored') return delivery
      }
    } catch (error) {
      this.notProcessed(id, error)
      return undefined
    }
  }

  private notProcessed(id: string, error: unknown): void {
    this.say(
      `delivery ${id} is stored and could not be processed: ${error instanceof Error ? error.message : String(error)}`,
    )
  }

  private told(by: Actor, source: string, body: Uint8Array, parsed: Parsed): Told {
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
    const under = followerOf(this.world).bind()
    return { by, delivery, truncated: refused ? 0 : (parsed.truncated ?? 0), under }
  }

  /** Stores them and sorts them in, in one transaction: of one that has more alerts than a slice, its first. All are of one source. */
  private async takeIn(told: readonly Readable[]): Promise<Delivery[]> {
    const slices = told.map((one) => sliceOf(one.delivery, one.alerts))
    const { deliveries, plans } = await this.world.ledger.write(async (books) => {
      const triage = new Triage(this.world, this.rules, books, processActor('api'), told[0]!.delivery.source)
      await triage.prepare(slices.flatMap(({ slice }) => slice))
      const deliveries: Delivery[] = []
      for (const [nth, one] of told.entries())
        deliveries.push(
          await one.under(async () => {
            begun(books, one)
            return { ...one.delivery, ...(await this.sortOne(books, triage, slices[nth]!)) }
          }),
        )
      await triage.settle()
      await books.deliveries.add(...deliveries)
      return { deliveries, plans: triage.plansWanted }
    })
    await this.ring(plans)
    return deliveries
  }

  private async store(told: readonly Told[]): Promise<Delivery[]> {
    const deliveries = told.map(({ delivery }) => delivery)
    await this.world.ledger.write(async (books) => {
      for (const one of told) one.under(() => begun(books, one))
      await books.deliveries.add(...deliveries)
    })
    return deliveries
  }

  /** The next slice of a delivery that is stored, in one transaction; undefined when it is not there. */
  private async sortIn(id: string, under: Account): Promise<Delivery | undefined> {
    const { delivery, plans } = await this.world.ledger.write((books) => under(() => this.sortSlice(books, id)))
    await this.ring(plans)
    return delivery
  }

  /** How far a delivery has come is the sum of its counts: a crash goes on where it was. */
  private async sortSlice(
    books: WriteBooks,
    id: string,
  ): Promise<{ delivery: Delivery | undefined; plans: Triage['plansWanted'] }> {
    const own = [streamOf(id)]
    const [, delivery] = await Promise.all([books.lock({ key: own }), books.deliveries.get(id)])
    if (delivery?.state !== 'stored') return { delivery, plans: [] }

    const triage = new Triage(this.world, this.rules, books, processActor('api'), delivery.source)
    const parsed = readAs(this.sources.get(delivery.source), delivery)
    // It was readable when it was stored: a source that is gone since, or a row that nobody of ours wrote.
    const next = 'faults' in parsed ? { delivery, faults: parsed.faults } : sliceOf(delivery, parsed.alerts)
    await triage.prepare('slice' in next ? next.slice : [], own)
    const end = await this.sortOne(books, triage, next)
    await triage.settle()
    await books.deliveries.change(id, end)
    return { delivery: { ...delivery, ...end }, plans: triage.plansWanted }
  }

  /** What of one delivery comes to in this transaction, told with its alerts' fates. */
  private async sortOne(books: WriteBooks, triage: Triage, { delivery, ...next }: Slice | Unreadable): Promise<End> {
    const stream = streamOf(delivery.id)
    const tell = (type: string, rest: Parameters<typeof entry>[4]) =>
      books.audit.append(entry(processActor('api'), stream, type, stream, rest))
    if ('faults' in next) {
      const faults = next.faults.map(plainFault)
      tell('delivery.refused', { outcome: 'refused', detail: { faults } })
      return { state: 'refused', refused: delivery.received - doneOf(delivery), faults }
    }
    const { opened, joined, repeated, resolved, suppressed } = delivery
    const counts = { opened, joined, repeated, resolved, suppressed }
    for (const alert of next.slice) counts[await triage.take(alert)] += 1
    if (next.last) tell('delivery.processed', { outcome: 'ok', detail: { ...counts } })
    return { state: next.last ? 'processed' : 'stored', ...counts }
  }

  private async ring(plans: Triage['plansWanted']): Promise<void> {
    await Promise.all(plans.map(({ id, under }) => under(() => this.doorbell.ring('plan', id))))
  }
}

/** A delivery as it came. */
interface Told {
  by: Actor
  delivery: Delivery
  truncated: number
  under: Account
}

/** One that its source could read. */
interface Readable extends Told {
  alerts: readonly IncomingAlert[]
}

interface Unreadable {
  delivery: Delivery
  faults: readonly Fault[]
}

/** What of a delivery comes next. */
interface Slice {
  delivery: Delivery
  slice: readonly IncomingAlert[]
  last: boolean
}

/** How a delivery stands after a transaction. */
type End = Partial<Delivery> & Pick<Delivery, 'state'>

/** Its first entry. */
function begun(books: WriteBooks, { by, delivery, truncated }: Told): void {
  const { id, state, source, received, body, faults } = delivery
  const [stream, refused] = [streamOf(id), state === 'refused']
  books.audit.begin(stream)
  books.audit.append(
    entry(by, stream, refused ? 'delivery.refused' : 'delivery.stored', stream, {
      outcome: refused ? 'refused' : 'ok',
      detail: { source, received, bytes: body.byteLength, ...(refused ? { faults } : { truncated }) },
    }),
  )
}

function isStorable(taken: readonly Told[], { delivery }: Told): boolean {
  return (
    taken.length < STORED_AT_ONCE &&
    sumOf(taken, (one) => one.delivery.body.byteLength) + delivery.body.byteLength <= STORED_BYTES
  )
}

function sliceOf(delivery: Delivery, alerts: readonly IncomingAlert[]): Slice {
  const done = doneOf(delivery)
  const slice = alerts.slice(done, done + SLICE)
  return { delivery, slice, last: done + slice.length >= alerts.length }
}

const doneOf = ({ opened, joined, repeated, resolved, suppressed }: Delivery) =>
  opened + joined + repeated + resolved + suppressed

const streamOf = (id: string) => `delivery:${id}`

const sumOf = <T>(many: readonly T[], of: (one: T) => number) => many.reduce((sum, one) => sum + of(one), 0)

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
