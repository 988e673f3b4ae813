import { filterText, streamsNamed, type Completeness, type ExportFilter } from '@firebreak/audit-log'
import type { JsonObject } from '@firebreak/kit'
import type { Actor } from './actor.js'
import { entry } from './audit.js'
import { acceptable, completenessOf, orderFromJson, orderToJson, type ExportOrder } from './export-kinds.js'
import type { Doorbell } from './jobs.js'
import type { WriteBooks } from './ledger.js'
import { reasonOf } from './planner.js'
import { Refused } from './refused.js'
import type { Export, Request } from './rows.js'
import { TenureLost, type Tenures } from './tenure.js'
import type { Timers } from './timers.js'
import { time, type World } from './world.js'

/** Looks into the log for somebody who wants to ask for a part of it. */
export abstract class LogLook {
  /** Whether a filter finds anything; undefined where that would take too long to say. */
  abstract finds(filter: ExportFilter): Promise<boolean | undefined>
}

/** Asking for an export of the log. Making it is the worker's. */
export class ExportRequests {
  constructor(
    private readonly world: World,
    private readonly doorbell: Doorbell,
    private readonly log: LogLook,
  ) {}

  /** Answers the request, whose id is the export's. */
  async ask(by: Actor, order: ExportOrder, reason: string): Promise<Request> {
    acceptable(order)
    if ((await this.log.finds(order.filter)) === false) throw new Refused('empty-selection', NOTHING)
    const request: Request = {
      id: this.world.newId('exp'),
      kind: 'export',
      subject: null,
      body: orderToJson(order),
      incident_id: null,
      by: by.id,
      reason,
      at: time(this.world.now()),
    }
    const stream = `export:${request.id}`
    await this.world.ledger.write(async (books) => {
      await books.lock({ stream: [stream] })
      await books.requests.add(request)
      books.audit.append(
        entry(by, stream, 'export.requested', `request:${request.id}`, {
          outcome: 'ok',
          ...(reason ? { reason } : {}),
          detail: told(order),
        }),
      )
    })
    await this.doorbell.ring('export', request.id)
    return request
  }
}

const NOTHING =
  'Nothing in the log, as far as a checkpoint covers it, is as this filter asks: make it wider, or ask for everything.'

/** What was asked for, as the log tells it. */
const told = (order: ExportOrder): JsonObject => ({
  kind: order.kind,
  completeness: completenessOf(order).toLowerCase(),
  ...(completenessOf(order) === 'FULL' ? {} : { filter: filterText(order.filter) }),
  ...(order.controls.length > 0 ? { controls: order.controls } : {}),
  ...(order.disclose ? { disclosed: true } : {}),
})

/** How far an export is. What lies behind `size` is durable. */
export interface ExportProgress {
  entries: number
  /** The next place of the log to look at. */
  position: number
  /** Where it ends. */
  total: number
  /** Bytes that are on the disk. */
  size: number
}

/** One export to make, and what is known of it. */
export interface ExportWork {
  id: string
  /** Tells two makers of one export apart: neither writes into the other's file. */
  fence: number
  order: ExportOrder
  /** The size of the checkpoint that it ends with. A successor ends with the same one. */
  checkpoint_size: number
  /** Where a predecessor got to; its file bears the fence before. */
  reached: ExportProgress | undefined
}

export interface ExportMade {
  entries: number
  size: number
  sha256: string
  /** `sha256:` and hex: of a bundle's manifest. */
  manifest: string | null
}

/** Writes exports somewhere. Real: files in the blob store. */
export abstract class ExportMaker {
  /** The key that it signs bundles with, as a vkey: the log names it before the first byte. */
  abstract readonly exporter: string | undefined
  /**
   * The checkpoint to end with: the newest one that covers the beginning of this export, or undefined as long as there is
   * none; `anyway`: the newest one at all.
   */
  abstract checkpoint(id: string, anyway: boolean): Promise<number | undefined>
  /** Writes it. `report` is told what has become durable; what it throws ends the writing. */
  abstract make(work: ExportWork, report: (progress: ExportProgress) => Promise<void>): Promise<ExportMade>
}

