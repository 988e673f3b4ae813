import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { readable } from '@firebreak/telemetry'
import { isAlive, signal, until } from './processes.js'
import { ROOT } from './root.js'

/** One process that Firebreak is made of: how to start it, and how to know that it serves. */
export interface Service {
  name: string
  /** Resolves when it is ready; rejects with a reason that a person can act on. On `stop` it gives up and ends what it began. */
  start: (stop: AbortSignal) => Promise<Running>
}

export interface Running {
  pid: number
  /** Resolves when the process has ended, with how. Never rejects. */
  gone: Promise<string>
  /** Ends it in good order and waits for that. */
  stop: () => Promise<void>
  /** Ends it at once. */
  kill: () => void
}

export interface Program {
  name: string
  /** The built program and its arguments, from the checkout's root. */
  args: string[]
  /** All it gets besides what every program gets; secrets of others are not in it. */
  env: Record<string, string>
  /** An address that answers 200, or the message `{ ready: true }` on the channel to the launcher. */
  ready: { http: string } | 'message'
  readyMs?: number
}

const PRELOAD = pathToFileURL(join(ROOT, 'infra/dev/preload/die-with-parent.mjs')).href
const STOP_MS = 15_000

/** A service whose process is a Node program of the house. Its output goes to `<logs>/<name>.log`. */
export function program(spec: Program, logs: string): Service {
  rotateLog(logs, spec.name)
  return { name: spec.name, start: (stop) => startProgram(spec, logs, stop) }
}

/** Runs a program to its end. Rejects with the end of its log when it fails. */
export async function runToEnd(spec: Omit<Program, 'ready'>, logs: string): Promise<void> {
  rotateLog(logs, spec.name)
  const { child, logFile } = launch(spec, logs)
  const how = await ended(child)
  if (how !== 'code 0') throw new Error(failure(spec.name, how, logFile))
}

/** A server that is no child of ours to wait for: it may have been taken over from a launcher that was killed. */
export function server(name: string, start: () => Promise<{ pid: number; stop: () => Promise<void> }>): Service {
  return {
    name,
    async start() {
      const { pid, stop } = await start()
      return { pid, stop, gone: watch(pid), kill: () => signal(pid, 'SIGKILL') }
    },
  }
}

async function startProgram(spec: Program, logs: string, abort: AbortSignal): Promise<Running> {
  const { child, logFile } = launch(spec, logs)
  let how: string | undefined
  let said = false
  const gone = ended(child).then((text) => (how = text))
  child.on('message', (message) => (said ||= (message as { ready?: unknown } | null)?.ready === true))
  const kill = () => void child.kill('SIGKILL')
  const stop = async () => {
    child.kill('SIGTERM')
    if (!(await until(() => how !== undefined, STOP_MS))) kill()
    await gone
  }
  const onAbort = () => void stop()
  abort.addEventListener('abort', onAbort, { once: true })
  const ready = async () => how !== undefined || (spec.ready === 'message' ? said : await answers(spec.ready.http))
  const limit = spec.readyMs ?? 60_000
  const inTime = await until(ready, limit, 50)
  abort.removeEventListener('abort', onAbort)
  if (how === undefined && inTime) return { pid: child.pid ?? 0, gone, kill, stop }
  if (how === undefined) await stop()
  throw new Error(failure(spec.name, inTime ? (how ?? '') : `it was not ready within ${limit / 1000} s`, logFile))
}

/** Starts a program without waiting for it. */
export function launch(spec: Omit<Program, 'ready'>, logs: string) {
  const logFile = join(logs, `${spec.name}.log`)
  const log = openSync(logFile, 'a', 0o600)
  const child = spawn(process.execPath, ['--enable-source-maps', '--import', PRELOAD, ...spec.args], {
    cwd: ROOT,
    env: { ...common(), ...spec.env },
    stdio: ['ignore', log, log, 'ipc'],
    // A group of its own: Ctrl-C on the terminal reaches the launcher alone, which stops the others in order.
    detached: true,
  })
  closeSync(log)
  return { child, logFile }
}

/**
 * What every program gets of the launcher's environment. Not all of it: a developer's KUBECONFIG or AWS keys have no
 * business in a sandbox.
 */
function common(): Record<string, string> {
  const shared = /^(PATH|HOME|LANG|LC_.*|TMPDIR|NODE_EXTRA_CA_CERTS|FIREBREAK_.*)$/
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] => shared.test(entry[0]) && entry[1] !== undefined,
  )
  return { ...Object.fromEntries(kept), TZ: 'UTC', NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/node-compile') }
}

/** Resolves with how it ended; never rejects. */
export function ended(child: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, by) => resolve(by ?? `code ${code}`))
  })
}

function watch(pid: number): Promise<string> {
  return new Promise((resolve) => {
    const look = () => {
      if (isAlive(pid)) setTimeout(look, 250).unref()
      else resolve('its process is gone')
    }
    look()
  })
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

/** Keeps the log of the start before as `<name>.1.log`, so that what led to a crash can still be read. */
function rotateLog(logs: string, name: string): void {
  const file = join(logs, `${name}.log`)
  if (existsSync(file)) renameSync(file, join(logs, `${name}.1.log`))
}

function failure(name: string, how: string, logFile: string): string {
  const end = readFileSync(logFile, 'utf8').trim().split('\n').slice(-12).map(readable).join('\n')
  return `${name} did not start (${how}). The end of ${logFile}:\n${end || '(it said nothing)'}`
}
