import {
  csv,
  disclosureLines,
  ExportError,
  makeReport,
  ndjson,
  ocsf,
  selected,
  writeBundle,
  writeDirectory,
  writeLines,
  type Claim,
  type LineFormat,
  type Sink,
  type StoredEntry,
} from '@firebreak/audit-export'
import {
  controlPacks,
  formatVkey,
  HISTORY_LIMIT,
  PackMaker,
  packScope,
  parseCheckpoint,
  parseNote,
  text,
  type EntryBody,
  type SigningKey,
} from '@firebreak/audit-log'
import {
  checkpointAt,
  disclosuresOf,
  newestCheckpoint,
  olderCheckpoints,
  positionsOf,
  entriesAt,
  readTile,
  type PublishedCheckpoint,
  type Tx,
} from '@firebreak/audit-store'
import {
  completenessOf,
  exportFile,
  ExportMaker,
  type ExportKind,
  type ExportMade,
  type ExportProgress,
  type ExportWork,
} from '@firebreak/flow'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { keptBlob } from '../evidence/evidence-folder.js'
import { PartFile } from './part-file.js'

const LINES: Partial<Record<ExportKind, LineFormat>> = { ndjson, ocsf, csv }

/** How often the record is told how far an export is. */
const TELL_EVERY_MS = 1000

/** Writes exports as files `exports/<id>.<kind>` under the blob folder. A file of that name is whole, or is not there. */
export class FileExportMaker extends ExportMaker {
  constructor(
    private readonly log: Tx,
    private readonly blobs: string,
    private readonly now: () => Date,
    private readonly exportKey: SigningKey | undefined,
  ) {
    super()
    this.exporter = exportKey && formatVkey(exportKey)
  }

  override readonly exporter: string | undefined

  override async checkpoint(id: string, anyway: boolean): Promise<number | undefined> {
    const [newest, claim] = [await newestCheckpoint(this.log), anyway ? undefined : await this.claim(id)]
    if (!newest || newest.size === 0 || (!anyway && (!claim || claim.position >= newest.size))) return undefined
    return newest.size
  }

  override async make(work: ExportWork, report: (progress: ExportProgress) => Promise<void>): Promise<ExportMade> {
    const checkpoint = await checkpointAt(this.log, work.checkpoint_size)
    if (!checkpoint) throw new Error(`The log has no checkpoint of ${work.checkpoint_size} entries.`)
    const folder = join(this.blobs, 'exports')
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const name = exportFile({ id: work.id, kind: work.order.kind })
    const part = (fence: number) => join(folder, `${name}.part-${fence}`)
    const lines = LINES[work.order.kind]
    // What is made in one go is made anew: the same log and the same checkpoint give the same bytes.
    const after = lines ? work.reached : undefined
    const file = await PartFile.open(
      part(work.fence),
      after ? { from: part(work.fence - 1), size: after.size } : undefined,
    )
    try {
      const claim = await this.claim(work.id)
      const making = new Making(this.log, work, checkpoint, claim, this.now, file, report, this.blobs)
      const made = await (lines
        ? making.lines(lines, file.resumed ? after : undefined)
        : this.whole(making, work.order.kind))
      const sha256 = await file.finish()
      await rename(part(work.fence), join(folder, name))
      await this.clear(folder, `${name}.part-`)
      return { ...made, size: file.size, sha256 }
    } catch (error) {
      await file.abandon()
      throw error
    }
  }

  /** What those left behind who began this export and did not end it. */
  private async clear(folder: string, prefix: string): Promise<void> {
    for (const name of await readdir(folder)) if (name.startsWith(prefix)) await rm(join(folder, name), { force: true })
  }

  private async whole(making: Making, kind: ExportKind): Promise<{ entries: number; manifest: string | null }> {
    switch (kind) {
      case 'tiles':
        return making.tiles()
      case 'report':
        return making.report()
      default:
        return making.bundle(this.exportKey)
    }
  }

  /** The entry of the export's beginning, once the log covers it. */
  private async claim(id: string): Promise<Claim | undefined> {
    const positions = await positionsOf(this.log, [`export:${id}`], 0, Number.MAX_SAFE_INTEGER)
    for await (const { body, position } of entriesAt(this.log, positions)) {
      const { detail, type } = JSON.parse(text(body)) as EntryBody
      if (type === 'export.running')
        return { position, streams: (detail as { streams?: Claim['streams'] })?.streams ?? [] }
    }
    return undefined
  }
}

/** One export while it is made. */
class Making {
  private told = 0
  private readonly filter
  private readonly completeness

  constructor(
    private readonly log: Tx,
    private readonly work: ExportWork,
    private readonly checkpoint: PublishedCheckpoint,
    private readonly claim: Claim | undefined,
    private readonly now: () => Date,
    private readonly file: PartFile,
    private readonly tell: (progress: ExportProgress) => Promise<void>,
    private readonly blobs: string,
  ) {
    this.filter = work.order.filter
    this.completeness = completenessOf(work.order)
    if (this.completeness === 'STREAM' && !this.claim?.streams.length)
      throw new ExportError('empty-selection', 'The streams that were asked for have no entries.')
  }

