import { readFileSync } from 'node:fs'
import { paramsSchema, recipeIdentity } from '@firebreak/kit'
import { aService, FakeCluster, FakeDirectory, FakeMetrics, fakeReaders } from '@firebreak/kit/testing'
import { describe, expect, test } from 'vitest'
import { readRecipe } from './index.js'
import { SheetError } from './sheet/index.js'

const GOOD = readFileSync(new URL('../examples/scale-workers.yaml', import.meta.url), 'utf8')

/** The example with one thing changed. A test whose change changes nothing would prove nothing. */
function changed(...changes: [from: string | RegExp, to: string][]): string {
  return changes.reduce((text, [from, to]) => {
    const next = text.replace(from, () => to)
    if (next === text) throw new Error(`${String(from)} does not stand in the example`)
    return next
  }, GOOD)
}

function faults(text: string, file = 'scale-workers.yaml'): string[] {
  try {
    readRecipe(text, file)
    return []
  } catch (error) {
    if (!(error instanceof SheetError)) throw error
    return error.message.split('\n')
  }
}

const AT = 'scale-workers.yaml'
type Case = [name: string, change: [from: string | RegExp, to: string], ...lines: (string | RegExp)[]]

test.each<Case>([
  [
    'a key that is written wrong',
    ['stop_if:', 'stop_iff:'],
    `${AT}:2:1 stop_if: found nothing, expected a list of reasons to stop`,
    /^scale-workers\.yaml:33:1 stop_iff: found an unknown key, expected one of id, .*; did you mean stop_if\?$/,
  ],
  [
    'a page that the runbook does not have',
    ['page: batch-failures', 'page: batch-failure'],
    /^scale-workers\.yaml:5:7 page: found "batch-failure", expected one of .*; did you mean batch-failures\?$/,
  ],
  ['a sentence that is missing', [/meaning: .*\n/, ''], `${AT}:2:1 meaning: found nothing, expected a sentence`],
  [
    'a sentence that is none',
    [/impact: .*\n/, 'impact: it is bad\n'],
    `${AT}:8:9 impact: found "it is bad", expected a sentence: a capital letter first, a full stop last`,
  ],
  [
    'a version',
    ['version: 1', 'version: 1.5'],
    `${AT}:3:10 version: found 1.5, expected a whole number from 1 to 1000000`,
  ],
  [
    'an id that is not the name of its file',
    ['id: scale-workers', 'id: scale-worker'],
    `${AT}:2:5 id: found "scale-worker", expected the name of the file, "scale-workers"; rename one of them`,
  ],
  [
    'a role',
    ['roles: [sre]', 'roles: [sree]'],
    `${AT}:11:31 approval.roles[0]: found "sree", expected one of sre, ml, security, auditor, admin, service; did you mean sre?`,
  ],
  [
    'too few people for its tier',
    ['tier: T1', 'tier: T3'],
    `${AT}:11:45 approval.people: found 1, expected at least 2 for T3`,
  ],
  [
    'a parameter of no kind',
    ['type: integer, min: 5', 'type: integr, min: 5'],
    `${AT}:22:13 params.minutes.type: found "integr", expected one of integer, text, choice, boolean; did you mean integer?`,
  ],
  [
    'a default that the parameter refuses',
    ['default: 60', 'default: 6000'],
    `${AT}:22:49 params.minutes.default: found 6000, expected a value that the parameter itself allows`,
  ],
  [
    'a read that there is not',
    ['read: metric,', 'read: metrics,'],
    `${AT}:28:20 diagnose.waiting.read: found "metrics", expected one of service, deployment, autoscaler, pods, deployments, metric, value; did you mean metric?`,
  ],
  [
    'an argument that the read does not have',
    ['round: up', 'rounds: up'],
    `${AT}:28:65 diagnose.waiting.rounds: found an unknown key, expected one of read, query, times, round, optional; did you mean round?`,
  ],
  [
    'a Deployment without its namespace',
    ['ref: prod/batch }', 'ref: batch }'],
    `${AT}:25:40 diagnose.deployment.ref: found "batch", expected namespace/name`,
  ],
  [
    'a verb that there is not',
    ['do: scale-deployment', 'do: scale-deploment'],
    /:55:9 plan\[0\]\.do: found "scale-deploment", expected one of scale-deployment, .*; did you mean scale-deployment\?; a new verb is written in TypeScript$/,
  ],
  [
    'an argument that the verb does not have',
    ['uid: ${facts.deployment.uid}', 'uuid: ${facts.deployment.uid}'],
    `${AT}:56:5 plan[0].with.uid: found nothing, expected a text`,
    `${AT}:58:7 plan[0].with.uuid: found an unknown key, expected one of deployment, uid, from, to; did you mean uid?`,
  ],
  [
    'an argument of the wrong kind',
    ['to: ${facts.wanted}', 'to: many'],
    `${AT}:60:11 plan[0].with.to: found "many", expected a whole number`,
  ],
  [
    'an argument that the verb refuses',
    ['to: ${facts.wanted}', 'to: -4'],
    `${AT}:60:11 plan[0].with.to: found -4, expected a whole number (Too small: expected number to be >=0)`,
  ],
  [
    'an expression that gives the wrong kind',
    ['to: ${facts.wanted}', 'to: ${facts.deployment.ref}'],
    `${AT}:60:11 plan[0].with.to: found an expression that gives a text, expected a whole number`,
  ],
  [
    'an expression inside a text',
    ['uid: ${facts.deployment.uid}', 'uid: "x-${facts.deployment.uid}"'],
    `${AT}:58:12 plan[0].with.uid: found text with an expression inside, expected text, or one expression from end to end; write all of it as one expression: \${"a" + facts.b}`,
  ],
  [
    'a fact that there is not',
    ['facts.waiting < 50', 'facts.wating < 50'],
    `${AT}:34:17 stop_if[0].when: found "facts.wating", expected one of deployment, autoscaler, autoscaled, waiting, wanted; did you mean waiting?`,
  ],
  [
    'a fact that is only read below',
    ['\'queue_depth{queue="batch"}\'', '"${string(facts.wanted)}"'],
    /^scale-workers\.yaml:28:51 diagnose\.waiting\.query: found "facts\.wanted", expected one of deployment, autoscaler, autoscaled$/,
  ],
  [
    'a field inside a list',
    ['facts.waiting < 50', 'facts.wanted in [1] && [facts.deployment].exists(d, d.redy > 1)'],
    `${AT}:34:65 stop_if[0].when: found "redy", expected a name that is there`,
  ],
  [
    'CEL that is none',
    ['facts.waiting < 50', 'facts.waiting <'],
    `${AT}:34:26 stop_if[0].when: found no CEL (Unexpected token: EOF), expected an expression such as facts.deployment.ready < 2`,
  ],
  [
    'a name that stands for nothing',
    ['facts.waiting < 50', 'waiting < 50'],
    `${AT}:34:11 stop_if[0].when: found "waiting", expected one of facts, params, labels; a text stands in quotes: "waiting"`,
  ],
  [
    'a pattern',
    ['facts.waiting < 50', 'facts.deployment.ref.matches("(a+)+$")'],
    /^scale-workers\.yaml:34:11 stop_if\[0\]\.when: found the function matches, .*; a pattern can take for ever/,
  ],
  [
    'a condition that is none',
    ['facts.waiting < 50', 'facts.waiting'],
    `${AT}:34:11 stop_if[0].when: found an expression that gives a whole number, expected one that gives true or false`,
  ],
  [
    'kinds that do not fit',
    ['facts.waiting < 50', 'facts.waiting < "50"'],
    `${AT}:34:11 stop_if[0].when: found "facts.waiting < \\"50\\"", expected types that fit (no such overload: int < string)`,
  ],
  [
    'a fraction',
    ['facts.waiting < 50', 'facts.waiting < 50.5'],
    `${AT}:34:27 stop_if[0].when: found "50.5", expected text, true, false or a whole number`,
  ],
  [
    'a number that no int64 holds',
    ['facts.waiting < 50', 'facts.waiting < 99999999999999999999'],
    `${AT}:34:27 stop_if[0].when: found "99999999999999999999", expected text, true, false or a whole number`,
  ],
  [
    'a condition in braces',
    ['facts.waiting < 50', '"${facts.waiting < 50}"'],
    `${AT}:34:11 stop_if[0].when: found \${…}, expected the expression alone; a condition is CEL from end to end: take \${ and } away`,
  ],
  [
    'a guard of a fact that there is not',
    ['fact: deployment.uid', 'fact: deployment.uuid'],
    `${AT}:46:13 guards[0].fact: found "deployment.uuid", expected one of ref, uid, replicas, ready, updated, observed; did you mean uid?`,
  ],
  [
    'a guard of what may be missing',
    [', when: has(facts.autoscaler)', ''],
    `${AT}:49:13 guards[3].fact: found autoscaler.min, which may be missing, expected when: has(facts.autoscaler); what is not there holds no guard: the plan would always be stale`,
  ],
  [
    'a guard of nothing',
    ['{ fact: deployment.uid, same: true }', '{ fact: deployment.uid }'],
    `${AT}:46:5 guards[0]: found a guard of nothing, expected either same: true, or at_least or at_most`,
  ],
  [
    'a loan of no time',
    ['${params.minutes}', '0'],
    `${AT}:61:19 plan[0].loan_minutes: found 0, expected minutes from 1 to 10080`,
  ],
  [
    'a key twice',
    ['version: 1', 'version: 1\nversion: 2'],
    `${AT}:4:1: found a key that stood there before, expected each key once`,
  ],
  ['a tag', ['version: 1', 'version: !!js/function 1'], `${AT}:3:10: found a tag (!…), expected a plain value`],
  [
    'a colon in plain text',
    ["'${has(params.workers)", '${has(params.workers)'],
    /^scale-workers\.yaml:31:9: found a key inside a value, expected quotes around a text that has ': ' in it$/,
  ],
])('says where and what: %s', (_, change, ...lines) => {
  const found = faults(changed(change))
  for (const [at, line] of lines.entries())
    if (typeof line === 'string') expect(found[at]).toBe(line)
    else expect(found[at]).toMatch(line)
  expect(found).toHaveLength(lines.length)
})

