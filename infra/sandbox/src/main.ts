import { resolve } from 'node:path'
import { env, exit, stderr, stdout } from 'node:process'
import { startSandbox, type SandboxOptions } from './sandbox.js'

/*
 * The sandbox as a process. FIREBREAK_SANDBOX_PORT (4700), SANDBOX_DIR (.firebreak/sandbox), SANDBOX_ALERTS_URL,
 * SANDBOX_ALERTS_KEY_FILE, SANDBOX_CLOCK (1: how many times faster than the wall clock), SANDBOX_SEED (1), SANDBOX_REDIS_URL,
 * SANDBOX_MONITORS (elsewhere: a real Alertmanager sends the alerts).
 */
function number(name: string, otherwise: number, [least, most]: [number, number]): number {
  const given = env[name]
  const value = given === undefined || given === '' ? otherwise : Number(given)
  if (value >= least && value <= most) return value
  throw new Error(`${name} is ${JSON.stringify(given)}, expected a number from ${least} to ${most}`)
}

function options(): SandboxOptions {
  const { SANDBOX_ALERTS_URL: alertsUrl, SANDBOX_ALERTS_KEY_FILE: keyFile, SANDBOX_REDIS_URL: redisUrl } = env
  return {
    port: Math.trunc(number('FIREBREAK_SANDBOX_PORT', 4700, [0, 65_535])),
    dir: resolve(env.SANDBOX_DIR || '.firebreak/sandbox'),
    speed: number('SANDBOX_CLOCK', 1, [0.1, 100]),
    seed: Math.trunc(number('SANDBOX_SEED', 1, [0, 2 ** 32 - 1])),
    ...(alertsUrl ? { alertsUrl: new URL(alertsUrl).href } : {}),
    ...(redisUrl ? { redisUrl } : {}),
    ...(keyFile ? { keyFile: resolve(keyFile) } : {}),
    watchedElsewhere: env.SANDBOX_MONITORS === 'elsewhere',
    print: (line) => void stdout.write(`sandbox  ${line}\n`),
  }
}

try {
  const sandbox = await startSandbox(options())
  stdout.write(`sandbox  a simulator, listens on ${sandbox.url}\n`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void sandbox.stop().then(() => exit(0)))
} catch (error) {
  stderr.write(`sandbox  cannot start: ${error instanceof Error ? error.message : String(error)}\n`)
  exit(1)
}
