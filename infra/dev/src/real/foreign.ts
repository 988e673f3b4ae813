import { spawn } from 'node:child_process'
import { closeSync, globSync, openSync, readFileSync, rmSync } from 'node:fs'
import { guard, signal, until } from '../processes.js'

/** How to start a server that is none of the house's programs. */
export interface Foreign {
  name: string
  command: string
  args: string[]
  cwd: string
  env?: Record<string, string>
  logFile: string
  /** An address that answers 200 when it serves. */
  ready: string
  readyMs?: number
  /** A folder that goes with it. */
  takes?: string
}

export interface RunningForeign {
  pid: number
  /** Ends it and all that it started, in good order, and waits for that. */
  stop: () => Promise<void>
}

const READY_MS = 60_000

/**
 * Starts it in a group of its own, and resolves when it serves. Rejects with the end of its log when it does not. It ends
 * with the process that started it, however that one went.
 */
export async function startForeign(foreign: Foreign): Promise<RunningForeign> {
  const { name, command, args, cwd, env, logFile, ready, readyMs = READY_MS, takes } = foreign
  const log = openSync(logFile, 'a', 0o600)
  const child = spawn(command, args, { cwd, env: surroundings(env), stdio: ['ignore', log, log], detached: true })
  closeSync(log)
  let how: string | undefined
  child.once('error', (error) => (how = error.message))
  child.once('exit', (code, by) => (how ??= `ended with ${code ?? by}`))
  child.unref()
  const { pid } = child
  const callOff = pid === undefined ? undefined : guard(-pid, takes ?? '')
  const stop = async () => {
    if (pid !== undefined) await end(name, pid)
    callOff?.()
    if (takes !== undefined) rmSync(takes, { recursive: true, force: true })
  }
  const inTime = await until(async () => how !== undefined || answers(ready), readyMs, 50)
  if (pid !== undefined && inTime && how === undefined) return { pid, stop }
  // Said before it is ended, which is another way to end.
  const why = how ?? 'it was not ready in time'
  const said = readFileSync(logFile, 'utf8').trim().split('\n').slice(-8).join('\n')
  await stop()
  throw new Error(`${name} does not start (${why}); the end of ${logFile}:\n${said}`)
}

/** Servers that fork are ended as a group; the group's number is the first one's. */
async function end(name: string, pid: number): Promise<void> {
  for (const [word, ms] of [
    ['SIGTERM', 10_000],
    ['SIGKILL', 5_000],
  ] as const) {
    signal(-pid, word)
    if (await until(() => !groupLives(pid), ms, 50)) return
  }
  throw new Error(`${name} (pid ${pid}) does not end`)
}

/** Zombies have ended: in a container nobody may ever collect what a server left. Without /proc they count as alive. */
function groupLives(group: number): boolean {
  try {
    process.kill(-group, 0)
  } catch {
    return false
  }
  const stats = globSync('/proc/[0-9]*/stat').flatMap((file) => {
    try {
      return [readFileSync(file, 'utf8')]
    } catch {
      return []
    }
  })
  const states = stats
    .map((stat) => stat.slice(stat.lastIndexOf(')') + 2).split(' '))
    .flatMap(([state, , itsGroup]) => (itsGroup === String(group) ? [state] : []))
  return stats.length === 0 || states.some((state) => state !== 'Z')
}

/** A developer's cloud keys and addresses of servers are not for a server of a test. */
function surroundings(env: Record<string, string> = {}): Record<string, string> {
  const shared = /^(PATH|HOME|LANG|LC_.*|TMPDIR)$/
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] => shared.test(entry[0]) && entry[1] !== undefined,
  )
  return { ...Object.fromEntries(kept), TZ: 'UTC', ...env }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    await response.body?.cancel()
    return response.status === 200
  } catch {
    return false
  }
}
