import { expect, test } from 'vitest'
import { CelFault, MOST_CHARACTERS, Scope, type Scalar } from './index.js'

const scope = new Scope({
  facts: {
    replicas: 'int',
    ready: 'int',
    name: 'string',
    autoscaler: { min: 'int' },
    all: [{ ref: 'string', replicas: 'int' }],
  },
  labels: 'labels',
})
const values = {
  facts: {
    replicas: 3,
    ready: 1,
    name: 'api',
    all: [
      { ref: 'a', replicas: 0 },
      { ref: 'b', replicas: 2 },
    ],
  },
  labels: { service: 'api', constructor: 'x' },
}
const any: Scalar[] = ['int', 'string', 'bool']
const evaluate = (text: string) => scope.compile(text, 'here', any).evaluate(values)
const found = (text: string, wanted = any): string => {
  try {
    scope.compile(text, 'here', wanted)
    return 'fine'
  } catch (error) {
    if (!(error instanceof CelFault)) throw error
    return error.found
  }
}

test.each([
  ['facts.replicas * 2 + 1', 7],
  ['facts.replicas / 2', 1],
  ['least(greatest(facts.replicas * 2, 5), 5)', 5],
  ['facts.replicas > 2 && facts.ready < facts.replicas', true],
  ['has(facts.autoscaler) ? facts.autoscaler.min : 0', 0],
  ['facts.all.filter(d, d.replicas == 0).size()', 1],
  ['facts.all.exists(d, d.ref == "b" && d.replicas > 1)', true],
  ['"service" in labels && labels.service == facts.name', true],
  ['labels.constructor', 'x'],
  ['"toString" in labels', false],
  ['labels.exists(name, name.startsWith("serv"))', true],
  ['facts.name + "-" + string(facts.replicas)', 'api-3'],
  ['facts.name.startsWith("a")', true],
])('%s is %j', (text, answer) => expect(evaluate(text)).toBe(answer))

test.each([
  ['facts.autoscaler.min', 'No such key: autoscaler'],
  ['labels.severity', 'No such key: severity'],
  ['facts.replicas / (facts.ready - 1)', 'division by zero'],
  ['9223372036854775807 + facts.replicas', 'integer overflow'],
  ['9007199254740993 + facts.replicas', 'more than a plan can hold'],
  ['int(facts.name)', 'cannot convert'],
])('%s is not guessed: %s', (text, because) => {
  expect(() => evaluate(text)).toThrow(`here could not be worked out: `)
  expect(() => evaluate(text)).toThrow(because)
})

test.each([
  'facts.name.matches("a")',
  'cel.bind(a, facts.name, a + a)',
  'timestamp("2026-01-01T00:00:00Z") == timestamp("2026-01-01T00:00:00Z")',
  'b"abc" == b"abc"',
  'type(facts.name) == string',
  'dyn(facts.name) == "a"',
  '1.5 < 2.0',
  '{"a": 1}.a == 1',
  'facts["replicas"] == 1 ? null : null',
])('%s is not spoken here', (text) => expect(found(text)).not.toBe('fine'))

test.each([
  ['depth', '('.repeat(400) + '1' + ')'.repeat(400)],
  ['width', `1${'+1'.repeat(400)}`],
  ['a tower of minuses', `${'-'.repeat(900)}1`],
  ['length', `"${'x'.repeat(MOST_CHARACTERS)}" == facts.name`],
  ['loops inside loops', 'facts.all.all(a, facts.all.all(b, facts.all.all(c, a.ref == b.ref && b.ref == c.ref)))'],
  ['lists that grow', 'facts.all.map(a, facts.all.map(b, facts.all.map(c, c.ref))).size() > 1'],
  ['texts that grow', 'facts.all.map(a, facts.all.map(b, a.ref + a.ref + a.ref + a.ref + a.ref)) == [[facts.name]]'],
])('no more than can be worked out at once: %s', (_, text) => {
  const began = performance.now()
  expect(found(text)).toMatch(/characters|too large|steps/)
  expect(performance.now() - began).toBeLessThan(1_000)
})

test('what was let through ends, on the largest of what it may be given', () => {
  const all = Array.from({ length: 100 }, (_, at) => ({ ref: `${'x'.repeat(4_000)}${at}`, replicas: at }))
  const text = 'facts.all.all(a, a.ref.contains("y") || facts.all.exists(b, a.replicas == b.replicas))'
  const began = performance.now()
  expect(scope.compile(text, 'here', ['bool']).evaluate({ ...values, facts: { ...values.facts, all } })).toBe(true)
  expect(performance.now() - began).toBeLessThan(2_000)
})

test.each([
  ['a text', { facts: { ...values.facts, name: 'x'.repeat(5_000) }, labels: {} }, 'facts.name has 5000 characters'],
  [
    'a list',
    { facts: { ...values.facts, all: Array.from({ length: 101 }, () => ({ ref: 'a', replicas: 1 })) }, labels: {} },
    'facts.all has 101 elements',
  ],
  [
    'labels',
    { facts: values.facts, labels: Object.fromEntries(Array.from({ length: 129 }, (_, at) => [`l${at}`, 'x'])) },
    'there are 129 labels',
  ],
  ['a fraction', { facts: { ...values.facts, ready: 0.5 }, labels: {} }, 'facts.ready is 0.5, not a whole number'],
])('%s beyond what its cost was reckoned with is refused', (_, given, because) => {
  expect(() => scope.compile('facts.ready == 1', 'here', ['bool']).evaluate(given)).toThrow(because)
})

test('says which names it hangs on, without its own', () => {
  expect(scope.compile('facts.all.exists(d, d.ref == facts.name) && "a" in labels', 'here', ['bool']).names).toEqual([
    ['facts', 'all'],
    ['facts', 'name'],
    ['labels'],
  ])
})
