import type { Actor } from './actor.js'
import { entry } from './audit.js'
import type { Doorbell } from './jobs.js'
import type { Export, Request } from './rows.js'
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
  /** Bundles the log up to the newest checkpoint. Throws when there is none yet. */
  abstract make(exportId: string): Promise<{ entries: number; size: number; sha256: string; checkpoint_size: number }>
}

/** Makes the exports that were asked for. Safe to repeat: a bundle is written anew under the same name. */
export class Exports {
  constructor(
    private readonly world: World,
    private readonly bundles: BundleMaker,
    private readonly me: Actor,
  ) {}

  /** Makes one export; undefined when there is nothing to do. */
  async make(id: string): Promise<Export | undefined> {
    const { request, known } = await this.world.ledger.read(async (books) => ({
      request: await books.requests.get(id),
      known: await books.exports.get(id),
    }))
    if (request?.kind !== 'export' || known?.state === 'ready' || known?.state === 'failed') return known
    if (!known) await this.begin(request)
    try {
      const made = await this.bundles.make(id)
      return await this.end(id, { state: 'ready', ...made, because: null })
    } catch (error) {
      return this.end(id, { state: 'failed', because: error instanceof Error ? error.message : String(error) })
    }
  }

  /** The entry of the beginning is in the log before the first byte is written. */
  private begin(request: Request): Promise<void> {
    return this.write(request.id, async (books, stream) => {
      if (await books.exports.get(request.id)) return
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
    })
  }

  private end(id: string, columns: Partial<Export>): Promise<Export | undefined> {
    return this.write(id, async (books, stream) => {
      const now = await books.exports.get(id)
      if (now?.state !== 'running') return now
      const ended = { ...columns, ended_at: time(this.world.now()) }
      await books.exports.change(id, ended)
      const { state, entries = 0, size = 0, sha256 = '', because = '' } = ended
      books.audit.append(
        entry(this.me, stream, `export.${state}`, stream, {
          outcome: state === 'ready' ? 'ok' : 'failed',
          detail: { entries, size, ...(sha256 ? { sha256 } : {}), because: because ?? '' },
        }),
      )
      return { ...now, ...ended }
    })
  }

  private write<T>(
    id: string,
    work: (books: Parameters<Parameters<World['ledger']['write']>[0]>[0], stream: string) => Promise<T>,
  ): Promise<T> {
    const stream = `export:${id}`
    return this.world.ledger.write(async (books) => {
      await books.lock({ stream: [stream] })
      return work(books, stream)
    })
  }
}