/** All of them are locked at once, and stand in one entry. */
const MOST_STREAMS = 300
const TOO_MANY = `streams belong to what was asked for, and at most ${MOST_STREAMS} can be told as a whole: ask for fewer, or for everything.`

/** Between two looks for the checkpoint, and how many of them: ten seconds. */
const LOOK_EVERY_MS = 200
const LOOKS = 50

/**
 * Makes the exports that were asked for. Two steps: the entry of the beginning commits, for whole streams with the count
 * of each, made while nobody could append to them; and what is written ends with a checkpoint that covers this entry. Safe to
 * repeat: a successor makes the same bytes, or goes on where they were durable.
 */
export class Exports {
  constructor(
    private readonly world: World,
    private readonly maker: ExportMaker,
    private readonly tenures: Tenures,
    private readonly timers: Timers,
    private readonly me: Actor,
  ) {}

  /** Makes one export; answers its state, or why there was nothing to do. */
  async make(id: string): Promise<Export['state'] | 'elsewhere' | 'not-asked'> {
    const request = await this.world.ledger.read((books) => books.requests.get(id))
    if (request?.kind !== 'export') return 'not-asked'
    const order = orderFromJson(request.body)
    const whole = completenessOf(order) === 'STREAM' ? await this.streamsOf(order.filter) : []
    const begun = await this.begin(request, order, whole.length > MOST_STREAMS ? [] : whole)
    if (typeof begun === 'string') return begun
    return this.tenures.during(
      id,
      begun.fence,
      (ms, work) => this.timers.every(ms, work),
      async () => {
        try {
          if (whole.length > MOST_STREAMS) throw new Error(`${whole.length} ${TOO_MANY}`)
          const checkpoint_size = await this.pin(id, begun, completenessOf(order))
          const work = { id, fence: begun.fence, order, checkpoint_size, reached: begun.reached }
          const made = await this.maker.make(work, (progress) => this.report(id, begun.fence, progress))
          return await this.end(id, begun.fence, { state: 'ready', ...made, checkpoint_size, because: null })
        } catch (error) {
          if (error instanceof TenureLost) return 'elsewhere'
          return this.end(id, begun.fence, { state: 'failed', because: reasonOf(error) }).catch((other: unknown) => {
            if (other instanceof TenureLost) return 'elsewhere' as const
            throw other
          })
        }
      },
    )
  }

  /** The entry of the beginning is in the log before the first byte is written. */
  private begin(
    request: Request,
    order: ExportOrder,
    whole: readonly string[],
  ): Promise<Begun | Export['state'] | 'elsewhere'> {
    return this.world.ledger.write(async (books) => {
      const stream = `export:${request.id}`
      await books.lock({ key: [`tenure:${request.id}`], stream: [...new Set([stream, ...whole])] })
      const known = await books.exports.get(request.id)
      if (known?.state === 'ready' || known?.state === 'failed') return known.state
      const fence = await this.tenures.take(books, request.id)
      if (fence === undefined) return 'elsewhere'
      if (known) return { fence, pinned: known.checkpoint_size, reached: reachedBy(known) }
      await books.exports.add({ ...blank(request, order), started_at: time(this.world.now()) })
      const streams = await counted(
        books,
        whole.filter((one) => one !== stream),
      )
      books.audit.append(
        entry(this.me, stream, 'export.running', stream, {
          outcome: 'ok',
          detail: {
            ...told(order),
            ...(streams.length > 0 ? { streams } : {}),
            ...(this.maker.exporter === undefined ? {} : { exporter: this.maker.exporter }),
          },
        }),
      )
      return { fence, pinned: 0, reached: undefined }
    })
  }

