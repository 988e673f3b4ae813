import type { Actor } from './actor.js'
import { entry } from './audit.js'
import type { Doorbell } from './jobs.js'
import { reasonOf } from './planner.js'
import type { Export, Request } from './rows.js'
import { TenureLost, type Tenures } from './tenure.js'
import type { Timers } from './timers.js'
import { time, type World } from './world.js'

/** Asking for an export of the log. Making it is the worker's. */
export class ExportRequests {
  constructor(
    private readonly world: World,
    private readonly doorbell: Doorbell,
  ) {}

  /** Asks for an evidence bundle of the whole log. Answers the request, whose id is the export's. */
  async ask(by: Actor, reason: string): Promise<Request> {
    const request: Request = {
      id: this.world.newId('exp'),
      kind: 'export',
      subject: null,
      body: { kind: 'evidence-bundle' },
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
          detail: { kind: 'evidence-bundle' },
        }),
      )
    })
    await this.doorbell.ring('export', request.id)
    return request
  }
}

/** Writes a bundle somewhere and answers what it is. Real: a tar in the blob store. */
export abstract class BundleMaker {
  /**
   * Bundles the log up to the newest checkpoint. Throws when there is none yet. `fence` tells two makers of one export
   * apart: neither writes into the other's file.
   */
  abstract make(
    exportId: string,
    fence: number,
  ): Promise<{ entries: number; size: number; sha256: string; checkpoint_size: number }>
}

/** Makes the exports that were asked for. Safe to repeat: a bundle is written anew under the same name. */
export class Exports {
  constructor(
    private readonly world: World,
    private readonly bundles: BundleMaker,
    private readonly tenures: Tenures,
    private readonly timers: Timers,
    private readonly me: Actor,
  ) {}

  /** Makes one export; answers its state, or why there was nothing to do. */
  async make(id: string): Promise<Export['state'] | 'elsewhere' | 'not-asked'> {
    const request = await this.world.ledger.read((books) => books.requests.get(id))
    if (request?.kind !== 'export') return 'not-asked'
    const begun = await this.begin(request)
    if (typeof begun === 'string') return begun
    return this.tenures.during(
      id,
      begun,
      (ms, work) => this.timers.every(ms, work),
      async () => {
        try {
          return await this.end(id, begun, { state: 'ready', ...(await this.bundles.make(id, begun)), because: null })
        } catch (error) {
          if (error instanceof TenureLost) return 'elsewhere'
          return this.end(id, begun, { state: 'failed', because: reasonOf(error) })
        }
      },
    )
  }

  /** The entry of the beginning is in the log before the first byte is written. Answers the fence. */
  private begin(request: Request): Promise<number | Export['state'] | 'elsewhere'> {
    return this.world.ledger.write(async (books) => {
      const stream = `export:${request.id}`
      await books.lock({ key: [`tenure:${request.id}`], stream: [stream] })
      const known = await books.exports.get(request.id)
      if (known?.state === 'ready' || known?.state === 'failed') return known.state
      const fence = await this.tenures.take(books, request.id)
      if (fence === undefined) return 'elsewhere'
      if (known) return fence
      await books.exports.add({
        id: request.id,
        state: 'running',
        by: request.by,
        entries: 0,
        size: 0,
        sha256: null,
        checkpoint_size: 0,
        because: null,
        started_at: time(this.world.now()),
        ended_at: null,
      })
      books.audit.append(entry(this.me, stream, 'export.running', stream, { outcome: 'ok' }))
      return fence
    })
  }

  private end(id: string, fence: number, columns: Partial<Export> & Pick<Export, 'state'>): Promise<Export['state']> {
    return this.world.ledger.write(async (books) => {
      const stream = `export:${id}`
      await books.lock({ key: [`tenure:${id}`], stream: [stream] })
      await this.tenures.hold(books, id, fence)
      const { state, entries = 0, size = 0, sha256, because } = columns
      await books.exports.change(id, { ...columns, ended_at: time(this.world.now()) })
      books.audit.append(
        entry(this.me, stream, `export.${state}`, stream, {
          outcome: state === 'ready' ? 'ok' : 'failed',
          detail: { entries, size, ...(sha256 ? { sha256 } : {}), because: because ?? '' },
        }),
      )
      await this.tenures.release(books, id, fence)
      return state
    })
  }
}
