import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import pg from 'pg'
import { postgresPrograms } from './postgres-programs.js'
import { runnerFor, type Runner } from './postgres-runner.js'
import { commandOf, folderOf, freePort, guard, isAlive, isFree, signal, until, waitUntilGone } from './processes.js'
import { readState, writeState } from './state.js'

export interface PostgresOptions {
  /** The cluster's folder; made when it is not there. Password and port stand beside it in `<dataDir>.json`, mode 0600. */
  dataDir: string
  /** Default: the one it had the last time, else any free one. */
  port?: number
  /** Default `<dataDir>.log`; appended to. */
  logFile?: string
  /** More of postgresql.conf, as `-c name=value`. */
  settings?: Record<string, string>
}

export interface RunningPostgres {
  port: number
  /** Of the superuser `postgres`, with its password: never print it. */
  url: string
  pid: number
  /** Ends sessions, writes everything out and waits until the process is gone. */
  stop: () => Promise<void>
  kill: (signal: NodeJS.Signals) => void
}

interface State {
  password: string
  port?: number
}

const ALWAYS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_prepared_transactions: '0',
  timezone: 'UTC',
  log_timezone: 'UTC',
}
const READY_MS = 60_000
const me = process.getuid?.() ?? 0

/**
 * Starts the Postgres that npm brought, as root or as anybody, or takes over the one that a killed launcher left running
 * on the same folder. Safe to call after any crash of either.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  mkdirSync(dirname(options.dataDir), { recursive: true })
  const dataDir = join(realpathSync(dirname(options.dataDir)), basename(options.dataDir))
  const stateFile = `${dataDir}.json`
  const programs = postgresPrograms()
  if (!existsSync(join(dataDir, 'PG_VERSION'))) await makeCluster(dataDir, stateFile, [])
  const state = readState<State>(stateFile)
  if (!state)
    throw new Error(
      `${stateFile} is missing, and with it the password of ${dataDir}. Put it back, or remove both with: npm run reset`,
    )

  const orphan = await findOrphan(dataDir)
  if (orphan && (options.port === undefined || options.port === orphan.port)) {
    const url = urlOf(state.password, orphan.port)
    if (await answers(url)) return running(orphan.pid, orphan.port, url)
  }
  if (orphan) await end(orphan.pid, 3_000)

  const runner = runnerFor(programs.postgres, dataDir)
  const logFile = options.logFile ?? `${dataDir}.log`
  const settings = Object.entries({ ...ALWAYS, ...options.settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ])
  let refused = ''
  // More than one attempt: a port may be taken between looking and listening, and what is left of a server that was
  // killed holds its shared memory for some moments.
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = options.port ?? (state.port && (await isFree(state.port)) ? state.port : await freePort())
    const started = await run(
      runner,
      programs.postgres,
      ['-D', dataDir, '-p', String(port), ...settings],
      dataDir,
      logFile,
    )
    if ('pid' in started) {
      if (state.port !== port) writeState(stateFile, { ...state, port })
      return running(started.pid, port, urlOf(state.password, port))
    }
    refused = started.refused
    if (/could not bind|Address already in use/.test(refused)) {
      if (options.port !== undefined)
        throw new Error(`port ${port} of 127.0.0.1 is taken: Postgres cannot listen on it`)
      delete state.port
    } else if (/still in use|lock file/.test(refused)) {
      await new Promise((wake) => setTimeout(wake, 250))
    } else break
  }
  throw new Error(`Postgres does not start on ${dataDir}; the end of ${logFile}:\n${refused}`)
}

export interface TemporaryPostgres extends RunningPostgres {
  /** After it was killed: the same files on the same port, so that whoever holds the URL need not know. */
  startAgain: () => Promise<void>
}

/**
 * A private cluster for one test file, on a free port: fast, and careless about power cuts. It goes away with `stop()`,
 * or with this process.
 */
