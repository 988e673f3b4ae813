import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** True while `pid` runs. A zombie has ended: in a container nobody may ever collect it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return procStat(pid)?.state !== 'Z'
}

/** The command line of `pid`, its words joined by blanks; empty when there is no such process. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return ps(pid, 'command=')
  }
}

/** The folder that `pid` works in; undefined where the system does not say. */
export function folderOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return undefined
  }
}

/** When `pid` started, in the system's own notation. With the pid it names one process for good: pids are used again. */
export function startOf(pid: number): string {
  return procStat(pid)?.start ?? ps(pid, 'lstart=')
}

/** Waits until `pid` has ended. Returns false when it has not within `ms`. */
export async function waitUntilGone(pid: number, ms: number): Promise<boolean> {
  return until(() => !isAlive(pid), ms)
}

/** Asks every `every` milliseconds until `condition` holds. Returns false when it does not within `ms`. */
export async function until(condition: () => boolean | Promise<boolean>, ms: number, every = 15): Promise<boolean> {
  const deadline = performance.now() + ms
  for (;;) {
    if (await condition()) return true
    if (performance.now() >= deadline) return false
    await sleep(every)
  }
}

/** Sends `signal`; a process that is gone already is fine. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** A port of 127.0.0.1 that was free a moment ago: who listens on it must be ready to be refused. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

/** True when nobody listens on `port` of 127.0.0.1. */
export async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/**
 * Ends `pid` (a negative one: that group) and removes `folder`, if there is one, as soon as this process is gone, however
 * it went: a test that is killed leaves nothing.
 * The guard is a shell that reads from a pipe which only this process holds open. Returns how to call it off.
 */
export function guard(pid: number, folder: string): () => void {
  const script =
    'read _; kill -INT "$1" 2>/dev/null; i=0; while kill -0 "$1" 2>/dev/null && [ $i -lt 50 ]; do i=$((i+1)); sleep 0.1; done; kill -KILL "$1" 2>/dev/null; rm -rf "$2"'
  const shell = spawn('/bin/sh', ['-c', script, 'firebreak-guard', String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  })
  shell.on('error', () => {})
  shell.unref()
  ;(shell.stdin as unknown as { unref(): void }).unref()
  return () => shell.kill('SIGKILL')
}

/** State and start time out of /proc; undefined where there is no /proc. The name before them may hold blanks and brackets. */
function procStat(pid: number): { state: string; start: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0] ?? '', start: fields[19] ?? '' }
  } catch {
    return undefined
  }
}

function ps(pid: number, column: string): string {
  try {
    return execFileSync('ps', ['-o', column, '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return ''
  }
}
