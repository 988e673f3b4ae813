import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { HouseDirectory, houseLimits } from './directory.js'
import { checkRecipes, loadHouse } from './house.js'
import { HouseError } from './index.js'
import { classify, severityOf } from './rules.js'

const HOUSE = `services:
  api:
    environment: prod
    deployment: prod/api
    p95_threshold_ms: 500
    max_replicas: 8
    metrics: { p95_ms: p95 }
classes:
  - { when: { alertname: HighApiLatency }, class: high-api-latency }
recipes:
  high-api-latency: [scale-api, pause-batch]
observe: { namespaces: [prod], interval_s: 2 }
`

/** What is said about the house when one text in it is replaced. */
function complaints(written: string, instead: string, text = HOUSE): string[] {
  expect(text).toContain(written)
  return said(text.replace(written, instead))
}

function said(text: string): string[] {
  try {
    loadHouse(text, 'firebreak.yaml')
  } catch (error) {
    expect(error).toBeInstanceOf(HouseError)
    return (error as HouseError).message.split('\n')
  }
  throw new Error('the house was read')
}

test('reads services, rules and limits', () => {
  const house = loadHouse(HOUSE, 'firebreak.yaml')
  expect(house.services.get('api')).toEqual({
    name: 'api',
    environment: 'prod',
    deployment: 'prod/api',
    p95_threshold_ms: 500,
    max_replicas: 8,
    metrics: { p95_ms: 'p95' },
  })
  expect(house.recipes.get('high-api-latency')).toEqual(['scale-api', 'pause-batch'])
  expect(house.observe).toEqual({ namespaces: ['prod'], interval_s: 2 })
})

test('what is left out has a default', () => {
  const house = loadHouse(HOUSE, 'firebreak.yaml')
  expect(house.severities).toEqual([])
  expect(house.limits).toEqual({ plan_expires_minutes: 30, resolve_window_minutes: 30, cooldown_minutes: 5 })
  expect(house.audit).toEqual({ self_check: { at: '03:00', retry_minutes: 60 } })
})

test('knows its services and no others, whatever an alert calls them', () => {
  const directory = new HouseDirectory(loadHouse(HOUSE, 'firebreak.yaml'))
  expect(directory.services().map(({ name }) => name)).toEqual(['api'])
  expect(directory.service('api')?.deployment).toBe('prod/api')
  for (const name of ['API', '', '__proto__', 'constructor', 'toString'])
    expect(directory.service(name)).toBeUndefined()
})

test.each([
  [
    'a word for a number',
    ['p95_threshold_ms: 500', 'p95_threshold_ms: fast'],
    'firebreak.yaml:5:23 services.api.p95_threshold_ms: found "fast", expected a whole number of milliseconds from 1 to 3600000',
  ],
  [
    'a fraction',
    ['max_replicas: 8', 'max_replicas: 1.5'],
    'firebreak.yaml:6:19 services.api.max_replicas: found 1.5, expected a whole number of replicas from 1 to 10000',
  ],
  [
    'a Deployment without its namespace',
    ['deployment: prod/api', 'deployment: api'],
    'firebreak.yaml:4:17 services.api.deployment: found "api", expected namespace/name of a Deployment',
  ],
  [
    'a key that is not there, at its parent',
    ['    environment: prod\n', ''],
    'firebreak.yaml:2:3 services.api.environment: found nothing, expected a name of lower-case letters, digits and -, at most 63',
  ],
  [
    'a key without a value, at the key',
    ['environment: prod', 'environment:'],
    'firebreak.yaml:3:5 services.api.environment: found nothing, expected a name of lower-case letters, digits and -, at most 63',
  ],
  [
    'a rule without a condition, which would match every alert',
    ['{ alertname: HighApiLatency }', '{}'],
    'firebreak.yaml:9:13 classes[0].when: found no keys, expected at least one label',
  ],
  [
    'a label value that is not text',
    ['alertname: HighApiLatency', 'page: true'],
    'firebreak.yaml:9:21 classes[0].when.page: found true, expected text (a number or true needs quotes)',
  ],
  [
    'a class that nearly is one',
    ['class: high-api-latency', 'class: high-api-latenci'],
    'firebreak.yaml:9:51 classes[0].class: found "high-api-latenci", expected one of high-api-latency, model-error-rate, ocr-failures, storage-errors, batch-failures, data-exfiltration, unclassified; did you mean high-api-latency?',
  ],
  [
    'a name that no namespace can have',
    ['namespaces: [prod]', 'namespaces: [Prod]'],
    'firebreak.yaml:12:25 observe.namespaces[0]: found "Prod", expected a name of lower-case letters, digits and -, at most 63',
  ],
  [
    'a service name that is none, at the name',
    ['  api:', '  My API:'],
    'firebreak.yaml:2:3 services.My API: found "My API", expected a name of lower-case letters, digits and -, at most 63',
  ],
] as const)('names line, found and expected: %s', (_, [written, instead], complaint) => {
  expect(complaints(written, instead)).toEqual([complaint])
})