export async function temporaryPostgres(settings: Record<string, string> = {}): Promise<TemporaryPostgres> {
  // 0711 and not 0700: where root has to fall back to a system user, that user must get through.
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-postgres-'))
  chmodSync(folder, 0o711)
  const dataDir = join(folder, 'data')
  try {
    await copyTemplate(dataDir)
    const fast = { fsync: 'off', full_page_writes: 'off', ...settings }
    let postgres = await startPostgres({ dataDir, settings: fast })
    let callOff = guard(postgres.pid, folder)
    return {
      port: postgres.port,
      url: postgres.url,
      get pid() {
        return postgres.pid
      },
      kill: (signal) => postgres.kill(signal),
      async startAgain() {
        // A guard names one pid, and pids are used again.
        callOff()
        postgres = await startPostgres({ dataDir, settings: fast, port: postgres.port })
        callOff = guard(postgres.pid, folder)
      },
      async stop() {
        await postgres.stop()
        callOff()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** Copies a cluster that was initialised once for this version and user: a copy costs a tenth of initdb. */
async function copyTemplate(dataDir: string): Promise<void> {
  const programs = postgresPrograms()
  const home = join(tmpdir(), `firebreak-postgres-template-${programs.version}-${me}`)
  if (!existsSync(home)) {
    // Made aside and moved into place in one piece, so that makers who run at the same time do not see each other's halves.
    const aside = mkdtempSync(`${home}-`)
    chmodSync(aside, 0o711)
    await makeCluster(join(aside, 'data'), join(aside, 'data.json'), ['--no-sync', '--wal-segsize=1'])
    try {
      renameSync(aside, home)
    } catch {
      rmSync(aside, { recursive: true, force: true })
    }
  }
  // The temporary folder belongs to everybody: a template that somebody else laid there is not ours to run.
  if (statSync(home).uid !== me) throw new Error(`${home} belongs to somebody else: remove it`)
  cpSync(join(home, 'data'), dataDir, { recursive: true })
  chmodSync(dataDir, 0o700)
  cpSync(join(home, 'data.json'), `${dataDir}.json`)
}

/** initdb into a folder aside, moved into place when it is whole: a half cluster is never taken for one. */
async function makeCluster(dataDir: string, stateFile: string, more: string[]): Promise<void> {
  const programs = postgresPrograms()
  const aside = `${dataDir}.new`
  const passwordFile = `${dataDir}.password`
  rmSync(aside, { recursive: true, force: true })
  mkdirSync(aside, { recursive: true, mode: 0o700 })
  const state: State = { password: readState<State>(stateFile)?.password ?? randomBytes(24).toString('base64url') }
  const runner = runnerFor(programs.postgres, aside)
  try {
    writeState(passwordFile, state.password, runner.owner)
    const args = [
      '-D',
      aside,
      '-U',
      'postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      ...more,
    ]
    const child = runner.spawn(programs.initdb, args, { stdio: ['ignore', 'pipe', 'pipe'], env: bareEnvironment() })
    let said = ''
    child.stdout?.on('data', (data) => (said += String(data)))
    child.stderr?.on('data', (data) => (said += String(data)))
    const [code] = (await once(child, 'close')) as [number | null]
    if (code !== 0) throw new Error(`initdb failed for ${dataDir}:\n${tail(said)}`)
    writeState(stateFile, state)
    renameSync(aside, dataDir)
  } finally {
    rmSync(passwordFile, { force: true })
    rmSync(aside, { recursive: true, force: true })
  }
}

async function run(
  runner: Runner,
  program: string,
  args: string[],
  dataDir: string,
  logFile: string,
): Promise<{ pid: number } | { refused: string }> {
  const before = existsSync(logFile) ? statSync(logFile).size : 0
  const log = openSync(logFile, 'a', 0o600)
  // Detached: Ctrl-C on the terminal reaches the launcher alone, which stops Postgres last.
  const child = runner.spawn(program, args, { stdio: ['ignore', log, log], detached: true, env: bareEnvironment() })
  closeSync(log)
  let failed: string | undefined
  child.once('error', (error) => (failed = error.message))
  child.once('exit', (code, by) => (failed ??= `ended with ${code ?? by}`))
  child.unref()
  const pid = child.pid
  const ready = () =>
    failed !== undefined || (readPidFile(dataDir)?.pid === pid && readPidFile(dataDir)?.status === 'ready')
  if (pid !== undefined && (await until(ready, READY_MS)) && failed === undefined) return { pid }
  if (pid !== undefined) await end(pid)
  return {
    refused:
      tail(readFileSync(logFile).subarray(before).toString()) || (failed ?? `not ready within ${READY_MS / 1000} s`),
  }
}

/** A Postgres that runs on this folder already. A lock file whose process is another program, or gone, is swept away. */
async function findOrphan(dataDir: string): Promise<{ pid: number; port: number } | undefined> {
  const lock = readPidFile(dataDir)
  if (!lock) return undefined
  // By its folder and not by its name alone: after a reboot the pid may be another checkout's Postgres.
  const runs = () => isAlive(lock.pid) && (folderOf(lock.pid) === dataDir || commandOf(lock.pid).includes(dataDir))
  if (!runs()) {
    rmSync(join(dataDir, 'postmaster.pid'), { force: true })
    return undefined
  }
  // It may be just starting, or just stopping.
  await until(() => !runs() || readPidFile(dataDir)?.status === 'ready', 5_000)
  return runs() ? { pid: lock.pid, port: lock.port } : undefined
}

/** Lines of postmaster.pid: pid, folder, start, port, socket folder, address, shared memory, status. */
function readPidFile(dataDir: string): { pid: number; port: number; status: string } | undefined {
  try {
    const lines = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')
    return { pid: Number(lines[0]), port: Number(lines[3]), status: (lines[7] ?? '').trim() }
  } catch {
    return undefined
  }
}

function running(pid: number, port: number, url: string): RunningPostgres {
  return { pid, port, url, stop: () => end(pid), kill: (name) => signal(pid, name) }
}

/** SIGINT is Postgres' fast shutdown: sessions end, nothing is lost. SIGQUIT and SIGKILL cost a recovery, nothing more. */
async function end(pid: number, patience = 20_000): Promise<void> {
  for (const name of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    signal(pid, name)
    if (await waitUntilGone(pid, name === 'SIGINT' ? patience : 3_000)) return
  }
  throw new Error(`Postgres (pid ${pid}) does not end`)
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

const urlOf = (password: string, port: number) => `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
const tail = (text: string) => text.trim().split('\n').slice(-12).join('\n')
/** Nothing of the caller's environment: PGDATA or PGOPTIONS of another Postgres would reach into ours. */
const bareEnvironment = () => ({ PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' })
