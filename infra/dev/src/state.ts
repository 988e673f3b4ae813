import { chownSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

/** What one start of Firebreak leaves for the next, in small JSON files of mode 0600. Undefined when there is none. */
export function readState<T>(file: string): T | undefined {
  let text
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return JSON.parse(text) as T
  } catch {
    throw new Error(`${file} is not JSON. Mend it, or start afresh with: npm run reset`)
  }
}

/** Writes beside and moves into place, so that a reader and a crash see the old file or the new one. */
export function writeState(file: string, value: unknown, owner?: { uid: number; gid: number }): void {
  const aside = `${file}.${process.pid}`
  writeFileSync(aside, typeof value === 'string' ? value : JSON.stringify(value, null, 2) + '\n', { mode: 0o600 })
  if (owner) chownSync(aside, owner.uid, owner.gid)
  renameSync(aside, file)
}