  private readonly write: Sink = (chunk) => this.file.write(chunk)

  private entries(from = 0): AsyncIterable<StoredEntry> {
    const { claim, filter } = this
    return selected(this.log, { filter, size: this.checkpoint.size, from, ...(claim ? { claim } : {}) })
  }

  /** About once a second, and only what is durable: a successor goes on from there. */
  private async progress(
    entries: number,
    position: number,
    size?: number,
    total = this.checkpoint.size,
  ): Promise<void> {
    const now = this.now().getTime()
    if (now - this.told < TELL_EVERY_MS) return
    this.told = now
    if (size !== undefined) await this.file.sync()
    await this.tell({ entries, position, total, size: size ?? 0 })
  }

  async lines(format: LineFormat, after: ExportProgress | undefined) {
    const { entries } = await writeLines(
      {
        format,
        context: { completeness: this.completeness, origin: this.origin, checkpoint: this.checkpoint.size },
        entries: this.entries(after?.position),
        ...(after ? { after: { position: after.position, entries: after.entries, bytes: after.size } } : {}),
        due: () => this.now().getTime() - this.told >= TELL_EVERY_MS,
        reached: ({ bytes, entries, position }) => this.progress(entries, position, bytes),
      },
      this.write,
    )
    return { entries, manifest: null }
  }

  async tiles() {
    const { entries } = await writeDirectory(
      { entries: this.counted(this.entries()), checkpoint: this.checkpoint.cosigned },
      this.write,
    )
    return { entries, manifest: null }
  }

  async report() {
    const { claim, completeness, filter } = this
    const shown = { completeness, filter, streams: completeness === 'STREAM' ? claim!.streams : [] }
    const { entries, html } = await makeReport({ entries: this.counted(this.entries()), checkpoint: this.checkpoint.cosigned, shown }) // prettier-ignore
    await this.write(html)
    return { entries, manifest: null }
  }

  async bundle(exportKey: SigningKey | undefined) {
    const { checkpoint, completeness, filter, log } = this
    const { entries, manifest } = await writeBundle(
      {
        filter,
        // Twice: the second reading begins where the first one counted to.
        entries: () => this.counted(this.entries(), 2),
        checkpoint: checkpoint.cosigned,
        size: checkpoint.size,
        history: await olderCheckpoints(log, checkpoint.size, completeness === 'FULL' ? HISTORY_LIMIT : FEW),
        tile: (tile) => readTile(log, tile),
        ...(completeness === 'STREAM' ? { streams: this.claim!.streams } : {}),
        controls: this.packs(),
        ...(this.work.order.disclose
          ? {
              disclosures: () => disclosureLines(this.entries(), (ids) => disclosuresOf(log, ids)),
              blobs: await this.evidence(),
            }
          : {}),
        ...(exportKey ? { exportKey } : {}),
      },
      this.write,
    )
    return { entries, manifest }
  }

  /**
   * What these entries name by digest and what lies here. Logs hold personal values, so it leaves the house only with those;
   * what is not there any more stays named by its digest.
   */
  private async evidence() {
    const named = new Map<string, Awaited<ReturnType<typeof keptBlob>>>()
    for await (const { body } of this.entries()) {
      const { output = [] } = JSON.parse(text(body)) as EntryBody
      for (const one of output) if (!named.has(one.sha256)) named.set(one.sha256, await keptBlob(this.blobs, one))
    }
    return [...named.values()].filter((blob) => blob !== undefined)
  }

  /** In the order of their names, as the manifest has them. */
  private packs(): PackMaker[] {
    const { filter, completeness } = this
    const scope = packScope(parseCheckpoint(parseNote(this.checkpoint.cosigned).text), { filter, completeness })
    return [...new Set(this.work.order.controls)].sort().map((name) => {
      const pack = controlPacks.get(name)
      if (!pack) throw new Error(`There is no control pack ${name} in this version.`)
      return new PackMaker(pack, scope)
    })
  }

  private readings = 0
  /** Tells how far a reading is, of as many as there will be. */
  private async *counted(entries: AsyncIterable<StoredEntry>, readings = 1): AsyncGenerator<StoredEntry> {
    const before = this.readings++ * this.checkpoint.size
    let seen = 0
    for await (const entry of entries) {
      yield entry
      if (++seen % 16 === 0)
        await this.progress(seen, before + entry.position + 1, undefined, readings * this.checkpoint.size)
    }
  }

  private get origin(): string {
    return parseCheckpoint(parseNote(this.checkpoint.note).text).origin
  }
}

/** Each of them brings a few tiles along where not all are there anyway. */
const FEW = 8