  /** The streams that a filter names, and those that belong to them: a run's plan, an incident's plans and their runs. */
  private streamsOf(filter: ExportFilter): Promise<string[]> {
    return this.world.ledger.read(async (books) => {
      const streams = new Set(streamsNamed(filter))
      const { incident, plan, run } = filter
      if (incident !== undefined) {
        const plans = await books.plans.where({ incident_id: incident })
        for (const { id } of plans) streams.add(`plan:${id}`)
        for (const { id } of await books.runs.where({ plan_id: plans.map(({ id }) => id) })) streams.add(`run:${id}`)
      }
      if (plan !== undefined) for (const { id } of await books.runs.where({ plan_id: plan })) streams.add(`run:${id}`)
      const carriedOut = run === undefined ? undefined : await books.runs.get(run)
      if (carriedOut) streams.add(`plan:${carriedOut.plan_id}`)
      return [...streams].sort()
    })
  }

  /** Waits for the checkpoint to end with, and writes it down: whoever takes over makes the same export. */
  private async pin(id: string, { fence, pinned }: Begun, completeness: Completeness): Promise<number> {
    if (pinned > 0) return pinned
    let size: number | undefined
    for (let look = 1; size === undefined && look <= LOOKS; look++) {
      if (look > 1) await this.timers.sleep(LOOK_EVERY_MS)
      size = await this.maker.checkpoint(id, false)
    }
    // Whole streams need the entry that counted them; anything else is worth having as it stood last.
    if (completeness !== 'STREAM') size ??= await this.maker.checkpoint(id, true)
    if (size === undefined) throw new Error(NOT_COVERED)
    await this.change(id, fence, { checkpoint_size: size })
    return size
  }

  private report(id: string, fence: number, { entries, position, size, total }: ExportProgress): Promise<void> {
    return this.change(id, fence, { entries, position, size, total })
  }

  /** How far it is: no change of state, and so no entry. */
  private async change(id: string, fence: number, columns: Partial<Omit<Export, 'id' | 'state'>>): Promise<void> {
    await this.world.ledger.write(async (books) => {
      await books.lock({ key: [`tenure:${id}`] })
      await this.tenures.hold(books, id, fence)
      await books.exports.change(id, columns)
    })
  }

  private end(id: string, fence: number, columns: Partial<Export> & Pick<Export, 'state'>): Promise<Export['state']> {
    return this.world.ledger.write(async (books) => {
      const stream = `export:${id}`
      await books.lock({ key: [`tenure:${id}`], stream: [stream] })
      await this.tenures.hold(books, id, fence)
      const { checkpoint_size, entries = 0, manifest, size = 0, sha256, state, because } = columns
      await books.exports.change(id, { ...columns, ended_at: time(this.world.now()) })
      const made = state === 'ready' ? { entries, size, checkpoint_size: checkpoint_size ?? 0 } : {}
      books.audit.append(
        entry(this.me, stream, `export.${state}`, stream, {
          outcome: state === 'ready' ? 'ok' : 'failed',
          detail: {
            ...made,
            ...(sha256 ? { sha256 } : {}),
            ...(manifest ? { manifest } : {}),
            ...(because ? { because } : {}),
          },
        }),
      )
      await this.tenures.release(books, id, fence)
      return state
    })
  }
}

const NOT_COVERED =
  'No checkpoint covers the beginning of this export: is the sequencer running, and does the notary answer?'

/** An export that this worker has taken up. */
interface Begun {
  fence: number
  /** Of the checkpoint; 0 as long as none was chosen. */
  pinned: number
  reached: ExportProgress | undefined
}

const reachedBy = ({ entries, position, size, total }: Export): ExportProgress | undefined =>
  size > 0 ? { entries, position, size, total } : undefined

const blank = (request: Request, order: ExportOrder): Omit<Export, 'started_at'> => ({
  id: request.id,
  state: 'running',
  by: request.by,
  kind: order.kind,
  completeness: completenessOf(order),
  filter: order.filter as JsonObject,
  entries: 0,
  position: 0,
  total: 0,
  size: 0,
  sha256: null,
  manifest: null,
  checkpoint_size: 0,
  because: null,
  ended_at: null,
})

/** How long each stream is now, and stays until this transaction ends; without those that nothing was ever said in. */
async function counted({ audit }: WriteBooks, streams: string[]): Promise<{ stream: string; count: number }[]> {
  const counts = await audit.count(streams)
  return streams.map((stream) => ({ stream, count: counts.get(stream) ?? 0 })).filter(({ count }) => count > 0)
}
