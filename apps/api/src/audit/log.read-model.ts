import { base64, leafHash, text } from '@firebreak/audit-log'
import { entriesBetween, newestCheckpoint, type Tx } from '@firebreak/audit-store'
import { Refused } from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import type { z } from 'zod'
import type { EntriesQuery } from './audit.schema.js'

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
