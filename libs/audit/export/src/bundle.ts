import {
  BLOBS,
  classOf,
  CONTROLS,
  decodeEntry,
  encodeManifest,
  FILE,
  FORMAT,
  hex,
  HISTORY,
  leafHash,
  Page,
  parseCheckpoint,
  parseNote,
  sha256Stream,
  signStatement,
  statementOver,
  tilePath,
  utf8,
  type EntryBody,
  type ExportFilter,
  type Manifest,
  type SigningKey,
  type Tile,
} from '@firebreak/audit-log'
import { ExportError } from './error.js'
import { Tar, type Sink } from './tar.js'
import { PartOfTree, WholeTree } from './trees.js'

/** One entry as it was stored; `position` is its index in the log, from 0. */
export interface StoredEntry {
  position: number
  body: Uint8Array
}

/** An output that entries name by its digest. */
export interface Blob {
  /** Hexadecimal. */
  sha256: string
  size: number
  open(): AsyncIterable<Uint8Array>
}

/** The record of a control pack, made from the entries as they go by. */
export interface ControlPack {
  /** As in the manifest: `soc2`. */
  name: string
  add(entry: EntryBody, index: number): void
  /** After the last entry: `controls/<name>.json` and `controls/<name>.html`. */
  files(): { json: Uint8Array; html: Uint8Array }
}

export interface BundleInput {
  /** What was asked for; it decides the class. Without it the bundle is FULL. */
  filter?: ExportFilter
  /**
   * The entries 0 … size − 1 in their order, or of a filter those that it finds: of whole streams all, and the entry in
   * which the log counted them. Called twice: a tar says how long a file is before the file comes, and the first reading
   * finds that out, hashes the tree, and makes sure that it leads to the signed root.
   */
  entries: () => AsyncIterable<StoredEntry>
  /** STREAM: the streams and how long each is, as the log counted them. */
  streams?: readonly { stream: string; count: number }[]
  /** The cosigned checkpoint, as its note's text. */
  checkpoint: string
  /** As many entries as the checkpoint covers. */
  size: number
  /** Older cosigned checkpoints, as their notes' texts, smallest first. */
  history?: readonly string[]
  /** The log's tiles, of a tree of `size` leaves. Asked for the part of the tree where not all entries are there. */
  tile?: (tile: Tile) => Promise<Uint8Array>
  /** `disclosures.ndjson`, line by line, without newlines. Called twice, as the entries are. */
  disclosures?: () => AsyncIterable<Uint8Array>
  blobs?: readonly Blob[]
  /** In the order of their names. */
  controls?: readonly ControlPack[]
  /** Whose word the statement over the manifest shall be. Without it the bundle has none. */
  exportKey?: SigningKey
  /** Told of each entry, in both readings, how many of all there are to read have been read. */
  progress?: (done: number) => void
}

export interface BundleMade {
  entries: number
  /** Of the whole tar. */
  bytes: number
  /** Of the whole tar, hexadecimal. */
  sha256: string
  /** `sha256:<hex>` of manifest.json, which names every other file: the name to put into the log. */
  manifest: string
}

/**
 * Writes an evidence bundle, file by file in the order of `fileNames`. Memory holds one tile, the page for reading (at
 * most 5,000 rows), per 256 entries a hash and a line of the manifest, and of a filter's answer the indices. Throws
 * ExportError, and whatever `entries`, `tile` or `write` throw.
 */
export async function writeBundle(input: BundleInput, write: Sink): Promise<BundleMade> {
  const { checkpoint: note, controls = [], exportKey, filter = {}, history = [], size, streams = [] } = input
  const checkpoint = parseCheckpoint(parseNote(note).text)
  if (checkpoint.size !== size) {
    throw new ExportError('not-covered', `the checkpoint covers ${checkpoint.size} entries; ${size} were asked for`)
  }
  const completeness = classOf(filter)
  const tar = new Tar(write)
  await tar.file(FILE.checkpoint, utf8(note))
  const sizes = history.map((older) => parseCheckpoint(parseNote(older).text).size)
  for (const [i, older] of history.entries()) await tar.file(`${HISTORY}${sizes[i]}`, utf8(older))

  const page = new Page(checkpoint, { completeness, filter, streams })
  const tree = completeness === 'FULL' ? new WholeTree(checkpoint) : new PartOfTree(checkpoint, sizes, input.tile)
  const told = sha256Stream()
  let [entries, length, done] = [0, 0, 0]
  for await (const { body, position } of input.entries()) {
    const entry = readable(body, position)
    page.add(entry, position)
    for (const pack of controls) pack.add(entry, position)
    entries++
    length += body.length + 1
    told.update(body)
    told.update(NEWLINE)
    for (const { hashes, tile } of tree.add(position, leafHash(body))) await tar.file(tilePath(tile), hashes)
    input.progress?.(++done)
  }
  for await (const { hashes, tile } of tree.rest()) await tar.file(tilePath(tile), hashes)
  if (completeness !== 'FULL') await tar.file(FILE.indices, tree.indices())

  const again = counting(input.entries(), () => input.progress?.(++done))
  const written = await tar.stream(FILE.entries, length, lines(bodies(again)))
  if (written !== hex(told.digest())) throw new ExportError('changed', 'the entries changed while they were written')
  const { disclosures } = input
  if (disclosures) {
    let disclosed = 0
    for await (const line of disclosures()) disclosed += line.length + 1
    await tar.stream(FILE.disclosures, disclosed, lines(disclosures()))
  }
  for (const blob of [...(input.blobs ?? [])].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1))) {
    const found = await tar.stream(BLOBS + blob.sha256, blob.size, blob.open())
    if (found !== blob.sha256) throw new ExportError('changed', `the output ${blob.sha256} has another digest`)
  }
  for (const pack of controls) {
    const { html, json } = pack.files()
    await tar.file(`${CONTROLS}${pack.name}.json`, json)
    await tar.file(`${CONTROLS}${pack.name}.html`, html)
  }
  await tar.file(FILE.report, utf8(page.html()))

  const manifest: Manifest = {
    format: FORMAT,
    completeness,
    filter,
    origin: checkpoint.origin,
    size,
    entries,
    streams: [...streams],
    disclosed: disclosures !== undefined,
    controls: controls.map(({ name }) => name),
    files: [...tar.files],
  }
  const bytes = encodeManifest(manifest)
  const digest = await tar.file(FILE.manifest, bytes)
  if (exportKey) await tar.file(FILE.statement, signStatement(statementOver(manifest, digest), exportKey))
  return { entries, manifest: `sha256:${digest}`, ...(await tar.end()) }
}

/** Nothing leaves the house that a checker would refuse to read. */
function readable(body: Uint8Array, position: number) {
  try {
    return decodeEntry(body)
  } catch (error) {
    throw new ExportError('unreadable', `entry ${position}: ${(error as Error).message}`)
  }
}

const NEWLINE = Uint8Array.of(0x0a)

async function* bodies(entries: AsyncIterable<StoredEntry>): AsyncGenerator<Uint8Array> {
  for await (const { body } of entries) yield body
}

async function* lines(all: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const line of all) {
    yield line
    yield NEWLINE
  }
}

async function* counting<T>(all: AsyncIterable<T>, count: () => void): AsyncGenerator<T> {
  for await (const one of all) {
    yield one
    count()
  }
}
