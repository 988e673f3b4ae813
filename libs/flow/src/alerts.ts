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

/** Alerts that one transaction sorts in: each may lock a group and two streams, and write three rows (powers.md). */
const SLICE = 100

/** Deliveries that one transaction stores. */
const STORED_AT_ONCE = 64
const STORED_BYTES = 4 * 1024 * 1024

/** From a delivery to incidents. Stored first, answered second, understood third: nothing that was accepted is lost. */
export class Alerts {
  private sweptTo = ''
  private readonly storing = new Together<Told, Delivery>(
    (told) => this.store(told),
    (taken, { delivery }) =>
      taken.length < STORED_AT_ONCE &&
      sumOf(taken, (one) => one.delivery.body.byteLength) + delivery.body.byteLength <= STORED_BYTES,
  )
  private readonly sorting = new Together<Told, Delivery | undefined>(
    (told) => this.sortIn(told.map(({ delivery: { id }, under }) => ({ id, under }))),
    (taken, { delivery }) =>
      taken[0]!.delivery.source === delivery.source &&
      sumOf(taken, (one) => one.delivery.received) + delivery.received <= SLICE,
  )

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
    const delivery = await this.storing.do(told)
    if ('faults' in parsed)
      throw new Refused(
        'malformed',
        `The delivery ${delivery.id} could not be read as ${source.id}; it stands in the ledger as refused.`,
        parsed.faults,
      )
    return (await this.tryToProcess(delivery.id, () => this.sorting.do(told))) ?? delivery
  }

  /**
   * Processes stored deliveries that a crash left behind, oldest first, a handful a round: what could not be processed
   * waits for its next turn behind the others. Answers how many it took up.
   */
  async sweep(): Promise<number> {
    const left = await this.world.ledger.read((books) =>
      books.deliveries.ids({ state: 'stored' }, { after: this.sweptTo, limit: SWEPT_AT_ONCE }),
    )
    for (const id of left)
      await this.tryToProcess(id, async () => (await this.sortIn([{ id, under: (work) => work() }]))[0])
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
      this.say(
        `delivery ${id} is stored and could not be processed: ${error instanceof Error ? error.message : String(error)}`,
      )
      return undefined
    }
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

  private async store(told: readonly Told[]): Promise<Delivery[]> {
    await this.world.ledger.write(async (books) => {
      await books.lock({ stream: told.map(({ delivery }) => streamOf(delivery.id)) })
      await books.deliveries.add(...told.map(({ delivery }) => delivery))
      for (const { by, delivery, truncated, under } of told) {
        const { id, state, source, received, body, faults } = delivery
        const refused = state === 'refused'
        const line = entry(by, streamOf(id), refused ? 'delivery.refused' : 'delivery.stored', streamOf(id), {
          outcome: refused ? 'refused' : 'ok',
          detail: { source, received, bytes: body.byteLength, ...(refused ? { faults } : { truncated }) },
        })
        under(() => books.audit.append(line))
      }
    })
    return told.map(({ delivery }) => delivery)
  }

  /**
   * The next slice of each of these, in one transaction; undefined for one that is not there. All are of one source, and one
   * that has more alerts than a slice comes alone.
   */
  private async sortIn(stored: readonly Stored[]): Promise<(Delivery | undefined)[]> {
    const { deliveries, plans } = await this.world.ledger.write((books) => this.sortSlices(books, stored))
    for (const { id, under } of plans) await under(() => this.doorbell.ring('plan', id))
    return stored.map(({ id }) => deliveries.get(id))
  }

  /** How far a delivery has come is the sum of its counts: a crash goes on where it was. */
  private async sortSlices(
    books: WriteBooks,
    stored: readonly Stored[],
  ): Promise<{ deliveries: Map<string, Delivery>; plans: Triage['plansWanted'] }> {
    const by = processActor('api')
    const ids = stored.map(({ id }) => id)
    const accounts = new Map(stored.map(({ id, under }) => [id, under]))
    await books.lock({ key: ids.map(streamOf) })
    const rows = await books.deliveries.where({ id: [...ids] })
    const deliveries = new Map(rows.map((row) => [row.id, row]))
    const open = rows.filter(({ state }) => state === 'stored').map((row) => this.sliceOf(row))
    if (open.length === 0) return { deliveries, plans: [] }

    const triage = new Triage(this.world, this.rules, books, by, open[0]!.delivery.source)
    const slices = open.flatMap((one) => ('slice' in one ? one.slice : []))
    await triage.prepare(slices, open.map(({ delivery }) => streamOf(delivery.id))) // prettier-ignore
    for (const one of open)
      deliveries.set(one.delivery.id, await accounts.get(one.delivery.id)!(() => this.sortOne(books, triage, by, one)))
    return { deliveries, plans: triage.plansWanted }
  }

  private async sortOne(books: WriteBooks, triage: Triage, by: Actor, one: Slice | Unreadable): Promise<Delivery> {
    const { id } = one.delivery
    const end = 'faults' in one ? unreadable(one.delivery, one.faults) : await counted(triage, one)
    await books.deliveries.change(id, end)
    if (end.state === 'refused')
      books.audit.append(
        entry(by, streamOf(id), 'delivery.refused', streamOf(id), {
          outcome: 'refused',
          detail: { faults: end.faults },
        }),
      )
    if (end.state === 'processed') {
      const { opened, joined, repeated, resolved, suppressed } = end
      const detail = { opened, joined, repeated, resolved, suppressed }
      books.audit.append(entry(by, streamOf(id), 'delivery.processed', streamOf(id), { outcome: 'ok', detail }))
    }
    return { ...one.delivery, ...end }
  }

  private sliceOf(delivery: Delivery): Slice | Unreadable {
    const parsed = readAs(this.sources.get(delivery.source), delivery)
    // It was readable when it was stored: a source that is gone since, or a row that nobody of ours wrote.
    if ('faults' in parsed) return { delivery, faults: parsed.faults }
    const done = doneOf(delivery)
    const slice = parsed.alerts.slice(done, done + SLICE)
    return { delivery, slice, last: done + slice.length >= parsed.alerts.length }
  }
}

/** A delivery as it came. */
interface Told {
  by: Actor
  delivery: Delivery
  truncated: number
  under: Account
}

/** One that stands in the record, and on whose account it is sorted in. */
interface Stored {
  id: string
  under: Account
}

interface Unreadable {
  delivery: Delivery
  faults: Fault[]
}

/** What of a delivery comes next. */
interface Slice {
  delivery: Delivery
  slice: readonly IncomingAlert[]
  last: boolean
}

async function counted(triage: Triage, { delivery, slice, last }: Slice) {
  const { opened, joined, repeated, resolved, suppressed } = delivery
  const counts = { opened, joined, repeated, resolved, suppressed }
  for (const alert of slice) counts[await triage.take(alert)] += 1
  return { state: last ? ('processed' as const) : ('stored' as const), ...counts }
}

const unreadable = (delivery: Delivery, faults: readonly Fault[]) => ({
  state: 'refused' as const,
  refused: delivery.received - doneOf(delivery),
  faults: faults.map(plainFault),
})

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
