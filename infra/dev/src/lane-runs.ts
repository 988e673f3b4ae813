import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { setPriority, tmpdir } from 'node:os'
import { delimiter, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT } from './root.js'

/** What came of one lane. `output` is everything it said, for when it failed. */
export interface Outcome {
  passed: number
  failed: number
  /** Each skipped test by its name, with the reason that it gave. */
  skipped: string[]
  output: string
}

/** How something is run. */
export interface How {
  /** Besides what every test gets. */
  env?: Record<string, string>
  /** It calculates, and lets go first what waits for a clock beside it. */
  yields?: boolean
}

/** Nice enough that a process that waits gets its turn at once, and not so nice that a test's 30 s run out meanwhile. */
const YIELDING = 5

/** The part of vitest's JSON report that is read here. */
interface Report {
  testResults: {
    name: string
    status: string
    assertionResults: { fullName: string; status: string; meta?: { skipped?: string } }[]
  }[]
}

/** Commands that count as one test together. `refused` is what none of them may say, even when it ends well. */
export async function runCommands(commands: string[][], refused?: RegExp, how: How = {}): Promise<Outcome> {
  let output = ''
  let failed = 0
  for (const command of commands) {
    const { code, text } = await run(command, how)
    output += `$ ${command.join(' ')}\n${text}`
    if (code !== 0 || refused?.test(text)) failed = 1
  }
  return { passed: 1 - failed, failed, skipped: [], output }
}

/** A program that counts for itself and closes with `N passed, N failed`. */
export async function runCounting(command: string[]): Promise<Outcome> {
  const { code, text } = await run(command)
  return countedBy(code, text)
}

/** What such a program's last line says; one that says nothing, or ends otherwise than it counted, has failed. */
export function countedBy(code: number, text: string): Outcome {
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/m.exec(text.trimEnd().split('\n').at(-1) ?? '') ?? []
  if (passed === undefined)
    return { passed: 0, failed: 1, skipped: [], output: `${text}\nit did not count (exit ${code})\n` }
  const bad = Math.max(Number(failed), code === 0 ? 0 : 1)
  return { passed: Number(passed), failed: bad, skipped: [], output: text }
}

/** vitest over exactly these files, counted from its own report. */
export async function runVitest(files: string[], how: How = {}): Promise<Outcome> {
  if (files.length === 0) return { passed: 0, failed: 0, skipped: [], output: '' }
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-report-'))
  const reportFile = join(folder, 'report.json')
  try {
    const vitest = [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--reporter=${fileURLToPath(new URL('skip-reasons.js', import.meta.url))}`,
      `--outputFile.json=${reportFile}`,
    ]
    const { code, text } = await run([process.execPath, ...vitest, ...files], how)
    return count(readReport(reportFile), code, text)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readReport(file: string): Report {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return { testResults: [] }
  }
}

/**
 * A file that failed without a failing test (it does not even load) is one failure, and so is a vitest that fails for a
 * reason that no test has.
 */
export function count(report: Report, code: number, text: string): Outcome {
  const tests = report.testResults.flatMap((file) =>
    file.assertionResults.map((test) => ({ ...test, file: file.name })),
  )
  const of = (status: string) => tests.filter((test) => test.status === status)
  const passed = of('passed').length
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  const skipped = tests
    .filter((test) => !['passed', 'failed'].includes(test.status))
    .map(({ file, fullName, meta }) => [relative(ROOT, file), fullName, meta?.skipped].filter(Boolean).join(': '))
  const failed = of('failed').length + broken.length
  if (failed > 0 || code === 0) return { passed, failed, skipped, output: text }
  return { passed, failed: 1, skipped, output: `${text}\nvitest ended with ${code}, though no test failed\n` }
}

/** A lane in which nothing ran has shown nothing: that is a failure. */
export function mustRun(outcome: Outcome): Outcome {
  if (outcome.passed + outcome.failed > 0) return outcome
  return { ...outcome, failed: 1, output: `${outcome.output}no test ran\n` }
}

async function run(command: string[], { env = {}, yields = false }: How = {}): Promise<{ code: number; text: string }> {
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...environment(), ...env },
  })
  if (yields && child.pid !== undefined) setPriority(child.pid, YIELDING)
  let text = ''
  const stopWithUs = () => child.kill('SIGTERM')
  process.once('SIGINT', stopWithUs).once('SIGTERM', stopWithUs)
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk) => (text += chunk))
  const code = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      text += `${error.message}\n`
      resolve(1)
    })
    child.once('close', (status) => resolve(status ?? 1))
  })
  process.off('SIGINT', stopWithUs).off('SIGTERM', stopWithUs)
  return { code, text }
}

/** The same on a developer's terminal and on a build machine: no colours into captured text, one zone, Nx without a daemon. */
function environment(): NodeJS.ProcessEnv {
  const path = `${join(ROOT, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: path,
    TZ: 'UTC',
    CI: 'true',
    NO_COLOR: '1',
    NX_DAEMON: 'false',
    NX_TUI: 'false',
  }
  // Tests bring their own systems: what they write must not reach the developer's.
  for (const name of ['FORCE_COLOR', 'REDIS_URL', 'DATABASE_URL', 'KUBECONFIG']) delete env[name]
  return env
}
