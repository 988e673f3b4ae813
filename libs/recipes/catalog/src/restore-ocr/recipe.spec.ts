import { movedGuards, type Hands, type JsonObject, type OcrRoute, type Readers, type Recipe } from '@firebreak/kit'
import { carryOut, everyStepCanDie, everyStepCanFail, everyStepTwice, type Stage } from '@firebreak/flow/testing'
import {
  aHouseOfThings,
  FakeCluster,
  FakeDirectory,
  FakeMetrics,
  FakeObjectStore,
  FakeOcr,
  fakeHands,
  fakeReaders,
} from '@firebreak/kit/testing'
import { restartDeployment } from '@firebreak/kit/verbs'
import { describe, expect, test, vi } from 'vitest'
import { restoreOcr } from './recipe.js'

const PRIMARY = 'prod/ocr-primary'
const TEXTS = ['INVOICE 4711', 'ORDER 9981']
const [ours] = aHouseOfThings().ocr
const route: OcrRoute = { ...ours!, samples: TEXTS.map((text, at) => ({ bucket: 'samples', key: `${at}.png`, text })) }

/** Two engines; the primary is down, and the fallback reads both samples. */
class Hung {
  readonly cluster = new FakeCluster()
  readonly objects = new FakeObjectStore().bucket('samples')
  readonly ocr = new FakeOcr().engine('primary').engine('fallback')
  readonly metrics = new FakeMetrics()
  /** Percent of the documents that the primary fails on, as its consumers see it. */
  fails = 100
  readonly readers: Readers
  readonly hands: Hands = fakeHands({ cluster: this.cluster.hands })

  constructor(routes: OcrRoute[] = [route]) {
    this.readers = fakeReaders({
      cluster: this.cluster.reader,
      objects: this.objects.reader,
      ocr: this.ocr,
      metrics: this.metrics,
      directory: new FakeDirectory([], { ocr: routes }),
    })
    this.cluster.deploy(PRIMARY, { replicas: 1, uid: 'u1' })
    this.routes()
    this.metrics.follow(route.primary.error_rate_percent, () => this.fails)
    for (const [at, text] of TEXTS.entries()) {
      this.objects.place('samples', `${at}.png`, new Uint8Array([at]))
      for (const engine of ['primary', 'fallback']) this.ocr.teach(engine, new Uint8Array([at]), text)
    }
    this.ocr.failing('primary', 'unreachable')
  }

  routes(different: Record<string, string> = {}): void {
    this.cluster.putConfig('prod/ocr-routing', { engine: 'primary', fallback_percent: '0', ...different })
  }

  async diagnose(wish: JsonObject = {}, labels: Record<string, string> = { service: 'ocr', engine: 'fallback' }) {
    return restoreOcr.diagnose(this.readers, { labels }, restoreOcr.params.parse(wish))
  }

  async stopped(): Promise<string | undefined> {
    const facts = await this.diagnose()
    return restoreOcr.stopIf.find(({ when }) => when(facts, restoreOcr.params.parse({})))?.because
  }

  async plan() {
    expect(await this.stopped()).toBeUndefined()
    return restoreOcr.plan(await this.diagnose(), {})
  }

  verdict(facts: Awaited<ReturnType<typeof restoreOcr.diagnose>>) {
    return restoreOcr.verify.holds(this.readers, facts, {})
  }
}

/** On the engine's stage: the primary answers once its pods were made anew. */
function stage(): Stage {
  const it = new Hung()
  const recognise = it.ocr.recognise.bind(it.ocr)
  it.ocr.recognise = (engine, image) => {
    it.ocr.failing('primary', it.cluster.effects.length > 0 ? undefined : 'unreachable')
    return recognise(engine, image)
  }
  const { readers, hands, cluster } = it
  const recipe = restoreOcr as unknown as Recipe
  return { recipe, readers, hands, effects: () => cluster.effects, labels: { service: 'ocr' } }
}

describe('carried out', () => {
  everyStepTwice(stage)
  everyStepCanFail(stage)
  everyStepCanDie(stage)
})

