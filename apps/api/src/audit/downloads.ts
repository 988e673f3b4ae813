import { entry, Refused, type World } from '@firebreak/flow'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Caller } from '../people/callers.js'

/** Hands out bundles. Who took one stands in the log before the first byte leaves. */
export class Downloads {
  constructor(
    private readonly world: World,
    private readonly blobs: string,
  ) {}

  /** The open bundle and its length. The caller closes it. */
  async open(by: Caller, id: string): Promise<{ file: FileHandle; size: number }> {
    const found = await this.world.ledger.read((books) => books.exports.get(id))
    if (!found) {
      const asked = await this.world.ledger.read((books) => books.requests.get(id))
      if (asked?.kind === 'export') throw new Refused('in-progress', `The export ${id} is not made yet.`)
      throw new Refused('not-found', `There is no export ${id.slice(0, 100)}.`)
    }
    if (found.state !== 'ready') throw new Refused('in-progress', `The export ${id} is ${found.state}.`)
    // The id comes from the record, not from the request: no path is built from what somebody asks for.
    const file = await open(join(this.blobs, 'exports', `${found.id}.tar`)).catch(() => {
      throw new Refused('expired', `The bundle of ${id} is not in the blob store any more: ask for a new export.`)
    })
    try {
      const { size } = await file.stat()
      if (size !== found.size)
        throw new Refused('expired', `The bundle of ${id} is not as it was made: ask for a new export.`)
      await this.note(by, found.id, { size, sha256: found.sha256 ?? '' })
      return { file, size }
    } catch (error) {
      await file.close()
      throw error
    }
  }

  private async note(by: Caller, id: string, detail: { size: number; sha256: string }): Promise<void> {
    const stream = `export:${id}`
    await this.world.ledger.write(async (books) => {
      await books.lock({ stream: [stream] })
      books.audit.append(entry(by, stream, 'export.downloaded', stream, { outcome: 'ok', detail }))
    })
  }
}
