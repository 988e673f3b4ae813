import { expect, test } from 'vitest'
import type { SmokeCheck } from './directory.js'
import { PortFailure } from './ports.js'
import { askSuite, failuresOf, judged, worseThan, type CheckResult } from './smoke.js'
import { aSuite } from './testing/fake-directory.js'
import { FakeSmoke } from './testing/fake-smoke.js'

const check = (different: Partial<SmokeCheck> = {}): SmokeCheck => ({
  ...{ name: 'golden', method: 'POST', path: '/v1/predict', body: '{"text":"a"}', status: 200, within_ms: 100 },
  ...{ fields: { label: 'invoice', 'of.parts.0': '1' }, same: ['score'] },
  ...different,
})
const answer = (body: unknown, { status = 200, took_ms = 7 } = {}) => ({
  ...{ status, took_ms },
  text: typeof body === 'string' ? body : JSON.stringify(body),
})
const WELL = { label: 'invoice', of: { parts: [1] }, score: 0.93 }

test('an answer as expected passes, and keeps what has to stay the same', () => {
  expect(judged(check(), answer(WELL))).toEqual({
    check: 'golden',
    asks: 'POST /v1/predict {"text":"a"} → 200 label=invoice of.parts.0=1 same score',
    passed: true,
    says: 'answered 200 in 7 ms, as expected',
    code: 200,
    took_ms: 7,
    golden: { score: '0.93' },
  })
})

test.each([
  ['another code', answer(WELL, { status: 503 }), 'answered 503, not 200'],
  ['a redirect', answer('', { status: 302 }), /^answered 302 \(a redirect, which is not followed\), not 200/],
  ['no JSON', answer('<html>'), 'answered what is no JSON'],
  ['another value', answer({ ...WELL, label: 'order' }), 'label is "order", not "invoice"'],
  ['a value that is missing', answer({ ...WELL, of: null }), 'of.parts.0 is not there, not "1"'],
  ['an inherited name', answer({ ...WELL, of: { parts: { length: 1 } } }), 'of.parts.0 is not there, not "1"'],
  ['a golden field that is missing', answer({ ...WELL, score: undefined }), 'has no score'],
  [
    'one that is too long',
    answer({ ...WELL, score: 'x'.repeat(201) }),
    'score is longer than 200 letters: too long to be compared',
  ],
  [
    'one that goes deeper than anybody reads',
    answer(`{"label":"invoice","of":{"parts":[1]},"score":${'['.repeat(300_000)}${']'.repeat(300_000)}}`),
    /^has no score$|^score is longer/,
  ],
  ['a slow one', answer(WELL, { took_ms: 101 }), 'took 101 ms, more than 100 ms'],
] as const)('%s fails, and says how', (_, given, says) => {
  const result = judged(check(), given)
  expect(result.passed).toBe(false)
  expect(result.says).toMatch(says)
})

test('of what a service wrote, neither secrets nor control characters are kept', () => {
  const mean = { label: 'Bearer abcdefghijkl\u001b[31m', of: { parts: [1] }, score: 'password=hunter22\u0007' }
  const result = judged(check(), answer(mean))
  expect(JSON.stringify(result)).not.toMatch(/hunter22|abcdefghijkl|\\u00/)
  expect(result.says).toContain('‹secret›')
})

test('what a check without fields is answered need not be JSON', () => {
  expect(judged(check({ fields: {}, same: [] }), answer('fine')).passed).toBe(true)
})

const suite = aSuite()
const [health, golden, unlabelled] = suite.checks.map(({ name }) => name) as [string, string, string]
const well = () =>
  new FakeSmoke()
    .answers('model', health, { ok: true })
    .answers('model', golden, { label: 'credit-note' })
    .answers('model', unlabelled, { label: 'order' })

test('all checks are asked in order, whatever one of them says', async () => {
  const smoke = well().fails('model', golden, 'unreachable')
  const results = await askSuite(smoke, suite)
  expect(smoke.asked).toEqual(['model/health', 'model/golden', 'model/unlabelled'])
  expect(results.map(({ passed }) => passed)).toEqual([true, false, true])
  expect(failuresOf(results)).toEqual(['golden could not be reached, or broke off in the middle of its answer'])
})

test('a service that hangs is not waited for at each of its checks', async () => {
  const smoke = well().fails('model', health, 'timeout').fails('model', golden, 'timeout')
  expect(failuresOf(await askSuite(smoke, suite))).toEqual([
    'health had no answer in time',
    'golden had no answer in time',
    'unlabelled was not asked, for 2 others had no answer in time',
  ])
  expect(smoke.asked).toHaveLength(2)
})

test.each(['not-found', 'forbidden'] as const)('%s is said of us, and thrown', async (kind) => {
  await expect(askSuite(well().fails('model', golden, kind), suite)).rejects.toThrow(PortFailure)
})

const results = (smoke: FakeSmoke) => askSuite(smoke, suite)
const without = (all: CheckResult[], name: string) => all.filter(({ check }) => check !== name)

test('the same answers are not worse, however long they took', async () => {
  const slower = well().answers('model', health, { ok: true }, { took_ms: 1_900 })
  expect(worseThan(await results(well()), await results(slower))).toEqual([])
})

test.each<[string, (then: CheckResult[], now: CheckResult[]) => [CheckResult[], CheckResult[]], string[]]>([
  [
    'a check that is new',
    (then, now) => [without(then, golden), now],
    ['golden is new: what it answered before is not known'],
  ],
  [
    'a check that is gone',
    (then, now) => [then, without(now, golden)],
    ['golden is not asked any more: it cannot be compared'],
  ],
  [
    'a check that asks something else',
    (then, now) => [then.map((one) => ({ ...one, asks: one.check === golden ? 'GET /' : one.asks })), now],
    ['golden asks something else than before: it cannot be compared'],
  ],
])('%s counts as worse', async (_, change, says) => {
  expect(worseThan(...change(await results(well()), await results(well())))).toEqual(says)
})

test('a failure and a golden sample that differs are worse, each with its words', async () => {
  const now = well().answers('model', golden, { label: 'invoice' }).answers('model', unlabelled, { label: 'reminder' })
  expect(worseThan(await results(well()), await results(now))).toEqual([
    'golden label is "invoice", not "credit-note"',
    'unlabelled answers label "reminder", where it was "order" before',
  ])
  const red = await results(now)
  expect(worseThan(red, red)).toEqual(['golden label is "invoice", not "credit-note" (it failed before, too)'])
})
