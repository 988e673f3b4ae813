import type { BundleFiles } from '../bundle/files.js'
import { HISTORY, HISTORY_LIMIT } from '../bundle/manifest.js'
import { parseCheckpoint, type Checkpoint } from '../checkpoint.js'
import { NoteError, parseNote, type Note } from '../note.js'
import { Fault, type Earlier } from './check.js'

type Read = (name: string) => Promise<Uint8Array | undefined>

const namesIn = (files: BundleFiles) => files.names.filter((name) => name.startsWith(HISTORY))

/** The older checkpoints in a bundle; what cannot be read is left out, of which the check `note` tells. */
export async function readHistory(
  files: BundleFiles,
  read: Read,
  cosigned: (note: Note) => ReadonlyMap<string, number>,
): Promise<Earlier[]> {
  const history: Earlier[] = []
  for (const name of namesIn(files).slice(0, HISTORY_LIMIT)) {
    try {
      const { checkpoint, note } = await readEarlier(name, read)
      let times: ReadonlyMap<string, number> | undefined
      history.push({ checkpoint, note, cosigned: () => (times ??= cosigned(note)) })
    } catch (error) {
      if (!(error instanceof Fault)) throw error
    }
  }
  return history.toSorted((a, b) => a.checkpoint.size - b.checkpoint.size)
}

/** Each is a checkpoint of this log under its own size, smaller than the newest, and there are not too many. Answers how many. */
export async function soundHistory(files: BundleFiles, read: Read, newest: Checkpoint): Promise<number> {
  const names = namesIn(files)
  if (names.length > HISTORY_LIMIT) {
    throw new Fault('note-syntax', `there are ${names.length} older checkpoints; ${HISTORY_LIMIT} are allowed`)
  }
  for (const name of names) {
    const { origin, size } = (await readEarlier(name, read)).checkpoint
    if (origin !== newest.origin) throw new Fault('note-syntax', `${name} is of another log, ${origin}`)
    if (name !== HISTORY + size) throw new Fault('note-syntax', `${name} covers ${size} entries`)
    if (size === 0 || size >= newest.size) throw new Fault('note-syntax', `${name} is not older than the checkpoint`)
  }
  return names.length
}

async function readEarlier(name: string, read: Read): Promise<{ checkpoint: Checkpoint; note: Note }> {
  try {
    const note = parseNote((await read(name)) ?? new Uint8Array())
    return { note, checkpoint: parseCheckpoint(note.text) }
  } catch (error) {
    if (error instanceof NoteError) throw new Fault('note-syntax', `${name}: ${error.message}`)
    throw error
  }
}
