import {
  BLOBS,
  decodeEntry,
  encodeManifest,
  FILE,
  FORMAT,
  hex,
  leafHash,
  Page,
  parseCheckpoint,
  parseNote,
  same,
  sha256,
  sha256Stream,
  signStatement,
  statementOver,
  tarEnd,
  tarHeader,
  tarPadding,
  tilePath,
  utf8,
  type Manifest,
  type SigningKey,
} from '@firebreak/audit-log'
import { TileWriter } from './tiles.js'

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

export interface BundleInput {
  /**
   * The entries 0 … size − 1 in their order. Called twice: a tar says how long a file is before the file comes, and the
   * first reading finds that out, hashes the tree, and makes sure that it leads to the signed root.
   */
  entries: () => AsyncIterable<StoredEntry>
  /** The cosigned checkpoint, as its note's text. */
  checkpoint: string
  /** As many entries as the checkpoint covers. */
  size: number
  blobs?: readonly Blob[]
  /** Whose word the statement over the manifest shall be. Without it the bundle has none: the worker holds no key. */
  exportKey?: SigningKey
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

export type ExportErrorCode = 'not-covered' | 'unreadable' | 'changed'

/** No bundle came of it; what was written so far is not one, and no checker takes it for one. */
export class ExportError extends Error {
  constructor(
    readonly code: ExportErrorCode,
    sentence: string,
  ) {
    super(sentence)
    this.name = 'ExportError'
  }
}

/** Takes a chunk, and may make the writer wait. */
export type Sink = (chunk: Uint8Array) => void | Promise<unknown>

/**
 * Writes an evidence bundle: a tar of checkpoint, tiles, entries.ndjson, outputs, report.html, manifest.json, and
 * manifest.dsse.json where there is a key. Memory holds one tile, the page for reading (at most 5,000 rows), and per 256
 * entries a hash and a line of the manifest. Throws ExportError, and whatever `entries` or `write` throw.
 */
export async function writeBundle(input: BundleInput, write: Sink): Promise<BundleMade> {
  const { checkpoint: note, exportKey, size } = input
  const checkpoint = parseCheckpoint(parseNote(note).text)
  if (checkpoint.size !== size) {
    throw new ExportError('not-covered', `the checkpoint covers ${checkpoint.size} entries; ${size} were asked for`)
  }
  const tar = new Tar(write)
  await tar.file(FILE.checkpoint, utf8(note))

  const tree = new TileWriter()
  const page = new Page(checkpoint)
  const told = sha256Stream()
  let length = 0
  for await (const { body, position } of input.entries()) {
    if (position !== tree.size)
      throw new ExportError('unreadable', `entry ${tree.size} is missing; next came ${position}`)
    page.add(readable(body, position))
    length += body.length + 1
    told.update(body)
    told.update(NEWLINE)
    const full = tree.append(leafHash(body))
    if (full) await tar.file(tilePath(full.tile), full.hashes)
  }
  if (tree.size !== size || !same(tree.root(), checkpoint.root)) {
    throw new ExportError('not-covered', `the ${tree.size} entries do not lead to the root that was signed for ${size}`)
  }
  for (const { hashes, tile } of tree.rest()) await tar.file(tilePath(tile), hashes)

  const written = await tar.stream(FILE.entries, length, bodies(input.entries()))
  if (written !== hex(told.digest())) throw new ExportError('changed', 'the entries changed while they were written')
  for (const blob of [...(input.blobs ?? [])].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1))) {
    const found = await tar.stream(BLOBS + blob.sha256, blob.size, blob.open())
    if (found !== blob.sha256) throw new ExportError('changed', `the output ${blob.sha256} has another digest`)
  }
  await tar.file(FILE.report, utf8(page.html()))

  const manifest: Manifest = {
    format: FORMAT,
    completeness: 'FULL',
    filter: {},
    origin: checkpoint.origin,
    first: 0,
    size,
    files: [...tar.files],
  }
  const bytes = encodeManifest(manifest)
  const digest = await tar.file(FILE.manifest, bytes)
  if (exportKey) await tar.file(FILE.statement, signStatement(statementOver(manifest, digest), exportKey))
  return { entries: size, manifest: `sha256:${digest}`, ...(await tar.end()) }
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
  for await (const { body } of entries) {
    yield body
    yield NEWLINE
  }
}

/** Enough for a write to be worth its call. */
const CHUNK = 1 << 16

/** Writes one file after the other, and remembers what the manifest has to say of each. */
class Tar {
  readonly files: Manifest['files'] = []
  readonly #write: Sink
  readonly #digest = sha256Stream()
  #held: Uint8Array[] = []
  #waiting = 0
  #bytes = 0

  constructor(write: Sink) {
    this.#write = write
  }

  /** Gives the file's digest, hexadecimal. */
  async file(name: string, content: Uint8Array): Promise<string> {
    await this.#put(tarHeader(name, content.length))
    await this.#put(content)
    await this.#put(tarPadding(content.length))
    const digest = hex(sha256(content))
    this.files.push({ name, sha256: digest, size: content.length })
    return digest
  }

  async stream(name: string, size: number, content: AsyncIterable<Uint8Array>): Promise<string> {
    await this.#put(tarHeader(name, size))
    const digest = sha256Stream()
    let length = 0
    for await (const chunk of content) {
      length += chunk.length
      if (length > size) break
      digest.update(chunk)
      await this.#put(chunk)
    }
    if (length !== size) throw new ExportError('changed', `${name} changed its length while it was written`)
    await this.#put(tarPadding(size))
    this.files.push({ name, sha256: hex(digest.digest()), size })
    return this.files.at(-1)!.sha256
  }

  async end(): Promise<{ bytes: number; sha256: string }> {
    await this.#put(tarEnd())
    await this.#flush()
    return { bytes: this.#bytes, sha256: hex(this.#digest.digest()) }
  }

  async #put(chunk: Uint8Array): Promise<void> {
    this.#held.push(chunk)
    this.#waiting += chunk.length
    if (this.#waiting >= CHUNK) await this.#flush()
  }

  async #flush(): Promise<void> {
    const whole = new Uint8Array(this.#waiting)
    let at = 0
    for (const chunk of this.#held) {
      whole.set(chunk, at)
      at += chunk.length
    }
    this.#held = []
    this.#waiting = 0
    this.#digest.update(whole)
    this.#bytes += whole.length
    await this.#write(whole)
  }
}
