import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandOf, folderOf, freePort, guard, isAlive, isFree, signal, until, waitUntilGone } from './processes.js'
import { redisProgram } from './redis-program.js'
import { ask } from './redis-wire.js'
import { ROOT } from './root.js'
import { readState, writeState } from './state.js'

export interface RedisOptions {
  /** Where it keeps its data, log, port and password; made when it is not there. */
  dir: string
  /** Default: the one it had the last time, else any free one. */
  port?: number
  /** True: every write is in a file before the next second is over. False: nothing outlives the process. */
  appendOnly: boolean
  say?: (line: string) => void
}

export interface RunningRedis {
  /** With its password: never print it. */
  url: string
  /** Undefined when it is somebody else's, from REDIS_URL. */
  pid: number | undefined
  stop: () => Promise<void>
}

interface State {
  password: string
  port?: number
  pid?: number
}

/** What is fetched is kept once for the checkout, for `npm start` and for tests. */
const CACHE = join(ROOT, '.firebreak')
const READY_MS = 30_000

/** The Redis of REDIS_URL when that is set; else starts one, or takes over the one that a killed launcher left running. */
export async function startRedis(options: RedisOptions): Promise<RunningRedis> {
  const given = process.env['REDIS_URL']
  if (given && new URL(given).searchParams.has('sentinel'))
    throw new Error(
      'REDIS_URL names Sentinels: API and worker speak to them, but the sandbox of npm start wants a plain Redis',
    )
  if (given) return { url: given, pid: undefined, stop: async () => {} }
  return startOwn(options)
}

export interface TemporaryRedis extends RunningRedis {
  pid: number
  kill: () => void
  /** After it was killed: on the same port, with the same password, and empty. */
  startAgain: () => Promise<void>
}

/**
 * A private Redis without persistence for one test file. It goes away with `stop()`, or with this process.
 * It never is the one of REDIS_URL: tests empty what they get.
 */
export async function temporaryRedis(): Promise<TemporaryRedis> {
  const dir = mkdtempSync(join(tmpdir(), 'firebreak-redis-'))
  try {
    let redis = await startOwn({ dir, appendOnly: false })
    let callOff = guard(redis.pid, dir)
    return {
      url: redis.url,
      get pid() {
        return redis.pid
      },
      kill: () => signal(redis.pid, 'SIGKILL'),
      async startAgain() {
        await waitUntilGone(redis.pid, 5_000)
        // A guard names one pid, and pids are used again.
        callOff()
        const port = Number(new URL(redis.url).port)
        // Whoever calls a port where nobody listens may be given that very port for its own end, and holds it for a moment.
        await until(() => isFree(port), 5_000)
        redis = await startOwn({ dir, appendOnly: false, port })
        callOff = guard(redis.pid, dir)
      },
      async stop() {
        await redis.stop()
        callOff()
        rmSync(dir, { recursive: true, force: true })
      },
    }
  } catch (error) {
    rmSync(dir, { recursive: true, force: true })
    throw error
  }
}

async function startOwn(options: RedisOptions): Promise<RunningRedis & { pid: number }> {
  const program = await redisProgram(CACHE, options.say)
  mkdirSync(options.dir, { recursive: true })
  const dir = realpathSync(options.dir)
  const stateFile = join(dir, 'firebreak.json')
  const state = readState<State>(stateFile) ?? { password: randomBytes(24).toString('base64url') }
  const orphan = state.pid
  if (
    orphan !== undefined &&
    isAlive(orphan) &&
    (folderOf(orphan) ?? dir) === dir &&
    /redis|valkey/.test(commandOf(orphan))
  ) {
    if (
      state.port !== undefined &&
      (options.port ?? state.port) === state.port &&
      (await pong(state.port, state.password))
    ) {
      return running(orphan, state.port, state.password)
    }
    await end(orphan)
  }

  const logFile = join(dir, 'redis.log')
  for (let attempt = 0; attempt < 5; attempt++) {
    const port = options.port ?? (state.port && (await isFree(state.port)) ? state.port : await freePort())
    if (options.port !== undefined && !(await isFree(options.port)))
      throw new Error(`port ${port} of 127.0.0.1 is taken: Redis cannot listen on it`)
    const config = join(dir, 'redis.conf')
    writeState(config, configuration(dir, port, state.password, options.appendOnly))
    const log = openSync(logFile, 'w', 0o600)
    // Detached: Ctrl-C on the terminal reaches the launcher alone, which stops Redis after those who use it.
    const child = spawn(program.path, [config], {
      stdio: ['ignore', log, log],
      detached: true,
      cwd: dir,
      env: { ...process.env, ...program.env },
    })
    closeSync(log)
    let failed: string | undefined
    child.once('error', (error) => (failed = error.message))
    child.once('exit', (code, by) => (failed ??= `ended with ${code ?? by}`))
    child.unref()
    const { pid } = child
    if (pid !== undefined) {
      writeState(stateFile, { ...state, port, pid })
      if (
        (await until(async () => failed !== undefined || (await pong(port, state.password)), READY_MS)) &&
        failed === undefined
      ) {
        return running(pid, port, state.password)
      }
      await end(pid)
    }
    delete state.port
    if (!/already in use/.test(readFileSync(logFile, 'utf8'))) break
  }
  throw new Error(
    `Redis does not start in ${dir}; the end of ${logFile}:\n${readFileSync(logFile, 'utf8').trim().split('\n').slice(-8).join('\n')}`,
  )
}

const configuration = (
  dir: string,
  port: number,
  password: string,
  appendOnly: boolean,
) => `# Written anew at each start.
bind 127.0.0.1
port ${port}
dir ${JSON.stringify(dir)}
requirepass ${password}
save ""
appendonly ${appendOnly ? 'yes' : 'no'}
daemonize no
`

function running(pid: number, port: number, password: string) {
  return { url: `redis://:${password}@127.0.0.1:${port}`, pid, stop: () => end(pid) }
}

async function end(pid: number): Promise<void> {
  for (const [name, ms] of [
    ['SIGTERM', 10_000],
    ['SIGKILL', 5_000],
  ] as const) {
    signal(pid, name)
    if (await waitUntilGone(pid, ms)) return
  }
  throw new Error(`Redis (pid ${pid}) does not end`)
}

/** True when the Redis behind `port` takes our password and has loaded its data: so it is ours, and ready. */
async function pong(port: number, password: string): Promise<boolean> {
  return (await ask(port, password, 'PING').catch(() => '')) === '+PONG'
}