test('has both engines read the samples, and keeps what its pods said last', async () => {
  const it = new Hung()
  it.cluster.deploy(PRIMARY, { replicas: 1, ready: 0, updated: 1, restarts: 4, uid: 'u1' })
  it.cluster.say(`${PRIMARY}-0`, 'OOM, S3_SECRET_KEY=abcdefgh', { previous: true })
  it.cluster.say(`${PRIMARY}-0`, 'starting\n\n')
  const engine = { samples: 2, read: 2, cer_percent: 0, healthy: true }
  expect(await it.diagnose()).toEqual({
    ocr: { name: 'documents', service: 'ocr', environment: 'prod' },
    cer_threshold_percent: 10,
    error_rate_threshold_percent: 10,
    deployment: { ref: PRIMARY, uid: 'u1', replicas: 1, ready: 0, updated: 1, observed: true },
    rollout: { state: 'progressing', why: null },
    restarted: { mark: null },
    next_mark: 'generation-1',
    primary: {
      ...{ engine: 'primary', samples: 2, read: 0, cer_percent: null, healthy: false },
      says: 'primary read 0 of 2 samples, otherwise unreachable',
      error_rate_percent: 100,
    },
    fallback: { engine: 'fallback', ...engine, says: 'fallback read 2 of 2 samples, 0 % of the characters wrong' },
    routed_to: 'primary',
    to_fallback: '0',
    pods: { count: 1, ready: 0, restarts: 4, reasons: '' },
    last_words: ['ocr-primary-0: OOM, S3_SECRET_KEY=‹secret›', 'ocr-primary-0: starting'],
  })
})

test('each sample is fetched once for both engines, and once afterwards', async () => {
  const it = new Hung()
  const read = vi.spyOn(it.objects.reader, 'read')
  const facts = await it.diagnose()
  expect(read.mock.calls.map(([{ key }]) => key)).toEqual(['0.png', '1.png'])
  await it.verdict(facts)
  expect(read).toHaveBeenCalledTimes(4)
})

test('why containers wait or died is told once', async () => {
  const it = new Hung()
  const container = {
    ...{ name: 'ocr', ready: false, restarts: 2, state: 'waiting' as const, reason: 'CrashLoopBackOff' },
    last_exit: { code: 137, reason: '', finished_ms: null },
  }
  it.cluster.deploy(PRIMARY, { replicas: 2, pods: { containers: [container] } })
  expect((await it.diagnose()).pods.reasons).toBe('CrashLoopBackOff, exit 137')
})

test.each([
  [{ service: 'web' }, {}, 'no OCR belongs to the service "web"; the house knows documents (firebreak.yaml, ocr)'],
  [{ engine: 'primary' }, {}, 'no OCR belongs to the service ""'],
  [{ service: 'ocr' }, { ocr: 'letters' }, 'there is no OCR "letters"; the house knows documents'],
])('believes nothing of an alert but the name of a service: %j %j', async (labels, wish, message) => {
  const it = new Hung()
  await expect(it.diagnose(wish, labels as unknown as Record<string, string>)).rejects.toThrow(message)
  expect(it.ocr.asked).toEqual([])
})

test('of several the one that was named', async () => {
  const it = new Hung([route, { ...route, name: 'letters' }])
  await expect(it.diagnose()).rejects.toThrow('more than one OCR: name one of documents, letters')
  expect((await it.diagnose({ ocr: 'letters' })).ocr.name).toBe('letters')
})

test('does not guess when something cannot be read', async () => {
  const it = new Hung()
  it.objects.refusing = 'denied'
  await expect(it.diagnose()).rejects.toThrow('denied')
  it.objects.refusing = undefined
  await it.objects.hands.delete({ bucket: 'samples', key: '1.png' })
  await expect(it.diagnose()).rejects.toThrow('the sample samples/1.png of documents is not there')
  it.cluster.remove(PRIMARY)
  await expect(it.diagnose()).rejects.toThrow('deployment prod/ocr-primary is not there')
})

test.each(['forbidden', 'not-found'] as const)('%s is said of us, and not of the engine', async (kind) => {
  const it = new Hung()
  it.ocr.failing('primary', kind)
  await expect(it.diagnose()).rejects.toThrow(kind)
})

test('an engine that hangs is not asked again and again', async () => {
  const it = new Hung()
  it.ocr.failing('primary', 'timeout')
  await it.diagnose()
  expect(it.ocr.asked).toEqual(['primary', 'fallback', 'fallback'])
})

test.each<[says: string, make: (it: Hung) => unknown]>([
  ['primary read 2 of 2 samples, 46 % of the characters wrong', (it) => misread(it, 'XNVXICX 4XX1', 'XXXXX 9981')],
  ['primary read 1 of 2 samples, 0 % of the characters wrong, otherwise invalid', (it) => misread(it, TEXTS[0]!)],
  ['primary read 0 of 2 samples, otherwise timeout', ({ ocr }) => ocr.failing('primary', 'timeout')],
])('an engine needs a restart when %s', async (says, make) => {
  const it = new Hung()
  make(it)
  expect((await it.diagnose()).primary).toMatchObject({ healthy: false, says })
  expect(await it.stopped()).toBeUndefined()
})