test('says everything that is wrong at once, in the order of the file', () => {
  const found = faults(
    changed(
      ['version: 1', 'version: 0'],
      ['facts.waiting < 50', 'facts.wating < 50'],
      ['do: scale-deployment', 'do: scale-deploment'],
      ['to: ${facts.wanted}', 'to: ${params.count}'],
      ['within_s: 300', 'within_s: soon'],
      ['now.waiting < facts.waiting', 'now.wating < facts.waiting'],
    ),
  )
  expect(found.map((line) => line.split(' ')[0])).toEqual(
    [3, 34, 55, 60, 78, 82].map(
      (line) => expect.stringMatching(new RegExp(`^scale-workers\\.yaml:${line}:\\d+$`)) as string,
    ),
  )
})

describe('an alert is not believed', () => {
  const LABELS = 'found an argument that an alert would choose'

  test('it may not choose what is done', () => {
    expect(faults(changed(['to: ${facts.wanted}', 'to: ${int(labels.n)}']))).toMatchObject([
      expect.stringContaining(LABELS),
    ])
  })

  test('and not by way of a fact either', () => {
    const found = faults(changed([/is: '\$\{has\(params.*/, "is: '${int(labels.n)}'"]))
    expect(found).toHaveLength(3)
    for (const line of found) expect(line).toContain(LABELS)
  })

  test('it may not write a query, and neither may a parameter', () => {
    const query = `'queue_depth{queue="batch"}'`
    expect(faults(changed([query, `'\${"q{x=" + labels.x + "}"}'`]))[0]).toContain('found a query written by an alert')
    expect(faults(changed([query, `'\${"q{x=" + string(params.minutes) + "}"}'`]))[0]).toContain(
      'found a query written by a parameter',
    )
  })

  const FREE = 'ref: "${labels.namespace + \'/\' + labels.deployment}"'

  test('it may not point the recipe at anything', () => {
    expect(faults(changed(['ref: prod/batch', FREE]))[0]).toContain('found something that an alert may choose freely')
  })

  test('it may pick among the namespaces that are listed, and nothing else', async () => {
    const recipe = readRecipe(changed(['ref: prod/batch', `${FREE}, within: [prod]`]), AT)
    const cluster = new FakeCluster()
    for (const ref of ['prod/batch', 'kube-system/batch'] as const) cluster.deploy(ref, { replicas: 2 })
    const metrics = new FakeMetrics().set('queue_depth{queue="batch"}', 900)
    const readers = fakeReaders({ cluster: cluster.reader, metrics, directory: new FakeDirectory([]) })
    const look = (labels: Record<string, string>) => recipe.diagnose(readers, { labels }, recipe.params.parse({}))
    expect(await look({ namespace: 'prod', deployment: 'batch' })).toMatchObject({ deployment: { ref: 'prod/batch' } })
    await expect(look({ namespace: 'kube-system', deployment: 'batch' })).rejects.toThrow(
      'deployment: "kube-system/batch" is not in prod, which this recipe may look at',
    )
    await expect(look({ namespace: 'prod', deployment: 'batch?x=1' })).rejects.toThrow('is no namespace/name')
    await expect(look({ namespace: 'prod' })).rejects.toThrow('No such key: deployment')
  })
})

describe('a hostile file', () => {
  test('of nested aliases is refused', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]']
    for (let at = 1; at < 9; at++)
      bomb.push(`${'abcdefghij'[at]}: &${'abcdefghij'[at]} [${`*${'abcdefghij'[at - 1]},`.repeat(9)}]`)
    const began = performance.now()
    expect(faults(bomb.join('\n'))).toEqual([
      `${AT}:1:1: found too many aliases, expected at most 20, written out otherwise`,
    ])
    expect(performance.now() - began).toBeLessThan(5_000)
  })

  test('that is huge is refused before it is read', () => {
    expect(faults(`${GOOD}${'#'.repeat(100_000)}`)).toMatchObject([/found \d+ characters, expected at most 65536$/])
  })

  test.each([
    ['nothing', ''],
    ['a list', '- 1'],
    ['a number', '7'],
    ['null in every place', GOOD.replaceAll(/: .*/g, ':')],
    ['two documents', `${GOOD}---\n${GOOD}`],
    ['names of the language below', GOOD.replaceAll('waiting', 'constructor')],
    ['its prototype', `__proto__: { id: x }\n${GOOD}`],
    ['lists for everything', GOOD.replaceAll(/: \S.*/g, ': [[[[]]]]')],
    ['depth', `params: ${'{a: '.repeat(2_000)}1${'}'.repeat(2_000)}`],
  ])('of %s is refused in lines', (_, text) => {
    const lines = faults(text)
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) expect(line).toMatch(/^scale-workers\.yaml:\d+:\d+/)
  })
})