test('an unknown key is refused with what was probably meant', () => {
  expect(complaints('p95_threshold_ms:', 'p95_treshold_ms:')).toEqual([
    expect.stringMatching(/^firebreak\.yaml:2:3 services\.api\.p95_threshold_ms: found nothing, expected/),
    'firebreak.yaml:5:5 services.api.p95_treshold_ms: found an unknown key, expected one of environment, deployment, p95_threshold_ms, max_replicas, metrics; did you mean p95_threshold_ms?',
  ])
})

test('an unknown key that is near to none gets no guess', () => {
  expect(complaints('recipes:', 'colour: red\nrecipes:')).toEqual([
    'firebreak.yaml:10:1 colour: found an unknown key, expected one of services, queues, buckets, models, ocr, smoke, evidence, pipelines, classes, severities, recipes, caps, budgets, observe, audit, limits',
  ])
})

test('an unknown key in a rule is refused with the keys of a rule', () => {
  expect(complaints('class: high-api-latency', 'class: high-api-latency, page: 1')).toEqual([
    'firebreak.yaml:9:69 classes[0].page: found an unknown key, expected one of when, class',
  ])
})

test('everything that is wrong is said at once, in the order of the file', () => {
  const text = HOUSE.replace('500', 'fast').replace('max_replicas: 8', 'max_replicas: many').replace('2 }', 'often }')
  expect(said(text).map((line) => line.split(' ')[0])).toEqual([
    'firebreak.yaml:5:23',
    'firebreak.yaml:6:19',
    'firebreak.yaml:12:44',
  ])
})

test('a value is shown, but not a page of it', () => {
  const [complaint] = complaints('prod/api', 'x'.repeat(5_000))
  expect(complaint).toContain(`found "${'x'.repeat(59)}… (5002 characters), expected namespace/name`)
})

test.each([
  ['a key twice', 'observe: {}\nobserve: {}', '2:1: found a key that stood there before, expected each key once'],
  ['two documents', 'a: 1\n---\nb: 2', '2:1: found a second document, expected one document without ---'],
  ['a tag', 'a: !!binary aGk=', '1:4: found a tag (!…), expected a plain value'],
  ['a tag of somebody', 'a: !env SECRET', '1:4: found a tag (!…), expected a plain value'],
  ['an alias to nothing', 'a: *b', '1:4: found *b, expected the name of an anchor above it'],
  ['a key that a plain object cannot hold', '__proto__: 1', '1:1: found the key "__proto__", expected another name'],
  ['a list as a key', '[a]: 1', '1:1: found a list or a mapping as a key, expected a name'],
  ['no YAML', 'a: "b', '1:6: found text that is not YAML (Missing closing "quote), expected YAML 1.2'],
  ['nothing', '', '1:1: found nothing, expected keys with values'],
  ['a list', '- a', '1:1: found a list, expected keys with values'],
])('refuses %s', (_, text, complaint) => {
  expect(said(text)).toEqual([`firebreak.yaml:${complaint}`])
})

test('aliases may share a block, and a fault in it is shown where it is written', () => {
  const shared = HOUSE.replace('{ p95_ms: p95 }', '&usual { p95_ms: p95 }').replace(
    'classes:',
    '  web: { environment: prod, deployment: prod/web, p95_threshold_ms: 1, max_replicas: 1, metrics: *usual }\nclasses:',
  )
  expect(loadHouse(shared, 'firebreak.yaml').services.get('web')?.metrics).toEqual({ p95_ms: 'p95' })
  expect(complaints('{ p95_ms: p95 }', '{ p95_ms: 1 }', shared)).toEqual([
    'firebreak.yaml:7:31 services.api.metrics.p95_ms: found 1, expected a PromQL query that selects one series',
    'firebreak.yaml:7:31 services.web.metrics.p95_ms: found 1, expected a PromQL query that selects one series',
  ])
})

