import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { withLock } from './lock.js'
import { isAlive, signal, startOf, waitUntilGone } from './processes.js'
import { readState, writeState } from './state.js'

interface Owner {
  pid: number
  start: string
}

interface LauncherFile extends Owner {
  /** Its processes, each with its start, so that a pid that was used again is not taken for one of them. */
  running: (Owner & { name: string })[]
}

/** The passwords of the database's roles, made once, at the first start. */
export type Secrets = Record<(typeof SECRETS)[number], string>

const SECRETS = ['fb_migrator', 'fb_api', 'fb_worker', 'fb_sequencer', 'fb_reader'] as const
/** Longer than the grace that die-with-parent.mjs gives. */
const LEFTOVER_MS = 12_000

/** One launcher's hold on the folder in which everything that Firebreak keeps on this machine lies. */
export class DataFolder {
  readonly path: string
  /** True when the launcher before did not end in good order. */
  readonly recovering: boolean
  readonly secrets: Secrets

  private constructor(path: string, recovering: boolean, secrets: Secrets) {
    this.path = path
    this.recovering = recovering
    this.secrets = secrets
  }

  /** Takes the folder, and ends what a killed launcher left. Rejects when a launcher that lives has it. */
  static async open(folder: string): Promise<DataFolder> {
    const path = resolve(folder)
    mkdirSync(join(path, 'logs'), { recursive: true, mode: 0o700 })
    const file = join(path, 'launcher.pid')
    const before = await withLock(join(path, 'launcher.lock'), async () => {
      const found = readState<LauncherFile>(file)
      if (found && isOf(found))
        throw new Error(
          `Firebreak runs from ${path} already, as process ${found.pid}. Stop it with Ctrl-C there, or with: kill ${found.pid}`,
        )
      writeState(file, { pid: process.pid, start: startOf(process.pid), running: found?.running ?? [] })
      return found
    })
    await Promise.all((before?.running ?? []).filter(isOf).map(endLeftover))
    return new DataFolder(path, before !== undefined, secretsIn(join(path, 'secrets.json')))
  }

  file(...parts: string[]): string {
    return join(this.path, ...parts)
  }

  /** Writes down which processes run, for the launcher that may have to clean up after this one. */
  note(running: { name: string; pid: number }[]): void {
    const file: LauncherFile = {
      pid: process.pid,
      start: startOf(process.pid),
      running: running.map((one) => ({ ...one, start: startOf(one.pid) })),
    }
    writeState(this.file('launcher.pid'), file)
  }

  release(): void {
    rmSync(this.file('launcher.pid'), { force: true })
  }
}

const isOf = ({ pid, start }: Owner) => isAlive(pid) && startOf(pid) === start

/** Programs of the house see that their launcher is gone and end by themselves; Postgres and Redis are taken over instead. */
async function endLeftover({ name, pid }: { name: string; pid: number }): Promise<void> {
  if (name === 'postgres' || name === 'redis') return
  signal(pid, 'SIGTERM')
  if (await waitUntilGone(pid, LEFTOVER_MS)) return
  signal(pid, 'SIGKILL')
  await waitUntilGone(pid, LEFTOVER_MS)
}

function secretsIn(file: string): Secrets {
  if (!existsSync(file))
    writeState(file, Object.fromEntries(SECRETS.map((name) => [name, randomBytes(32).toString('base64url')])))
  const secrets = readState<Partial<Secrets>>(file) ?? {}
  const missing = SECRETS.filter((name) => typeof secrets[name] !== 'string')
  if (missing.length > 0)
    throw new Error(`${file} lacks ${missing.join(', ')}. Put it back, or start afresh with: npm run reset`)
  return secrets as Secrets
}
