import {
  encodeEntryBundle,
  entriesPath,
  leafHash,
  parseCheckpoint,
  parseNote,
  tilePath,
  utf8,
} from '@firebreak/audit-log'
import type { StoredEntry } from './bundle.js'
import { ExportError } from './error.js'
import { Tar, type Sink } from './tar.js'
import { WholeTree } from './trees.js'

export interface DirectoryInput {
  /** All of them, 0 … size − 1. */
  entries: AsyncIterable<StoredEntry>
  /** The cosigned checkpoint, as its note's text. */
  checkpoint: string
  progress?: (done: number) => void
}

/**
 * A log as C2SP tlog-tiles has it, as a tar of its directory: `checkpoint`, `tile/<L>/<N>[.p/<W>]`,
 * `tile/entries/<N>[.p/<W>]`. For tools that are not ours. Entries that do not lead to the signed root throw an
 * ExportError. Memory: 256 entries, and for each 256 a hash.
 */
export async function writeDirectory(
  { checkpoint: note, entries, progress }: DirectoryInput,
  write: Sink,
): Promise<{ entries: number; bytes: number; sha256: string }> {
  const checkpoint = parseCheckpoint(parseNote(note).text)
  const tar = new Tar(write)
  await tar.file('checkpoint', utf8(note))
  const tree = new WholeTree(checkpoint)
  let bodies: Uint8Array[] = []
  let done = 0
  const bundle = async () => {
    const [index, width] = [Math.floor((done - 1) / 256), bodies.length]
    await tar.file(entriesPath({ index, width }), encodeEntryBundle(bodies))
    bodies = []
  }
  for await (const { body, position } of entries) {
    if (position >= checkpoint.size) throw new ExportError('not-covered', `entry ${position} is not covered`)
    bodies.push(body)
    done++
    for (const { hashes, tile } of tree.add(position, leafHash(body))) await tar.file(tilePath(tile), hashes)
    if (bodies.length === 256) await bundle()
    progress?.(done)
  }
  if (bodies.length > 0) await bundle()
  for await (const { hashes, tile } of tree.rest()) await tar.file(tilePath(tile), hashes)
  return { entries: done, ...(await tar.end()) }
}
