import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TestCase } from 'vitest/node'
import { count, countedBy, countTwice, mustRun, runCommands, runVitest, runVitestTwice } from './lane-runs.js'
import { chooseLanes, LANES } from './lanes.js'
import { ROOT } from './root.js'
import SkipReasons from './skip-reasons.js'

const file = (status: string, ...tests: string[]) => ({
  name: `${ROOT}/libs/a.spec.ts`,
  status,
  assertionResults: tests.map((test, n) => ({ fullName: `test ${n}`, status: test })),
})

test('tests are counted as vitest saw them, and the skipped ones have names', () => {
  const report = { testResults: [file('failed', 'passed', 'failed', 'pending'), file('passed', 'passed', 'todo')] }
  expect(count(report, 1, 'text')).toEqual({
    passed: 2,
    failed: 1,
    skipped: ['libs/a.spec.ts: test 2', 'libs/a.spec.ts: test 1'],
    failures: ['libs/a.spec.ts: test 1'],
    flaky: [],
    output: 'text',
  })
})

test('what passes when it is played once more counts as passed, and is named as flaky with how it failed', () => {
  const once = (...files: ReturnType<typeof file>[]) => ({ report: { testResults: files }, code: 1, text: 'once' })
  const bad = file('failed', 'passed', 'failed')
  Object.assign(bad.assertionResults[1]!, { failureMessages: ['Error: too late\n at a line'] })
  const other = { ...file('passed', 'passed'), name: `${ROOT}/libs/b.spec.ts` }
  expect(countTwice(once(bad, other), { ...once(file('passed', 'passed', 'passed')), code: 0 })).toEqual({
    passed: 3,
    failed: 0,
    skipped: [],
    failures: [],
    flaky: ['libs/a.spec.ts: test 1: Error: too late'],
    output: expect.stringMatching(/^once[^]*once more[^]*once$/) as string,
  })
  expect(countTwice(once(bad, other), once(bad))).toMatchObject({
    passed: 2,
    failed: 1,
    failures: ['libs/a.spec.ts: test 1'],
    flaky: [],
  })
  // What went wrong beside the tests counts, unless it is of a file that was played again.
  const beside = (from: string) => ({
    ...once(bad, other),
    text: `Vitest caught 1 unhandled error during the test run.\n${from}`,
  })
  const well = { ...once(file('passed', 'passed', 'passed')), code: 0 }
  const flaky = ['libs/a.spec.ts: test 1: Error: too late']
  const origin = (name: string) => `This error originated in "\u001b[1m${name}\u001b[22m" test file.`
  expect(countTwice(beside(''), well)).toMatchObject({ passed: 3, failed: 1, flaky })
  expect(countTwice(beside(origin('libs/b.spec.ts')), well)).toMatchObject({ failed: 1, flaky })
  expect(countTwice(beside(origin('libs/a.spec.ts')), well)).toMatchObject({ failed: 0, flaky })
  // A second play that dies has shown nothing.
  expect(countTwice(once(bad, other), { ...once(), code: 134 })).toMatchObject({ failed: 1 })
})