/** The primary answers, and reads this; what is missing it cannot read. */
function misread({ ocr }: Hung, ...texts: string[]): void {
  ocr.failing('primary', undefined)
  ocr.engine('primary')
  for (const [at, text] of texts.entries()) ocr.teach('primary', new Uint8Array([at]), text)
}

const stops: [because: RegExp, make: (it: Hung) => unknown][] = [
  [/it needs no restart/, ({ ocr }) => ocr.failing('primary', undefined)],
  [/it needs no restart/, (it) => misread(it, 'INVOICE 471', 'ORDER 9981')],
  [/way from here that is broken/, (it) => (it.fails = 10)],
  [/scaled to zero/, ({ cluster }) => cluster.deploy(PRIMARY, { replicas: 0 })],
  [/do not start/, ({ cluster }) => cluster.rolls(PRIMARY, { state: 'stalled', why: 'too long' })],
  [/cannot be made/, ({ cluster }) => cluster.rolls(PRIMARY, { state: 'blocked', why: 'exceeded quota' })],
  [/paused/, ({ cluster }) => cluster.rolls(PRIMARY, { state: 'paused', why: null })],
  [/rollout is in progress/, ({ cluster }) => cluster.elsewhere(PRIMARY, { replicas: 2 })],
  [/rollout is in progress/, ({ cluster }) => cluster.elsewhere(PRIMARY, { observed: false })],
]

test.each(stops)('stops: %s (%#)', async (because, make) => {
  const it = new Hung()
  expect(await it.stopped()).toBeUndefined()
  make(it)
  expect(await it.stopped()).toMatch(because)
})

test.each<[evidence: string, make: (it: Hung) => unknown]>([
  ['nobody measures it', (it) => (it.fails = NaN)],
  ['it gets none, so that it fails at none', (it) => ((it.fails = 0), it.routes({ engine: 'fallback' }))],
  ['all of them go to the fallback', (it) => ((it.fails = 0), it.routes({ fallback_percent: '100' }))],
  ['it answers nonsense', (it) => ((it.fails = 0), misread(it, 'XNVXICX 4XX1', 'XXXXX 9981'))],
])('that documents come through is no reason where %s', async (_, make) => {
  const it = new Hung()
  make(it)
  expect(await it.stopped()).toBeUndefined()
})

test('every reason to stop is tried above', () => {
  for (const { because } of restoreOcr.stopIf)
    expect(
      stops.some(([reason]) => reason.test(because)),
      because,
    ).toBe(true)
})

test('pods that are down are no rollout: it is restarted', async () => {
  const it = new Hung()
  it.cluster.deploy(PRIMARY, { replicas: 2, ready: 0, updated: 2, uid: 'u1' })
  const args = { deployment: PRIMARY, uid: 'u1', from: null, to: 'generation-1' }
  expect(await it.plan()).toEqual([restartDeployment(args)])
})

test.each([{ ocr: '' }, { engine: 'fallback' }, { ocr: 7 }])('refuses the parameters %j', (wish) => {
  expect(restoreOcr.params.safeParse(wish).success).toBe(false)
})

test('repairs, and says how', async () => {
  const it = new Hung()
  const facts = await it.diagnose()
  expect(await it.verdict(facts)).toEqual({
    holds: false,
    says: 'Now primary read 0 of 2 samples, otherwise unreachable; the rollout is complete.',
  })
  await carryOut(it, await it.plan())
  it.ocr.failing('primary', undefined)
  expect(await it.verdict(facts)).toEqual({
    holds: true,
    says: 'Now primary read 2 of 2 samples, 0 % of the characters wrong; the rollout is complete.',
  })
})

