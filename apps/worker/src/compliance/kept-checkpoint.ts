import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseCheckpoint, parseNote } from '@firebreak/audit-log'

/**
 * The checkpoint of the last good check, beside the blobs and not in the database: whoever turns the database back does not
 * turn this back, and a log that is smaller than it, or another one, is found.
 */
export class KeptCheckpoint {
  constructor(private readonly file: string) {}

  /** The cosigned note; undefined where there is none. */
  async read(): Promise<string | undefined> {
    try {
      return await readFile(this.file, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  /** Of two workers that were both about to keep one, the larger stays. */
  async keep(note: string): Promise<void> {
    const before = await this.read()
    if (before !== undefined && isSmaller(note, before)) return
    await mkdir(dirname(this.file), { recursive: true, mode: 0o700 })
    const unfinished = `${this.file}.part-${process.pid}`
    try {
      await writeFile(unfinished, note, { mode: 0o600, flush: true })
      await rename(unfinished, this.file)
    } finally {
      await rm(unfinished, { force: true })
    }
  }
}

/** Of one log; a checkpoint of another name follows by an approved succession and is newer, whatever its size. */
function isSmaller(note: string, than: string): boolean {
  const [a, b] = [note, than].map((one) => parseCheckpoint(parseNote(one).text)) as [CheckpointOf, CheckpointOf]
  return a.origin === b.origin && a.size < b.size
}
type CheckpointOf = ReturnType<typeof parseCheckpoint>
