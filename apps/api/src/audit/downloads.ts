import { entry, exportFile, exportKinds, orderFromJson, Refused, type World } from '@firebreak/flow'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { insist } from '../http/rights.js'
import type { Caller } from '../people/callers.js'
import { rangeOf } from './range.js'

/** What is handed out: the bytes from `from` up to, but not with, `to`. */
export interface Download {
  file: FileHandle
  name: string
  mediaType: string
  /** Of the whole file. */
  size: number
  from: number
  to: number
  /** The file's digest: it never becomes another under the same name. */
  etag: string
}

/** Hands out exports. Who took one stands in the log before the first byte leaves. */
export class Downloads {
  constructor(
    private readonly world: World,
    private readonly blobs: string,
  ) {}

  /** Opens the file of an export. The caller closes it. */
  async open(by: Caller, id: string, range?: string, ifRange?: string): Promise<Download> {
    const found = await this.world.ledger.read((books) => books.exports.get(id))
    if (!found) {
      const asked = await this.world.ledger.read((books) => books.requests.get(id))
      if (asked?.kind === 'export') throw new Refused('in-progress', `The export ${id} is not made yet.`)
      throw new Refused('not-found', `There is no export ${id.slice(0, 100)}.`)
    }
    const asked = await this.world.ledger.read((books) => books.requests.get(id))
    if (orderFromJson(asked?.body ?? {}).disclose) insist('audit.disclose', by)
    if (found.state !== 'ready') throw new Refused('in-progress', `The export ${id} is ${found.state}.`)
    // The name comes from the record, not from the request: no path is built from what somebody asks for.
    const name = exportFile(found)
    const file = await open(join(this.blobs, 'exports', name)).catch(() => {
      throw new Refused('expired', `The file of ${id} is not in the blob store any more: ask for a new export.`)
    })
    try {
      const { size } = await file.stat()
      if (size !== found.size)
        throw new Refused('expired', `The file of ${id} is not as it was made: ask for a new export.`)
      const etag = `"${found.sha256 ?? ''}"`
      const { from, to } = rangeOf(ifRange === undefined || ifRange === etag ? range : undefined, size)
      const part = to - from < size ? { from, to } : {}
      await this.note(by, found.id, { size, sha256: found.sha256 ?? '', ...part })
      return { file, name, mediaType: exportKinds[found.kind].mediaType, size, from, to, etag }
    } catch (error) {
      await file.close()
      throw error
    }
  }

  private async note(
    by: Caller,
    id: string,
    detail: { size: number; sha256: string; from?: number; to?: number },
  ): Promise<void> {
    const stream = `export:${id}`
    await this.world.ledger.write(async (books) => {
      await books.lock({ stream: [stream] })
      books.audit.append(entry(by, stream, 'export.downloaded', stream, { outcome: 'ok', detail }))
    })
  }
}
