import { resolve } from 'node:path'
import { freePort, isFree, until } from './processes.js'
import { ROOT } from './root.js'
import { readState, writeState } from './state.js'

/** What a person may set for `npm start`, by environment and arguments. */
export interface Settings {
  port: number
  sandboxPort: number
  /** Undefined: any free one, the same at each start. */
  notaryPort: number | undefined
  data: string
  config: string
  /** How many times faster than the wall clock the sandbox lives; 1 when left out. */
  sandboxSpeed?: number
  /** Who watches the sandbox: a Prometheus and an Alertmanager of this machine, the sandbox itself, or the first that is there. */
  monitors: 'real' | 'sandbox' | 'either'
  /** Exit after the story. */
  once: boolean
  story: boolean
}

const USAGE = `npm start                  starts everything, tells the story, and stays up
npm start -- --once        exits after the story: 0, or 1 if any part of it failed
npm start -- --no-story    only serves

FIREBREAK_PORT (4600), FIREBREAK_SANDBOX_PORT (4700), FIREBREAK_NOTARY_PORT (any free one),
FIREBREAK_DATA (.firebreak), FIREBREAK_CONFIG (firebreak.yaml), REDIS_URL (a Redis of its own),
FIREBREAK_LOG_LEVEL (info; the logs lie in the folder logs of FIREBREAK_DATA),
OTEL_EXPORTER_OTLP_ENDPOINT (where traces go; nowhere), FIREBREAK_MONITORS (real: the Prometheus and Alertmanager of this machine; sandbox: its imitation; else real if there)`

/** Throws an Error whose message says what to write instead. */
export function parseSettings(args: string[], env: NodeJS.ProcessEnv): Settings {
  const unknown = args.filter((arg) => !['--once', '--no-story'].includes(arg))
  if (unknown.length > 0) throw new Error(`${unknown.join(' ')} is not known here.\n\n${USAGE}`)
  if (args.includes('--once') && args.includes('--no-story'))
    throw new Error(`--once is about the story, --no-story leaves it out.\n\n${USAGE}`)
  return {
    port: portIn(env, 'FIREBREAK_PORT') ?? 4600,
    sandboxPort: portIn(env, 'FIREBREAK_SANDBOX_PORT') ?? 4700,
    notaryPort: portIn(env, 'FIREBREAK_NOTARY_PORT'),
    data: resolve(ROOT, env['FIREBREAK_DATA'] || '.firebreak'),
    config: resolve(ROOT, env['FIREBREAK_CONFIG'] || 'firebreak.yaml'),
    monitors: monitorsIn(env),
    once: args.includes('--once'),
    story: !args.includes('--no-story'),
  }
}

function monitorsIn(env: NodeJS.ProcessEnv): Settings['monitors'] {
  const text = env['FIREBREAK_MONITORS'] || 'either'
  if (text === 'real' || text === 'sandbox' || text === 'either') return text
  throw new Error(`FIREBREAK_MONITORS is ${JSON.stringify(text)}: real or sandbox was expected`)
}

function portIn(env: NodeJS.ProcessEnv, name: string): number | undefined {
  const text = env[name]
  if (text === undefined || text === '') return undefined
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new Error(`${name} is ${JSON.stringify(text)}: a port from 1 to 65535 was expected`)
}

/** Rejects with the variable to set when somebody listens there. `patience`: what a killed start left may be about to end. */
export async function needPort(port: number, variable: string, patience: number): Promise<void> {
  if (await until(() => isFree(port), patience, 100)) return
  throw new Error(
    `Port ${port} of 127.0.0.1 is taken by another program. End that one, or set ${variable} to a free port.`,
  )
}

/** A free port that stays the same from start to start, for what other processes remember by its address. */
export async function rememberedPort(file: string, name: string): Promise<number> {
  const ports = readState<Record<string, number>>(file) ?? {}
  const known = ports[name]
  if (known !== undefined && (await until(() => isFree(known), 1_000, 100))) return known
  const port = await freePort()
  writeState(file, { ...ports, [name]: port })
  return port
}
