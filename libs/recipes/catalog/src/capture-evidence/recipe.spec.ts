import {
  movedGuards,
  PortFailure,
  usualEvidence,
  type JsonObject,
  type PortFailureKind,
  type Readers,
  type Recipe,
} from '@firebreak/kit'
import { everyStepCanDie, everyStepCanFail, everyStepTwice, hannah, House, type Stage } from '@firebreak/flow/testing'
import {
  aHouseOfThings,
  aService,
  FakeCluster,
  FakeDirectory,
  FakeEvidence,
  fakeHands,
  FakeJobQueues,
  FakeMetrics,
  fakeReaders,
  FakeTraces,
} from '@firebreak/kit/testing'
import { describe, expect, test } from 'vitest'
import { captureEvidenceOf } from './recipe.js'

const recipe = captureEvidenceOf as unknown as Recipe
const API = 'prod/api'
const { p95_ms: P95 } = aService().metrics
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const minutesAgo = (minutes: number) => Date.parse('2026-11-23T03:07:00.000Z') - minutes * 60_000

class Failing extends PortFailure {
  constructor(message: string, kind: PortFailureKind = 'unreachable') {
    super(kind, message)
  }
}

/** `api`, one of whose two pods has died, with something to be seen in every system. */
class Scene {
  readonly cluster = new FakeCluster()
  readonly queues = new FakeJobQueues()
  readonly metrics = new FakeMetrics().set(P95, 912.5)
  readonly traces = new FakeTraces().keep(TRACE, { name: 'POST /v1/predict', tags: { password: 'hunter22' } })
  readonly evidence = new FakeEvidence()
  readonly readers: Readers
  readonly hands = fakeHands({ evidence: this.evidence.hands })

  constructor() {
    this.readers = fakeReaders({
      ...{ cluster: this.cluster.reader, queues: this.queues.reader, metrics: this.metrics, traces: this.traces },
      evidence: this.evidence.reader,
      directory: new FakeDirectory([aService()], aHouseOfThings(), {
        hide: ['customer'],
        ids: { ...usualEvidence.ids, customer: ['customer'] },
        workloads: { ingest: ['prod/ingest'] },
      }),
    })
    const container = { ready: true, state: 'running' as const, reason: null, last_exit: null }
    this.cluster.deploy(API, {
      replicas: 2,
      pods: { restarts: 2, containers: [{ ...container, name: 'api', restarts: 2 }] },
    })
    this.cluster.say('prod/api-0', `request_id=req-1 trace_id=${TRACE}\nrequest_id=req-1 customer=Erika`)
    this.cluster.say('prod/api-0', 'fatal: out of memory, db=postgres://api:hunter22@db/api', { previous: true })
    const about = { kind: 'Pod', name: 'api-0' }
    this.cluster.tell('prod', { about, reason: 'OOMKilling', type: 'Warning', last_ms: minutesAgo(5) })
    this.cluster.tell('prod', { about, reason: 'Pulled', last_ms: minutesAgo(500) })
  }

  async diagnose(wish: JsonObject = {}, labels: Record<string, string> = { service: 'api' }) {
    return captureEvidenceOf.diagnose(this.readers, { labels }, captureEvidenceOf.params.parse(wish))
  }

  async stopped(wish: JsonObject = {}, labels?: Record<string, string>): Promise<string | undefined> {
    const facts = await this.diagnose(wish, labels)
    return captureEvidenceOf.stopIf.find(({ when }) => when(facts, captureEvidenceOf.params.parse(wish)))?.because
  }

  /** From the wish to the end of its run. */
  async captured(wish: JsonObject = {}, labels: Record<string, string> = { service: 'api' }) {
    const house = new House(this.readers, this.hands, [recipe])
    const plan = await house.approved('capture-evidence', labels, wish)
    const end = await house.worker().runner.carryOut(plan)
    const [run] = await house.ledger.read((books) => books.runs.where({ plan_id: plan }))
    const [name] = this.evidence.effects
    const text = name === undefined ? '' : this.evidence.text(name)!
    const lines =
      text === ''
        ? []
        : text
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line) as Record<string, unknown>)
    return { end, because: run?.because ?? '', name, text, lines, log: house.ledger.log }
  }
}

const stage = (): Stage => {
  const { readers, hands, evidence } = new Scene()
  return { recipe, readers, hands, effects: () => evidence.effects, labels: { service: 'api' } }
}

describe('carried out', () => {
  everyStepTwice(stage)
  everyStepCanFail(stage)
  everyStepCanDie(stage)
})

