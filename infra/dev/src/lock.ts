import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive, startOf, until } from './processes.js'

const WAIT_MS = 300_000

/**
 * Does `work` while holding the lock folder `path`; others wait. A lock whose owner is gone is taken over.
 * mkdir is the lock: one of those who call it at once gets the folder.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const owner = join(path, 'owner')
  const take = () => {
    try {
      mkdirSync(path)
      writeFileSync(owner, `${process.pid} ${startOf(process.pid)}`)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (isAbandoned(path, owner)) rmSync(path, { recursive: true, force: true })
      return false
    }
  }
  if (!(await until(take, WAIT_MS)))
    throw new Error(`${path} is held by another process for too long. If none runs, remove it.`)
  try {
    return await work()
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}

function isAbandoned(path: string, owner: string): boolean {
  try {
    const [pid = '', ...start] = readFileSync(owner, 'utf8').split(' ')
    if (pid !== '') return !isAlive(Number(pid)) || startOf(Number(pid)) !== start.join(' ')
    return false
  } catch {
    // Between mkdir and the name there is a moment; a folder without a name that is older was left by a crash.
    const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs
    return made !== undefined && Date.now() - made > 5_000
  }
}
