import { base64, encodeEntryBundle, formatProof, leafHash, parseTilePath } from '@firebreak/audit-log'
import { entriesBetween, newestCheckpoint, proofReader, readTile, type Tx } from '@firebreak/audit-store'
import { Refused } from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import type { z } from 'zod'
import { select } from '../http/select.js'
import type { ConsistencyQuery, InclusionQuery } from './proofs.schema.js'

const WIDTH = 256

/** What somebody needs who does not take our word: proofs and tiles, of what a published checkpoint covers. */
export class ProofsReadModel {
  constructor(private readonly source: DataSource) {}

  async inclusion({ position, size: asked }: z.infer<typeof InclusionQuery>) {
    const size = await this.within(asked)
    const { hashes, leaf } = await this.path(position, size)
    return { position, size, leaf_hash: base64(leaf), hashes: hashes.map((hash) => base64(hash)) }
  }

  /** The same as one file with the cosigned checkpoint (C2SP tlog-proof): nothing else is needed to check it but the policy. */
  async inclusionFile({ position, size: asked }: z.infer<typeof InclusionQuery>): Promise<string> {
    const size = await this.within(asked)
    const [published] = await select<{ cosigned: string }>(
      this.source,
      'select cosigned from audit.checkpoint where size = $1',
      [size],
    )
    if (!published)
      throw new Refused('out-of-range', `There is no checkpoint of exactly ${size} entries: leave the size out.`)
    const { hashes } = await this.path(position, size)
    return formatProof({ index: position, hashes, checkpoint: published.cosigned })
  }

  async consistency({ from, to: asked }: z.infer<typeof ConsistencyQuery>) {
    const to = await this.within(asked)
    if (from > to) throw new Refused('out-of-range', `A log of ${from} entries is no beginning of one of ${to}.`)
    const hashes = await proofReader(this.tx).consistency(from, to)
    return { from, to, hashes: hashes.map((hash) => base64(hash)) }
  }

  /** A file of C2SP tlog-tiles by its path: `checkpoint`, `tile/<L>/<N>[.p/<W>]`, `tile/entries/<N>[.p/<W>]`. */
  async file(path: string): Promise<Uint8Array> {
    const { cosigned, size } = await this.newest()
    if (path === 'checkpoint') return Buffer.from(cosigned)
    const tile = parseTilePath(path)
    const nothing = () => new Refused('not-found', `There is no ${path.slice(0, 100)} in a log of ${size} entries.`)
    if (!tile) throw nothing()
    const has = tile.level === 'entries' ? size : Math.floor(size / WIDTH ** tile.level)
    const from = tile.index * WIDTH
    if (from + tile.width > has) throw nothing()
    if (tile.level !== 'entries') return readTile(this.tx, { ...tile, level: tile.level })
    const bodies: Uint8Array[] = []
    for await (const { body } of entriesBetween(this.tx, from, from + tile.width)) bodies.push(body)
    return encodeEntryBundle(bodies)
  }

  private async path(position: number, size: number) {
    if (position >= size)
      throw new Refused('out-of-range', `Positions in a tree of ${size} entries go from 0 to ${size - 1}.`)
    const { value: entry } = await entriesBetween(this.tx, position, position + 1).next()
    return { leaf: leafHash(entry!.body), hashes: await proofReader(this.tx).inclusion(position, size) }
  }

  private async within(asked: number | undefined): Promise<number> {
    const { size } = await this.newest()
    if (asked !== undefined && asked > size)
      throw new Refused('out-of-range', `The newest checkpoint covers ${size} entries.`)
    return asked ?? size
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