test('a broken file fails both times; more than two at once are not played again', async () => {
  // Where vitest finds it, and lint, which may run beside this, does not.
  const folder = join(ROOT, '.nx/spoiled/src')
  mkdirSync(folder, { recursive: true })
  const spoiled = (name: string, body: string) => {
    writeFileSync(
      join(folder, name),
      `import { existsSync, writeFileSync } from 'node:fs'\nimport { test } from 'vitest'\n${body}`,
    )
    return join(folder, name)
  }
  try {
    const broken = spoiled('broken.spec.ts', `test('broken', () => { throw new Error('always') })`)
    const mark = JSON.stringify(join(folder, 'mark'))
    const byChance = spoiled(
      'chance.spec.ts',
      `test('chance', () => { if (!existsSync(${mark})) { writeFileSync(${mark}, ''); throw new Error('once') } })`,
    )
    const outcome = await runVitestTwice([broken, byChance])
    expect(outcome).toMatchObject({ passed: 1, failed: 1, flaky: [expect.stringMatching(/chance: Error: once$/)] })
    rmSync(join(folder, 'mark'))
    const third = spoiled('third.spec.ts', `test('broken too', () => { throw new Error('always') })`)
    expect(await runVitestTwice([broken, byChance, third])).toMatchObject({ passed: 0, failed: 3, flaky: [] })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a test that skips itself is told of with its reason', () => {
  const meta = {}
  new SkipReasons().onTestCaseResult({
    meta: () => meta,
    result: () => ({ state: 'skipped', note: 'no git here' }),
  } as unknown as TestCase)
  const itself = { fullName: 'test', status: 'skipped', meta }
  expect(count({ testResults: [{ ...file('passed', 'passed'), assertionResults: [itself] }] }, 0, '').skipped).toEqual([
    'libs/a.spec.ts: test: no git here',
  ])
})

test('a file that does not load is a failure, and so is a vitest that fails without a test', () => {
  expect(count({ testResults: [file('failed'), file('passed', 'passed')] }, 1, '')).toMatchObject({
    passed: 1,
    failed: 1,
  })
  expect(count({ testResults: [file('passed', 'passed')] }, 1, '')).toMatchObject({ passed: 1, failed: 1 })
  expect(count({ testResults: [] }, 134, '')).toMatchObject({ failed: 1 })
})

test('a lane in which nothing ran fails', async () => {
  expect(mustRun(await runVitest([]))).toMatchObject({ passed: 0, failed: 1 })
  expect(mustRun(count({ testResults: [file('passed', 'skipped')] }, 0, ''))).toMatchObject({ failed: 1 })
})

test('commands count once together; one that says what it must not is a failure', async () => {
  const say = (text: string, code = 0) => [process.execPath, '-e', `console.log('${text}'); process.exitCode = ${code}`]
  expect(await runCommands([say('fine'), say('fine')], /rule is off/)).toMatchObject({ passed: 1, failed: 0 })
  expect(await runCommands([say('the rule is off'), say('fine')], /rule is off/)).toMatchObject({
    passed: 0,
    failed: 1,
  })
  const both = await runCommands([say('one', 1), say('two')])
  expect(both).toMatchObject({ passed: 0, failed: 1 })
  expect(both.output).toMatch(/one[^]*two/)
  expect(await runCommands([['there-is-no-such-program']])).toMatchObject({ failed: 1 })
})

test('what yields lets others go first, and what it starts does too', async () => {
  const child = `require('child_process').execFileSync(process.execPath, ['-p', 'os.getPriority()'], { stdio: 'inherit' })`
  const tell = [process.execPath, '-e', `console.log(os.getPriority()); ${child}`]
  const { output } = await runCommands([tell], undefined, { yields: true })
  expect(output.match(/^\d+$/gm)).toEqual(['5', '5'])
})

test('a program that counts for itself is taken by its last line and its exit code', () => {
  expect(countedBy(0, 'a table\n29 passed, 0 failed\n')).toMatchObject({ passed: 29, failed: 0 })
  expect(countedBy(1, '27 passed, 2 failed')).toMatchObject({ passed: 27, failed: 2 })
  expect(countedBy(1, '29 passed, 0 failed')).toMatchObject({ passed: 29, failed: 1 })
  expect(countedBy(0, '29 passed, 0 failed\nand then it broke')).toMatchObject({ passed: 0, failed: 1 })
})

test('lanes are chosen by name and run in their own order', () => {
  expect(chooseLanes(['types', 'lint']).map((lane) => lane.name)).toEqual(['lint', 'types'])
  expect(chooseLanes([])).toBe(LANES)
  expect(() => chooseLanes(['lnit'])).toThrow(/no lane lnit. The lanes are: console, lint, store/)
})