test('everything that can be seen of a service is kept, the last words of dead containers too', async () => {
  const { end, because, lines } = await new Scene().captured()
  expect(end).toBe('succeeded')
  const [head, ...seen] = lines
  expect(head).toMatchObject({ v: 1, service: 'api', minutes: 60, since_ms: minutesAgo(60), name: 'api/1' })
  expect(seen).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ of: 'deployment prod/api', replicas: 2, rollout: 'complete' }),
      expect.objectContaining({
        of: 'last log of prod/api-0 api',
        line: expect.stringContaining('out of memory') as string,
      }),
      { of: 'log of prod/api-0 api', line: `request_id=req-1 trace_id=${TRACE}` },
      expect.objectContaining({ of: 'events of prod', reason: 'OOMKilling' }),
      { of: 'p95_ms', query: P95, value: '912.5' },
      expect.objectContaining({ of: `trace ${TRACE}` }),
      { of: 'request ids', id: 'req-1', times: 2 },
      { of: 'trace ids', id: TRACE, times: 1 },
    ]),
  )
  expect(seen.some(({ reason }) => reason === 'Pulled')).toBe(false)
  expect(because).toMatch(
    /^sha256:[0-9a-f]{64} \(\d+ bytes\): .*1 previous log lines, 1 previous logs, 2 log lines, 1 logs.*1 spans, 1 traces.*1 request ids/,
  )
})

test('no secret and nothing that the house hides is in it, nor in the log', async () => {
  const { text, log } = await new Scene().captured()
  for (const told of [text, JSON.stringify(log)]) expect(told).not.toMatch(/hunter22|Erika/)
  expect(text).toContain('‹secret›')
  expect(text).toContain('customer=‹hidden›')
})

test('the entry of the step names it by digest and size, and so does the note of the incident', async () => {
  const { log, because } = await new Scene().captured()
  const done = log.find(({ type }) => type === 'step.done')!
  const [sealed] = done.output!
  expect(done.output).toHaveLength(1)
  expect(sealed).toMatchObject({ media_type: 'application/x-ndjson', size: expect.any(Number) as number })
  expect(because).toContain(`sha256:${sealed!.sha256} (${sealed!.size} bytes)`)
  const told = captureEvidenceOf.report!(await new Scene().diagnose(), { state: 'succeeded', because })
  expect(told).toContain(sealed!.sha256)
})

test('a worker that died when everything was kept leaves it to the next one to tell what', async () => {
  const it = new Scene()
  it.evidence.failNext('timeout', { afterEffect: true })
  const { end, log } = await it.captured()
  expect(end).toBe('succeeded')
  expect(it.evidence.effects).toHaveLength(1)
  const done = log.find(({ type }) => type === 'step.done')!
  expect(done).toMatchObject({ detail: { found: true } })
  expect(done.output).toHaveLength(1)
})

test('failed jobs of its queue come with their ids and without what they were given', async () => {
  const it = new Scene()
  it.cluster.deploy('prod/batch', { replicas: 1 })
  it.evidence.at_ms = 3_600_000
  it.queues.fail('batch', { id: 'j-7', reason: 'no such key, job_id=j-9', data: { iban: 'DE44' }, attempts: 3 })
  const { text, lines } = await it.captured({ service: 'batch' })
  expect(lines).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ of: 'queue batch', failed: 1 }),
      expect.objectContaining({ of: 'failed jobs of batch', id: 'j-7', attempts: 3 }),
      { of: 'job ids', id: 'j-7', times: 1 },
      { of: 'job ids', id: 'j-9', times: 1 },
    ]),
  )
  expect(text).not.toContain('DE44')
})

test('a system that is away is a gap with its reason, and the rest is kept', async () => {
  const it = new Scene()
  for (const read of ['deployment', 'podsOf', 'logs', 'events'] as const)
    it.readers.cluster[read] = (): Promise<never> => Promise.reject(new Failing('the API server answered 503'))
  const { end, because, lines } = await it.captured()
  expect(end).toBe('succeeded')
  expect(because).toContain(
    'Left out: deployment prod/api: it could not be read: the API server answered 503 (unreachable)',
  )
  expect(lines.some(({ of }) => of === 'p95_ms')).toBe(true)
})

test('a system that hangs is asked twice, not for each of its logs', async () => {
  const it = new Scene()
  let asked = 0
  it.readers.cluster.logs = () => (asked++, Promise.reject(new Failing('no answer', 'timeout')))
  const { end, because } = await it.captured()
  expect([end, asked]).toEqual(['succeeded', 2])
  expect(because).toContain('cluster had no answer in time before')
})

