import { getEventListeners } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isAlive, until } from './processes.js'
import { program, runToEnd } from './service.js'
import { Supervisor } from './supervisor.js'

let folder: string
let logs: string
let supervisor: Supervisor
let said: string[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-spec-'))
  logs = join(folder, 'logs')
  mkdirSync(logs)
  said = []
  supervisor = new Supervisor({ say: (line) => said.push(line), backoff: 1 })
})

afterEach(async () => {
  await supervisor.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** A small program that stands in for a process of the house. */
function standIn(name: string, code: string) {
  const file = join(folder, `${name}.mjs`)
  writeFileSync(file, code)
  return program({ name, args: [file], env: {}, ready: 'message', readyMs: 20_000 }, logs)
}

const log = (name: string) => readFileSync(join(logs, `${name}.log`), 'utf8')
const pidOf = (name: string) => supervisor.running.find((one) => one.name === name)?.pid ?? 0
/** Says that it is ready, and writes its name when it is asked to end. */
const SERVES = `
  import { appendFileSync } from 'node:fs'
  import { basename } from 'node:path'
  process.on('SIGTERM', () => {
    appendFileSync(new URL('ends', import.meta.url), basename(process.argv[1], '.mjs') + '\\n')
    process.exit(143)
  })
  setInterval(() => {}, 1000)
  process.send({ ready: true })`

test('what dies is started again, and a person hears of it', async () => {
  await supervisor.start(standIn('worker', SERVES))
  const first = pidOf('worker')
  process.kill(first, 'SIGKILL')
  expect(await until(() => ![0, first].includes(pidOf('worker')), 20_000)).toBe(true)
  expect(said).toEqual(['worker ended (SIGKILL); starting it again'])
})

test('one that is held back stays away for as long as it is held', async () => {
  await supervisor.stop()
  const held = new Set(['api'])
  supervisor = new Supervisor({ say: (line) => said.push(line), backoff: 1, held: (name) => held.has(name) })
  await supervisor.start(standIn('api', SERVES))
  process.kill(pidOf('api'), 'SIGKILL')
  expect(await until(() => said.length > 0, 20_000)).toBe(true)
  expect(said).toEqual(['api ended (SIGKILL), and is held back'])
  expect(pidOf('api')).toBe(0)
  held.clear()
  expect(await until(() => pidOf('api') !== 0, 20_000)).toBe(true)
})

test('one that is held back for long leaves nothing behind at each look', async () => {
  await supervisor.stop()
  let looks = 0
  let stopping = new AbortController().signal
  supervisor = new Supervisor({ say: () => {}, backoff: 1, held: () => ++looks > 0 })
  const service = standIn('api', SERVES)
  await supervisor.start({ ...service, start: (signal) => service.start((stopping = signal)) })
  process.kill(pidOf('api'), 'SIGKILL')
  expect(await until(() => looks > 100, 20_000)).toBe(true)
  expect(getEventListeners(stopping, 'abort').length).toBeLessThan(10)
})

test('one that keeps dying is started again and again', async () => {
  await supervisor.start(standIn('api', SERVES))
  const pids = new Set<number>()
  for (let deaths = 0; deaths < 3; deaths++) {
    const pid = pidOf('api')
    pids.add(pid)
    process.kill(pid, 'SIGKILL')
    expect(await until(() => ![0, pid].includes(pidOf('api')), 20_000)).toBe(true)
  }
  expect(pids.size).toBe(3)
  expect(said).toHaveLength(3)
})

test('stop ends all, the latest first, and leaves no process', async () => {
  for (const name of ['one', 'two', 'three']) await supervisor.start(standIn(name, SERVES))
  const pids = supervisor.running.map((one) => one.pid)
  expect(pids.filter(isAlive)).toHaveLength(3)
  await supervisor.stop()
  expect(pids.filter(isAlive)).toEqual([])
  expect(readFileSync(join(folder, 'ends'), 'utf8')).toBe('three\ntwo\none\n')
  expect(said).toEqual([])
})

test('stop while something is still starting does not wait for it', async () => {
  const starting = supervisor.start(standIn('slow', `console.log('here'); setInterval(() => {}, 1000)`))
  const refused = expect(starting).rejects.toThrow(/slow did not start \(SIGTERM\)/)
  expect(await until(() => log('slow').includes('here'), 20_000)).toBe(true)
  await supervisor.stop()
  await refused
  await expect(supervisor.start(standIn('late', SERVES))).rejects.toThrow('stopping')
})

test('one that fails at the start says why, with the end of its log', async () => {
  const broken = standIn('api', `console.error('firebreak.yaml line 3: expected a number'); process.exit(1)`)
  await expect(supervisor.start(broken)).rejects.toThrow(/api did not start \(code 1\)[^]*line 3: expected a number/)
  // A line of JSON is quoted as a person reads it.
  const line = { level: 'fatal', time: '2026-11-26T03:00:00.000Z', name: 'worker', pid: 7, msg: 'could not start', err: { stack: 'Error: no password for fb_worker\n    at x' } } // prettier-ignore
  const fatal = standIn('worker', `console.log(${JSON.stringify(JSON.stringify(line))}); process.exit(1)`)
  await expect(supervisor.start(fatal)).rejects.toThrow(
    /03:00:00\.000\S* worker \S*fatal\S* could not start\n {4}Error: no password for fb_worker/,
  )
})

test('kill ends all at once', async () => {
  await supervisor.start(
    standIn('stubborn', `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); process.send({ ready: true })`),
  )
  const pid = pidOf('stubborn')
  supervisor.kill()
  expect(await until(() => !isAlive(pid), 10_000)).toBe(true)
})

test('a program that is to end is waited for, and its failure is told; the log of the start before is kept', async () => {
  const file = join(folder, 'migrate.mjs')
  writeFileSync(file, `console.log('run ' + process.env.N); process.exitCode = Number(process.env.N)`)
  const run = (n: string) => runToEnd({ name: 'migrate', args: [file], env: { N: n } }, logs)
  await run('0')
  await expect(run('3')).rejects.toThrow(/migrate did not start \(code 3\)[^]*run 3/)
  expect([log('migrate'), log('migrate.1')]).toEqual(['run 3\n', 'run 0\n'])
})

test("a program gets what it was given and none of the developer's credentials", async () => {
  process.env['AWS_SECRET_ACCESS_KEY'] = 'of the developer'
  process.env['FIREBREAK_SPEC'] = 'passed on'
  try {
    const file = join(folder, 'env.mjs')
    writeFileSync(
      file,
      `console.log(JSON.stringify([process.env.AWS_SECRET_ACCESS_KEY, process.env.FIREBREAK_SPEC, process.env.MINE, process.env.TZ]))`,
    )
    await runToEnd({ name: 'env', args: [file], env: { MINE: 'given' } }, logs)
    expect(JSON.parse(log('env'))).toEqual([null, 'passed on', 'given', 'UTC'])
  } finally {
    delete process.env['AWS_SECRET_ACCESS_KEY']
    delete process.env['FIREBREAK_SPEC']
  }
})
