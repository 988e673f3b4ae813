import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { setPriority, tmpdir } from 'node:os'
import { delimiter, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { ROOT } from './root.js'

/** What came of one lane. `output` is everything it said, for when it failed. */
export interface Outcome {
  passed: number
  failed: number
  /** Each skipped test by its name, with the reason that it gave. */
  skipped: string[]
  /** Each failed test by its name. */
  failures: string[]
  /** Each test that failed, and passed when its file was played once more: by its name, with how it failed. */
  flaky: string[]
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

/** More files than this do not fail by chance: they are not played again. */
const BY_CHANCE = 2

/** The part of vitest's JSON report that is read here. */
interface Report {
  testResults: {
    name: string
    status: string
    assertionResults: {
      fullName: string
      status: string
      meta?: { skipped?: string }
      failureMessages?: string[]
    }[]
  }[]
}

/** Commands that count as one test together. `refused` is what none of them may say, even when it ends well. */
export async function runCommands(commands: string[][], refused?: RegExp, how: How = {}): Promise<Outcome> {
  let output = ''
  const failures: string[] = []
  for (const command of commands) {
    const { code, text } = await run(command, how)
    output += `$ ${command.join(' ')}\n${text}`
    if (code !== 0 || refused?.test(text)) failures.push(command.join(' '))
  }
  const failed = failures.length > 0 ? 1 : 0
  return { passed: 1 - failed, failed, skipped: [], failures, flaky: [], output }
}

/** A program that counts for itself and closes with `N passed, N failed`. */
export async function runCounting(command: string[]): Promise<Outcome> {
  const { code, text } = await run(command)
  return countedBy(code, text)
}

/** What such a program's last line says; one that says nothing, or ends otherwise than it counted, has failed. */
export function countedBy(code: number, text: string): Outcome {
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/m.exec(text.trimEnd().split('\n').at(-1) ?? '') ?? []
  const none = { skipped: [], failures: [], flaky: [] }
  if (passed === undefined)
    return { passed: 0, failed: 1, ...none, output: `${text}\nit did not count (exit ${code})\n` }
  const bad = Math.max(Number(failed), code === 0 ? 0 : 1)
  return { passed: Number(passed), failed: bad, ...none, output: text }
}

/** vitest over exactly these files, counted from its own report. */
export async function runVitest(files: string[], how: How = {}): Promise<Outcome> {
  const { report, code, text } = await played(files, how)
  return count(report, code, text)
}

/**
 * The same, but what fails by chance fails twice: one or two files that failed are played once more, after all others. A test
 * that passes then is counted as passed, and is named as flaky with how it failed: on two busy cores a clock runs out now and
 * then, and one of thousands must not hide what the others say. What is broken fails again.
 */
export async function runVitestTwice(files: string[], how: How = {}): Promise<Outcome> {
  const first = await played(files, how)
  const bad = first.report.testResults
    .filter((file) => file.status === 'failed')
    .map((file) => relative(ROOT, file.name))
  if (bad.length === 0 || bad.length > BY_CHANCE) return count(first.report, first.code, first.text)
  const second = await played(bad, how)
  return countTwice(first, second)
}

interface Played {
  report: Report
  code: number
  text: string
}

async function played(files: string[], how: How): Promise<Played> {
  if (files.length === 0) return { report: { testResults: [] }, code: 0, text: '' }
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
    return { report: readReport(reportFile), code, text }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What is to be said of two plays, the second of which had the failed files of the first. */
export function countTwice(first: Played, second: Played): Outcome {
  const again = new Map(second.report.testResults.map((file) => [file.name, file]))
  const testResults = first.report.testResults.map((file) => again.get(file.name) ?? file)
  const outcome = count({ testResults }, second.code, `${first.text}\nonce more\n${second.text}`)
  const failedAgain = new Set(outcome.failures)
  const flaky = failuresOf(first.report).filter(({ name }) => !failedAgain.has(name))
  const told = { ...outcome, flaky: flaky.map(({ name, how }) => `${name}: ${how}`) }
  const replayed = new Set([...again.keys()].map((file) => relative(ROOT, file)))
  if (outcome.failed > 0 || besideTests(first.text).every((file) => replayed.has(file))) return told
  return { ...told, failed: 1, output: `${told.output}\nan error beside the tests of the first play is of no file that was played again\n` } // prettier-ignore
}

/** Of which file each error is that no test waited for. No report has them, and vitest ends with them as with a failed test. */
function besideTests(text: string): string[] {
  const plain = stripVTControlCharacters(text)
  const caught = Number(/caught (\d+) unhandled errors? during the test run/.exec(plain)?.[1] ?? 0)
  const origins = [...plain.matchAll(/This error originated in "([^"]+)" test file/g)].map(([, file]) => file!)
  return [...origins, ...Array.from({ length: Math.max(0, caught - origins.length) }, () => 'nobody knows which')]
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
  const passed = tests.filter((test) => test.status === 'passed').length
  const skipped = tests
    .filter((test) => !['passed', 'failed'].includes(test.status))
    .map(({ file, fullName, meta }) => [relative(ROOT, file), fullName, meta?.skipped].filter(Boolean).join(': '))
  const failures = failuresOf(report).map(({ name }) => name)
  const outcome = { passed, failed: failures.length, skipped, failures, flaky: [], output: text }
  if (failures.length > 0 || code === 0) return outcome
  return { ...outcome, failed: 1, output: `${text}\nvitest ended with ${code}, though no test failed\n` }
}

/** Each failure by its name, with the first line of what it says. */
function failuresOf(report: Report): { name: string; how: string }[] {
  return report.testResults.flatMap((file) => {
    const bad = file.assertionResults.filter((test) => test.status === 'failed')
    if (bad.length === 0 && file.status === 'failed')
      return [{ name: relative(ROOT, file.name), how: 'it did not load' }]
    return bad.map(({ fullName, failureMessages }) => ({
      name: `${relative(ROOT, file.name)}: ${fullName}`,
      how: failureMessages?.[0]?.split('\n')[0] ?? 'it did not say how',
    }))
  })
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