test('aliases of aliases do not unfold into gigabytes', () => {
  const bomb = [
    'a0: &a0 [x, x]',
    ...Array.from({ length: 30 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]`),
  ]
  expect(said(bomb.join('\n'))).toEqual([
    'firebreak.yaml:1:1: found too many aliases, expected at most 100, written out otherwise',
  ])
})

test('recipes that the catalogue does not have are named with their place', () => {
  const house = loadHouse(HOUSE, 'firebreak.yaml')
  expect(checkRecipes(house, ['scale-api', 'pause-batch'])).toEqual([])
  expect(checkRecipes(house, ['scale-api', 'pause-batches'])).toMatchObject([
    {
      line: 11,
      column: 33,
      path: 'recipes.high-api-latency[1]',
      says: 'firebreak.yaml:11:33 recipes.high-api-latency[1]: found "pause-batch", expected one of scale-api, pause-batches; did you mean pause-batches?',
    },
  ])
})

test('a cap for what the house does not have is named with its place, and so is one that caps nothing', () => {
  const capped = (cap: string) => HOUSE.replace('observe:', `caps: [${cap}]\nobserve:`)
  expect(said(capped('{ environment: pord, targets: 1 }'))).toEqual([
    'firebreak.yaml:12:23 caps[0].environment: found "pord", expected one of prod',
  ])
  expect(said(capped('{ environment: prod }'))).toEqual([
    expect.stringContaining('expected targets, or effects, or both'),
  ])
  const house = loadHouse(capped('{ recipe: scale-apy, targets: 1 }'), 'firebreak.yaml')
  expect(checkRecipes(house, ['scale-api', 'pause-batch'])).toMatchObject([{ path: 'caps[0].recipe', line: 12 }])
})

test('a budget is one recipe’s, one target’s or one service’s, and there is one of each', () => {
  const drawn = (budget: string) => HOUSE.replace('observe:', `budgets: [${budget}]\nobserve:`)
  const terms = 'runs: 3, minutes: 60'
  expect(said(drawn(`{ service: apy, ${terms} }`))).toEqual([
    'firebreak.yaml:12:22 budgets[0].service: found "apy", expected one of api; did you mean api?',
  ])
  for (const none of [`{ ${terms} }`, `{ service: api, recipe: scale-api, ${terms} }`])
    expect(said(drawn(none))).toEqual([expect.stringContaining('expected one of recipe, target, service')])
  expect(said(drawn(`{ service: api, ${terms} }, { service: api, ${terms} }`))).toEqual([
    expect.stringContaining('budgets[1]: found a second budget of service:api, expected one of each'),
  ])
  const house = loadHouse(drawn(`{ recipe: scale-apy, ${terms} }, { target: queue:batch, ${terms} }`), 'firebreak.yaml')
  expect(checkRecipes(house, ['scale-api', 'pause-batch'])).toMatchObject([{ path: 'budgets[0].recipe', line: 12 }])
  expect(houseLimits(house).budgets.map(({ of }) => of)).toEqual(['recipe:scale-apy', 'target:queue:batch'])
})

test('the house that is checked in is one, and knows every alert of the runbook', () => {
  const house = loadHouse(readFileSync(new URL('../../../firebreak.yaml', import.meta.url), 'utf8'), 'firebreak.yaml')
  const pages = {
    HighApiLatency: 'high-api-latency',
    ModelErrorRateHigh: 'model-error-rate',
    OcrErrorRateHigh: 'ocr-failures',
    OcrDown: 'ocr-failures',
    StorageErrors: 'storage-errors',
    BatchJobsFailing: 'batch-failures',
    DataExfiltrationSuspected: 'data-exfiltration',
  }
  for (const [alertname, page] of Object.entries(pages)) expect(classify(house, { alertname })).toBe(page)
  expect(severityOf(house, { alertname: 'DataExfiltrationSuspected', severity: 'info' })).toBe('SEV1')
  expect(severityOf(house, { alertname: 'HighApiLatency', severity: 'critical' })).toBe('SEV2')
  expect(new HouseDirectory(house).service('api')?.deployment).toBe('prod/api')
})
