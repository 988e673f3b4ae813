import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, guard, signal, until, waitUntilGone } from './processes.js'
import { redisProgram } from './redis-program.js'
import { ask } from './redis-wire.js'
import { ROOT } from './root.js'
import { writeState } from './state.js'

/** A group of two Redis servers under the eyes of three Sentinels, for one test file. */
export interface WatchedRedis {
  /** As REDIS_URL takes it. With its password: never print it. */
  url: string
  /** Stops the master where it stands, so that its connections stay open and nobody answers. Answers how it goes on. */
  freezeMaster(): Promise<() => void>
  killMaster(): Promise<void>
  /** Port of whoever is the master in the eyes of the first Sentinel. */
  master(): Promise<number>
  stop(): Promise<void>
}

const GROUP = 'firebreak'
const SENTINELS = 3
const READY_MS = 30_000

/** Much less patient than in earnest, so that a test need not wait long for a failover. */
const IMPATIENT = { down: 500, failover: 2_000 }

interface Server {
  port: number
  pid: number
  callOff: () => void
}

export async function temporarySentinels(): Promise<WatchedRedis> {
  const dir = mkdtempSync(join(tmpdir(), 'firebreak-sentinels-'))
  const program = await redisProgram(join(ROOT, '.firebreak'))
  const password = randomBytes(24).toString('base64url')
  const servers: Server[] = []
  const stop = async () => {
    for (const { pid } of servers) signal(pid, 'SIGKILL')
    await Promise.all(servers.map(({ pid }) => waitUntilGone(pid, 5_000)))
    for (const { callOff } of servers) callOff()
    rmSync(dir, { recursive: true, force: true })
  }

  async function start(configuration: string[], secret: string, ...args: string[]): Promise<Server> {
    const port = await freePort()
    const home = join(dir, String(port))
    mkdirSync(home)
    const [config, logFile] = [join(home, 'redis.conf'), join(home, 'redis.log')]
    writeState(
      config,
      [`port ${port}`, 'bind 127.0.0.1', `dir ${JSON.stringify(home)}`, ...configuration, ''].join('\n'),
    )
    const log = openSync(logFile, 'w', 0o600)
    const child = spawn(program.path, [config, ...args], {
      stdio: ['ignore', log, log],
      detached: true,
      env: { ...process.env, ...program.env },
    })
    closeSync(log)
    child.on('error', () => undefined)
    child.unref()
    if (child.pid === undefined) throw new Error(`Redis cannot be started from ${program.path}`)
    const server = { port, pid: child.pid, callOff: guard(child.pid, home) }
    servers.push(server)
    if (!(await until(async () => (await ask(port, secret, 'PING').catch(() => '')) === '+PONG', READY_MS)))
      throw new Error(`Redis does not start; the end of ${logFile}:\n${readFileSync(logFile, 'utf8').slice(-1_000)}`)
    return server
  }

  try {
    const data = [
      `requirepass ${password}`,
      `masterauth ${password}`,
      'save ""',
      'appendonly no',
      'repl-diskless-sync-delay 0',
    ]
    const first = await start(data, password)
    const second = await start([...data, `replicaof 127.0.0.1 ${first.port}`], password)
    const follows = async () => (await ask(second.port, password, 'INFO replication')).includes('master_link_status:up')
    if (!(await until(follows, READY_MS, 50))) throw new Error('the second Redis does not follow the first')
    const watch = [
      `sentinel monitor ${GROUP} 127.0.0.1 ${first.port} ${SENTINELS - 1}`,
      `sentinel auth-pass ${GROUP} ${password}`,
      `sentinel down-after-milliseconds ${GROUP} ${IMPATIENT.down}`,
      `sentinel failover-timeout ${GROUP} ${IMPATIENT.failover}`,
    ]
    const sentinels: Server[] = []
    for (let nth = 0; nth < SENTINELS; nth++) sentinels.push(await start(watch, '', '--sentinel'))
    const seenBy = ({ port }: Server) => ask(port, '', 'INFO sentinel')
    const whole = `status=ok,address=127.0.0.1:${first.port},slaves=1,sentinels=${SENTINELS}`
    for (const sentinel of sentinels)
      if (!(await until(async () => (await seenBy(sentinel)).includes(whole), READY_MS, 50)))
        throw new Error('the Sentinels do not find each other')

    const master = async () => Number(/address=127\.0\.0\.1:(\d+)/.exec(await seenBy(sentinels[0]!))?.[1])
    const serving = async () => {
      const port = await master()
      return servers.find((server) => server.port === port)!
    }
    return {
      url: `redis://:${password}@${GROUP}?${sentinels.map(({ port }) => `sentinel=127.0.0.1:${port}`).join('&')}`,
      master,
      async freezeMaster() {
        const { pid } = await serving()
        signal(pid, 'SIGSTOP')
        return () => signal(pid, 'SIGCONT')
      },
      async killMaster() {
        signal((await serving()).pid, 'SIGKILL')
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