test.each<[says: RegExp, make: (it: Hung) => unknown]>([
  [/read 0 of 2 samples, otherwise timeout/, ({ ocr }) => ocr.failing('primary', 'timeout')],
  [/read 1 of 2 samples/, (it) => misread(it, TEXTS[0]!)],
  [/46 % of the characters wrong/, (it) => misread(it, 'XNVXICX 4XX1', 'XXXXX 9981')],
  [/the rollout is progressing/, ({ cluster }) => cluster.settle(PRIMARY, 0)],
  [
    /not the one that was restarted any more/,
    ({ cluster }) => cluster.deploy(PRIMARY, { replicas: 1, uid: 'another' }),
  ],
])('has not helped while: %s', async (says, make) => {
  const it = new Hung()
  const facts = await it.diagnose()
  await carryOut(it, await it.plan())
  it.ocr.failing('primary', undefined)
  expect(await it.verdict(facts)).toMatchObject({ holds: true })
  make(it)
  const verdict = await it.verdict(facts)
  expect(verdict.holds).toBe(false)
  expect(verdict.says).toMatch(says)
})

test.each<[fact: string, make: (it: Hung) => unknown]>([
  ['deployment.uid', ({ cluster }) => cluster.deploy(PRIMARY, { replicas: 1, uid: 'another' })],
  ['restarted', (it) => it.hands.cluster.restart(PRIMARY, 'by-hand', it.cluster.at(PRIMARY)!.resource_version)],
  ['primary.healthy', ({ ocr }) => ocr.failing('primary', undefined)],
])('the plan is stale when %s moves', async (fact, make) => {
  const it = new Hung()
  const then = await it.diagnose()
  await make(it)
  expect(movedGuards(restoreOcr.guards(then), then, await it.diagnose())).toMatchObject([{ fact }])
})

test('the plan stands while pods die and the routing moves', async () => {
  const it = new Hung()
  const then = await it.diagnose()
  it.cluster.elsewhere(PRIMARY, { ready: 0 })
  it.routes({ fallback_percent: '90' })
  it.ocr.failing('primary', 'timeout')
  expect(movedGuards(restoreOcr.guards(then), then, await it.diagnose())).toEqual([])
})

describe('whoever has the incident is told', () => {
  const end = { state: 'undone', because: 'Not verified within 180 s.' } as const

  test('with the evidence of before the restart, and what can be done meanwhile', async () => {
    const it = new Hung()
    it.cluster.deploy(PRIMARY, { replicas: 1, restarts: 4 })
    it.cluster.say(`${PRIMARY}-0`, 'out of buffers', { previous: true })
    expect(restoreOcr.report!(await it.diagnose(), end)).toBe(
      [
        'A restart did not restore the primary engine of documents: SRE has to. The run is undone. Not verified within 180 s.',
        'Before: primary read 0 of 2 samples, otherwise unreachable, and fallback read 2 of 2 samples, 0 % of the characters wrong; documents go to primary.',
        '1 of 1 pods of prod/ocr-primary were ready, with 4 restarts.',
        'Last words: ocr-primary-0: out of buffers',
        'The fallback reads the samples: documents can go there meanwhile (divert-ocr).',
      ].join('\n'),
    )
  })

  test('that they can stay where they are, when they are diverted already', async () => {
    const it = new Hung()
    it.routes({ fallback_percent: '90' })
    const told = restoreOcr.report!(await it.diagnose(), end)
    expect(told).toContain('; documents go to primary, 90 % of them to the fallback.')
    expect(told).toMatch(/stay with the fallback meanwhile: renew the loan/)
  })

  test('that nothing reads, where the fallback fails too', async () => {
    const it = new Hung()
    it.ocr.failing('fallback', 'unreachable')
    const told = restoreOcr.report!(await it.diagnose(), end)
    expect(told).toMatch(/Its logs said nothing\.\nThe fallback does not read the samples either: stop the consumers/)
  })

  test('that it is restored', async () => {
    const told = restoreOcr.report!(await new Hung().diagnose(), { state: 'succeeded', because: 'It reads.' })
    expect(told).toMatch(
      /^The primary engine of documents is restored by a restart\. It reads\.\nBefore: primary read 0/,
    )
    expect(told).not.toMatch(/SRE|fallback reads|divert/)
  })

  test('and what is to be given back then', async () => {
    const it = new Hung()
    it.routes({ fallback_percent: '100' })
    const told = restoreOcr.report!(await it.diagnose(), { state: 'succeeded', because: 'It reads.' })
    expect(told.split('\n').at(-1)).toBe(
      'Next: give back what divert-ocr lent (loans), or 100 % stays with the fallback.',
    )
  })
})

test('one person of SRE may approve it', () => {
  const recipe: Pick<Recipe, 'stage' | 'approval'> = restoreOcr
  expect(recipe).toMatchObject({ stage: 'propose', approval: { tier: 'T1', roles: ['sre'], people: 1 } })
})
