import { base64, leafHash, text } from '@firebreak/audit-log'
import { entriesBetween, newestCheckpoint, proofReader, type Tx } from '@firebreak/audit-store'
import { Refused } from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import type { z } from 'zod'
import type { EntriesQuery, InclusionQuery } from './audit.schema.js'

/** The log as others may check it: only what a published checkpoint covers. */
export class LogReadModel {
  constructor(private readonly source: DataSource) {}

  /** The newest checkpoint, cosigned: a signed note. */
  async checkpoint(): Promise<string> {
    return (await this.newest()).cosigned
  }

  async entries({ limit, after }: z.infer<typeof EntriesQuery>) {
    const { size } = await this.newest()
    const from = after === undefined ? 0 : after + 1
    const items = []
    for await (const { position, body } of entriesBetween(this.tx, from, Math.min(size, from + limit)))
      items.push({ position, leaf_hash: base64(leafHash(body)), body: text(body) })
    const last = items.at(-1)?.position
    return { items, next: last !== undefined && last + 1 < size ? String(last) : null, size }
  }

  async inclusion({ position, size: asked }: z.infer<typeof InclusionQuery>) {
    const newest = await this.newest()
    const size = asked ?? newest.size
    if (size > newest.size) throw new Refused('out-of-range', `The newest checkpoint covers ${newest.size} entries.`)
    if (position >= size)
      throw new Refused('out-of-range', `Positions in a tree of ${size} entries go from 0 to ${size - 1}.`)
    const { value: entry } = await entriesBetween(this.tx, position, position + 1).next()
    const hashes = await proofReader(this.tx).inclusion(position, size)
    return { position, size, leaf_hash: base64(leafHash(entry!.body)), hashes: hashes.map((hash) => base64(hash)) }
  }

  private async newest() {
    const checkpoint = await newestCheckpoint(this.tx)
    if (!checkpoint)
      throw new Refused(
        'not-found',
        'No checkpoint has been published yet: the sequencer signs the first one soon after it starts.',
      )
    return checkpoint
  }

  private get tx(): Tx {
    return this.source
  }
}
