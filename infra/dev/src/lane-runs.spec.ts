import { expect, test } from 'vitest'
import type { TestCase } from 'vitest/node'
import { count, countedBy, mustRun, runCommands, runVitest } from './lane-runs.js'
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
    output: 'text',
  })
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