describe('what it comes to', () => {
  test('is a recipe like every other: parameters as a form', () => {
    expect(paramsSchema(readRecipe(GOOD, AT))).toMatchObject({
      additionalProperties: false,
      properties: {
        workers: { type: 'integer', minimum: 1, maximum: 20, title: 'Workers' },
        minutes: { type: 'integer', default: 60 },
      },
    })
  })

  test('has a digest over all that it means, and not over how it is written', () => {
    const identity = (text: string) => JSON.stringify(recipeIdentity(readRecipe(text, AT)))
    expect(identity(GOOD.replaceAll(/^ *#.*\n/gm, '').replace('T1, roles: [sre]', 'T1,   roles: ["sre"]'))).toBe(
      identity(GOOD),
    )
    for (const change of [
      ['facts.waiting < 50', 'facts.waiting < 51'],
      ['to: ${facts.wanted}', 'to: ${facts.wanted + 1}'],
      ['ref: prod/batch', 'ref: prod/batches'],
      ['now.deployment.ready >= facts.wanted', 'now.deployment.ready > facts.wanted'],
      ['{ fact: waiting, at_least: 50 }', '{ fact: waiting, at_least: 40 }'],
    ] as [string, string][])
      expect(identity(changed(change)), change[0]).not.toBe(identity(GOOD))
  })

  test('reads services, pods and namespaces too', async () => {
    const recipe = readRecipe(
      changed([
        '  waiting: {',
        `  service: { read: service, name: "\${labels.service}" }
  pods: { read: pods, of: "\${facts.service.deployment}" }
  all: { read: deployments, namespace: prod }
  idle: { read: value, is: "\${facts.all.filter(d, d.replicas == 0).size()}" }
  p95: { read: metric, query: "\${facts.service.p95_query}", times: 1000, round: down, optional: true }
  waiting: {`,
      ]),
      AT,
    )
    const cluster = new FakeCluster()
    cluster.deploy('prod/api', { replicas: 3, ready: 2, restarts: 1 })
    cluster.deploy('prod/batch', { replicas: 0 })
    const service = aService({ metrics: { p95_ms: 'p95' } })
    const metrics = new FakeMetrics().set('queue_depth{queue="batch"}', 900.2).set('p95', 0.0129)
    const readers = fakeReaders({ cluster: cluster.reader, metrics, directory: new FakeDirectory([service]) })
    const look = (labels: Record<string, string>) => recipe.diagnose(readers, { labels }, recipe.params.parse({}))
    expect(await look({ service: 'api' })).toMatchObject({
      service: { name: 'api', max_replicas: 10, p95_query: 'p95' },
      pods: { count: 3, ready: 2, restarts: 3 },
      all: [{ ref: 'prod/api' }, { ref: 'prod/batch', replicas: 0 }],
      idle: 1,
      p95: 12,
      waiting: 901,
    })
    metrics.set('p95', undefined)
    expect(await look({ service: 'api' })).not.toHaveProperty('p95')
    await expect(look({ service: 'web' })).rejects.toThrow('there is no service "web" in firebreak.yaml')
  })

  test('does not act on arguments that the verb refuses', () => {
    const recipe = readRecipe(changed(['to: ${facts.wanted}', 'to: ${facts.wanted - 100}']), AT)
    const deployment = { ref: 'prod/batch', uid: 'u', replicas: 2, ready: 2, updated: 2, observed: true }
    const facts = { deployment, autoscaled: false, waiting: 900, wanted: 4, labels: {} }
    expect(() => recipe.plan(facts, recipe.params.parse({}))).toThrow(
      'step 1 (scale-deployment) does not fit its verb: to: Too small: expected number to be >=0',
    )
  })
})