test('where nothing at all can be seen nothing is kept, and the run says so', async () => {
  const it = new Scene()
  for (const read of ['deployment', 'podsOf', 'logs', 'events'] as const)
    it.readers.cluster[read] = (): Promise<never> => Promise.reject(new Failing('down'))
  it.metrics.value = () => Promise.reject(new Failing('down'))
  const { end, because, name } = await it.captured()
  expect(end).toBe('failed')
  expect(because).toContain('nothing of api could be looked at: there is no evidence to keep')
  expect(name).toBeUndefined()
})

test('of many pods those are read that died first, and the others are named', async () => {
  const it = new Scene()
  it.cluster.deploy(API, { replicas: 23 })
  expect((await it.captured()).lines[0]!['left_out']).toHaveLength(3 + 4)
})

test('a trace that is not there, or has another form than an id, keeps nobody from the others', async () => {
  const it = new Scene()
  it.cluster.say('prod/api-1', `trace_id=${'0'.repeat(32)}\ntrace_id=../../admin trace_id=nothex`)
  const { text } = await it.captured()
  expect(text).toContain(`trace ${'0'.repeat(32)}: the traces do not have it`)
  expect(text).toContain('"of":"trace 4bf92f')
})

test('it knows where the logs of a service are from the house, and from whoever asks', async () => {
  const it = new Scene()
  it.cluster.deploy('prod/ingest', { replicas: 1 })
  expect(await it.diagnose({ service: 'ingest', deployments: [API] })).toMatchObject({
    deployments: [
      { ref: 'prod/ingest', pods: 1 },
      { ref: API, pods: 2 },
    ],
  })
  expect(await it.diagnose({ service: 'model' })).toMatchObject({
    deployments: [{ ref: 'prod/model', pods: 0, says: 'it is not there' }],
    metrics: [{ of: 'error_rate_percent of invoice-classifier' }],
  })
  expect(await it.stopped()).toBeUndefined()
  expect(await it.stopped({ service: 'storage' })).toMatch(/^The house knows no workload, no queue and no figure/)
})

test('a service with more than a step takes is told to be asked for in parts', async () => {
  const it = new Scene()
  it.readers.directory.evidence = () => ({
    ...{ ids: {}, hide: [] },
    workloads: { api: Array.from({ length: 20 }, (_, nth) => `prod/w${nth}` as const) },
  })
  expect(await it.stopped()).toMatch(/^More than 20 workloads/)
})

test.each([
  [{ deployments: ['prod/nobody'] }, { service: 'api' }, 'deployment prod/nobody is not there'],
  [
    { deployments: ['kube-system/dns'] },
    { service: 'api' },
    'kube-system/dns is out of scope: the house has workloads in prod only',
  ],
  [{}, {}, 'no service is named: name the one whose evidence is to be kept'],
] as const)('%j for an alert with %j is refused', async (wish, labels, says) => {
  await expect(new Scene().diagnose(wish as JsonObject, labels)).rejects.toThrow(says)
})

test.each([
  { minutes: 0 },
  { minutes: 1_441 },
  { deployments: ['api'] },
  { deployments: Array(11).fill(API) },
  { url: 'http://x' },
])('params that are out of range are refused: %j', (wish) =>
  expect(captureEvidenceOf.params.safeParse(wish).success).toBe(false),
)

test('asked for twice it keeps two, and what changes meanwhile is no reason to plan anew', async () => {
  const it = new Scene()
  const then = await it.diagnose()
  await it.captured()
  const now = await it.diagnose()
  expect(now.name).not.toBe(then.name)
  expect(movedGuards(captureEvidenceOf.guards(then), then, now)).toEqual([])
  await it.captured()
  expect(it.evidence.effects).toEqual(['api/1', 'api/2'])
})

test('it captures evidence, so a freeze lets it pass; and one person has to say yes, for it stays', async () => {
  expect(captureEvidenceOf).toMatchObject({ contains: true, approval: { tier: 'T1', people: 1 } })
  const it = new Scene()
  const house = new House(it.readers, it.hands, [recipe])
  const { id } = await house.plans.request(hannah, {
    recipe: 'capture-evidence',
    params: {},
    labels: { service: 'api' },
    reason: 'a test',
  })
  const plan = await house.worker().planner.make(id)
  expect(plan?.body?.steps[0]).toMatchObject({
    says: 'Keep evidence about api, of the last 60 minutes: logs and events of prod/api, 5 figures, and the traces that they name',
    undo: { none: 'Evidence that was kept is not taken away: the log names it.' },
  })
  expect(await house.worker().runner.carryOut(id)).toBe('not-approved')
})
