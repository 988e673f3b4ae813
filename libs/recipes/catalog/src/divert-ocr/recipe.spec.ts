import {
  carryOut,
  everyStepCanDie,
  everyStepCanFail,
  everyStepTwice,
  rehearse,
  type Stage,
} from '@firebreak/flow/testing'
import {
  movedGuards,
  PortFailure,
  type Hands,
  type JsonObject,
  type OcrRoute,
  type Readers,
  type Recipe,
} from '@firebreak/kit'
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
import { verbs } from '@firebreak/kit/verbs'
import { describe, expect, test, vi } from 'vitest'
import { divertOcr } from './recipe.js'

const ROUTING = 'prod/ocr-routing'
const TEXTS = ['INVOICE 4711', 'ORDER 9981']
const [ours] = aHouseOfThings().ocr
const route: OcrRoute = { ...ours!, samples: TEXTS.map((text, at) => ({ bucket: 'samples', key: `${at}.png`, text })) }
const KEY = route.routing.share!

/** Two engines that read both samples; the primary fails on much of what it gets, and all of the documents go there. */
class Failing {
  readonly cluster = new FakeCluster()
  readonly objects = new FakeObjectStore().bucket('samples')
  readonly ocr = new FakeOcr().engine('primary').engine('fallback')
  readonly metrics = new FakeMetrics()
  /** Percent of the documents that each fails on, if it gets any. */
  readonly fails = { primary: 42, fallback: 4 }
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
    for (const engine of ['primary', 'fallback'] as const) {
      this.cluster.deploy(`prod/ocr-${engine}`, { replicas: 1 })
      // Nobody measures what an engine fails on that gets nothing.
      this.metrics.follow(route[engine].error_rate_percent, () => {
        const share = Number(this.cluster.state.configMaps.get(ROUTING)?.data[KEY] ?? '0')
        return (engine === 'fallback' ? share : 100 - share) > 0 ? this.fails[engine] : NaN
      })
    }
    this.route({ engine: 'primary', [KEY]: '0' })
    for (const [at, text] of TEXTS.entries()) {
      this.objects.place('samples', `${at}.png`, new Uint8Array([at]))
      for (const engine of ['primary', 'fallback']) this.ocr.teach(engine, new Uint8Array([at]), text)
    }
  }

  route(data: Record<string, string>, immutable = false): void {
    this.cluster.putConfig(ROUTING, data, immutable)
  }

  /** Somebody deletes it and makes another of the same name. */
  replaced(data: Record<string, string>): void {
    this.cluster.state.configMaps.set(ROUTING, { ...this.cluster.putConfig(ROUTING, data), uid: 'another' })
  }

  get share(): string | undefined {
    return this.cluster.state.configMaps.get(ROUTING)?.data[KEY]
  }

  diagnose(wish: JsonObject = {}, labels: Record<string, string> = { service: 'ocr', engine: 'fallback' }) {
    return divertOcr.diagnose(this.readers, { labels }, divertOcr.params.parse(wish))
  }

  async stopped(wish: JsonObject = {}): Promise<string | undefined> {
    const [facts, params] = [await this.diagnose(wish), divertOcr.params.parse(wish)]
    return divertOcr.stopIf.find(({ when }) => when(facts, params))?.because
  }

  async plan(wish: JsonObject = {}) {
    expect(await this.stopped(wish)).toBeUndefined()
    return divertOcr.plan(await this.diagnose(wish), divertOcr.params.parse(wish))
  }

  /** From where to where each of its moves goes. */
  async moves(wish: JsonObject = {}) {
    const [step] = await this.plan(wish)
    return step!.items!.map(({ from, to }) => [from, to])
  }

  async verdict(facts: Awaited<ReturnType<typeof divertOcr.diagnose>>, wish: JsonObject = {}) {
    return divertOcr.verify.holds(this.readers, facts, divertOcr.params.parse(wish))
  }
}

function stage({ readers, hands, cluster } = new Failing()): Stage {
  const recipe = divertOcr as unknown as Recipe
  return { recipe, readers, hands, effects: () => cluster.effects, labels: { service: 'ocr' } }
}

describe('carried out', () => {
  everyStepTwice(() => stage())
  everyStepCanFail(() => stage())
  everyStepCanDie(() => stage())
})

describe('between those that go ahead and the rest', () => {
  /** Does something as soon as so many moves were made, right before the next one looks. */
  async function played(after: number, act: (it: Failing) => unknown) {
    const it = new Failing()
    const recognise = it.ocr.recognise.bind(it.ocr)
    let acted = false
    it.ocr.recognise = async (engine, image) => {
      if (!acted && it.cluster.effects.length === after) {
        acted = true
        await act(it)
      }
      return recognise(engine, image)
    }
    const { outcome, run, items } = await rehearse(stage(it))
    const reasons = items.map(({ because }) => because)
    return { it, outcome, run, reasons, moves: items.map(({ state }) => state) }
  }

  test.each<[says: RegExp, act: (it: Failing) => unknown]>([
    [/fallback fails on 34 % of what it gets/, ({ fails }) => (fails.fallback = 34)],
    [/fallback read 0 of 2 samples, otherwise timeout/, ({ ocr }) => ocr.failing('fallback', 'timeout')],
  ])('%s: what went ahead comes back', async (says, act) => {
    const { it, outcome, moves, reasons } = await played(1, act)
    expect([outcome, moves, it.share]).toEqual(['undone', ['undone', 'failed', 'skipped'], '0'])
    expect(reasons[1]).toMatch(says)
  })

  test('a sample is deleted: nobody can tell any more, and all of it comes back', async () => {
    const gone = ({ objects }: Failing) => objects.hands.delete({ bucket: 'samples', key: '0.png' })
    const { it, outcome, reasons } = await played(1, gone)
    expect([outcome, it.share]).toEqual(['undone', '0'])
    expect(reasons.join()).toContain('the sample samples/0.png of documents is not there')
  })

  test('it gets too much at the second move: both come back', async () => {
    const { it, outcome, moves } = await played(2, ({ fails }) => (fails.fallback = 90))
    expect([outcome, moves, it.share]).toEqual(['undone', ['undone', 'undone', 'failed'], '0'])
  })

  test('somebody else routes documents: nothing is written over it, and a person is asked', async () => {
    const theirs = (it: Failing) => it.route({ engine: 'primary', [KEY]: '50' })
    const { it, outcome, reasons } = await played(1, theirs)
    expect([outcome, it.share]).toEqual(['needs-a-person', '50'])
    expect(reasons[1]).toMatch(
      'fallback_percent of configmap prod/ocr-routing is 50, not 10: somebody else routes documents',
    )
  })

  test('the cluster goes away: what can be told is told', async () => {
    const { it, outcome, run } = await played(1, ({ cluster }) => {
      cluster.hands.setConfig = async () => {
        throw new PortFailure('unreachable', 'the cluster is away')
      }
    })
    expect([outcome, it.share]).toEqual(['needs-a-person', '10'])
    expect(run?.because).toMatch(/the cluster is away/)
  })
})

test('has both engines read the samples, and sees what they fail on, how many get what, and who could take more', async () => {
  const engine = { samples: 2, read: 2, cer_percent: 0, healthy: true, replicas: 1, ready: 1 }
  const says = 'read 2 of 2 samples, 0 % of the characters wrong'
  expect(await new Failing().diagnose()).toEqual({
    ocr: { name: 'documents', service: 'ocr', environment: 'prod' },
    cer_threshold_percent: 10,
    error_rate_threshold_percent: 10,
    canary: { percent: 10, seconds: 60 },
    config: { ref: ROUTING, uid: expect.any(String) as string, immutable: false },
    named: 'primary',
    share: { key: 'fallback_percent', percent: 0 },
    primary: {
      ...{ ...engine, engine: 'primary', deployment: 'prod/ocr-primary' },
      ...{ says: `primary ${says}`, error_rate_percent: 42 },
    },
    fallback: {
      ...{ ...engine, engine: 'fallback', deployment: 'prod/ocr-fallback' },
      ...{ says: `fallback ${says}`, error_rate_percent: null },
    },
    primary_is_well: false,
    wanted_percent: 100,
  })
})

test('each sample is fetched once for both engines', async () => {
  const it = new Failing()
  const read = vi.spyOn(it.objects.reader, 'read')
  await it.diagnose()
  expect(read.mock.calls.map(([{ key }]) => key)).toEqual(['0.png', '1.png'])
})

describe('some go ahead, there and back, each on loan', () => {
  test.each<[wish: JsonObject, share: string, canary: number, moves: number[][]]>([
    [
      {},
      '0',
      10,
      [
        [0, 10],
        [10, 90],
        [90, 100],
      ],
    ],
    [
      { percent: 50 },
      '0',
      10,
      [
        [0, 10],
        [10, 40],
        [40, 50],
      ],
    ],
    [
      { percent: 15 },
      '0',
      10,
      [
        [0, 5],
        [5, 10],
        [10, 15],
      ],
    ],
    [{ percent: 10 }, '0', 10, [[0, 10]]],
    [{ percent: 3 }, '0', 10, [[0, 3]]],
    [
      {},
      '0',
      50,
      [
        [0, 50],
        [50, 100],
      ],
    ],
    [{}, '90', 10, [[90, 100]]],
    [
      {},
      '37',
      10,
      [
        [37, 90],
        [90, 100],
      ],
    ],
  ])('%j from %s with a canary of %i', async (wish, share, percent, moves) => {
    const it = new Failing([{ ...route, canary: { percent, seconds: 60 } }])
    it.route({ engine: 'primary', [KEY]: share })
    expect(await it.moves(wish)).toEqual(moves)
  })

  test.each([1, 1_800, 3_600])('however long the house looks at a canary: %i s', async (seconds) => {
    const [step] = await new Failing([{ ...route, canary: { percent: 10, seconds } }]).plan()
    expect(step?.pace).toMatchObject({ pause_s: seconds, within_s: 3 * (seconds + 600) })
  })

  test('one after the other, with the pause of the house, for as long as was asked', async () => {
    const [step, ...more] = await new Failing().plan({ minutes: 30 })
    expect(more).toEqual([])
    expect(step).toMatchObject({ loan_minutes: 30, pace: { first: 1, most: 1, pause_s: 60, stop_above_percent: 0 } })
  })
})

test.each([
  [{ service: 'web' }, {}, 'no OCR belongs to the service "web"; the house knows documents (firebreak.yaml, ocr)'],
  [{ engine: 'primary' }, {}, 'no OCR belongs to the service ""'],
  [{ service: 'ocr' }, { ocr: 'letters' }, 'there is no OCR "letters"; the house knows documents'],
])('believes nothing of an alert but the name of a service: %j %j', async (labels, wish, message) => {
  const it = new Failing()
  await expect(it.diagnose(wish, labels as unknown as Record<string, string>)).rejects.toThrow(message)
  expect(it.ocr.asked).toEqual([])
})

test.each([
  { percent: 0 },
  { percent: 101 },
  { percent: 12.5 },
  { percent: '50' },
  { minutes: 4 },
  { minutes: 10_081 },
  { ocr: '' },
  { engine: 'fallback' },
])('refuses the parameters %j', (wish) => expect(divertOcr.params.safeParse(wish).success).toBe(false))

describe('says what to do when it cannot look', () => {
  test('no share is configured', async () => {
    const it = new Failing([{ ...route, routing: { config_map: ROUTING, key: 'engine' } }])
    await expect(it.diagnose()).rejects.toThrow('name the key in firebreak.yaml, ocr.documents.routing.share')
  })

  test.each([undefined, '', '101', '-1', '12.5', '010', 'half', '0x10', ' 10'])('the share is %j', async (value) => {
    const it = new Failing()
    it.route({ engine: 'primary', ...(value === undefined ? {} : { [KEY]: value }) })
    await expect(it.diagnose()).rejects.toThrow(
      `fallback_percent of configmap prod/ocr-routing is ${value === undefined ? 'not there' : JSON.stringify(value)}, expected a whole number from 0 to 100`,
    )
  })

  test('there is no routing config', async () => {
    const it = new Failing()
    it.cluster.state.configMaps.clear()
    await expect(it.diagnose()).rejects.toThrow('configmap prod/ocr-routing is not there')
  })

  test('a sample is missing, or cannot be fetched', async () => {
    const it = new Failing()
    await it.objects.hands.delete({ bucket: 'samples', key: '1.png' })
    await expect(it.diagnose()).rejects.toThrow('the sample samples/1.png of documents is not there')
    it.objects.refusing = 'denied'
    await expect(it.diagnose()).rejects.toThrow('denied')
  })

  test.each(['forbidden', 'not-found'] as const)('the fallback is %s: that is said of us', async (kind) => {
    const it = new Failing()
    it.ocr.failing('fallback', kind)
    await expect(it.diagnose()).rejects.toThrow(kind)
  })
})

/** The engine answers, and reads this; what is missing it cannot read. */
function misread({ ocr }: Failing, engine: string, ...texts: string[]): void {
  ocr.engine(engine)
  for (const [at, text] of texts.entries()) ocr.teach(engine, new Uint8Array([at]), text)
}

test.each<[says: string, make: (it: Failing) => unknown]>([
  ['it fails on too much of what it gets', () => undefined],
  ['it is down', ({ ocr, fails }) => (ocr.failing('primary', 'unreachable'), (fails.primary = 100))],
  ['it hangs, and nobody measures it', ({ ocr, fails }) => (ocr.failing('primary', 'timeout'), (fails.primary = NaN))],
  [
    'it reads nonsense, and says that all is well',
    (it) => (misread(it, 'primary', 'XX', 'YY'), (it.fails.primary = 0)),
  ],
])('documents need another engine when %s', async (_, make) => {
  const it = new Failing()
  make(it)
  expect(await it.stopped()).toBeUndefined()
})

const stops: [because: RegExp, make: (it: Failing) => unknown, wish?: JsonObject][] = [
  [/does not name the primary/, (it) => it.route({ engine: 'fallback', [KEY]: '0' })],
  [/does not name the primary/, (it) => it.route({ [KEY]: '0' })],
  [/go to the fallback already/, (it) => it.route({ engine: 'primary', [KEY]: '100' })],
  [/go to the fallback already/, (it) => it.route({ engine: 'primary', [KEY]: '50' }), { percent: 50 }],
  [/is immutable/, (it) => it.route({ engine: 'primary', [KEY]: '0' }, true)],
  [/reads the known samples, and does not fail/, ({ fails }) => (fails.primary = 10)],
  [/reads the known samples, and does not fail/, ({ fails }) => (fails.primary = NaN)],
  [/way from here that is broken/, ({ ocr, fails }) => (ocr.failing('primary', 'unreachable'), (fails.primary = 2))],
  [/does not read every known sample/, ({ ocr }) => ocr.failing('fallback', 'unreachable')],
  [/does not read every known sample/, (it) => misread(it, 'fallback', TEXTS[0]!)],
  [/more characters of the known samples wrong/, (it) => misread(it, 'fallback', 'XNVXICX 4XX1', 'XXXXX 9981')],
  [
    /fails on too many of the documents that it gets already/,
    (it) => (it.route({ engine: 'primary', [KEY]: '10' }), (it.fails.fallback = 11)),
  ],
]

test.each(stops)('stops: %s (%#)', async (because, make, wish = {}) => {
  const it = new Failing()
  expect(await it.stopped(wish)).toBeUndefined()
  make(it)
  expect(await it.stopped(wish)).toMatch(because)
})

test('every reason to stop is tried above', () => {
  for (const { because } of divertOcr.stopIf)
    expect(
      stops.some(([reason]) => reason.test(because)),
      because,
    ).toBe(true)
})

test.each<[fact: string, make: (it: Failing) => unknown]>([
  ['share', (it) => it.route({ engine: 'primary', [KEY]: '5' })],
  ['named', (it) => it.route({ engine: 'fallback', [KEY]: '0' })],
  ['config.uid', (it) => it.replaced({ engine: 'primary', [KEY]: '0' })],
  ['primary_is_well', ({ fails }) => (fails.primary = 1)],
  ['fallback.healthy', ({ ocr }) => ocr.failing('fallback', 'unreachable')],
])('the plan is stale when %s moves', async (fact, make) => {
  const it = new Failing()
  const then = await it.diagnose()
  make(it)
  expect(movedGuards(divertOcr.guards(then), then, await it.diagnose())).toMatchObject([{ fact }])
})

test('the plan stands while the primary gets worse and pods come and go', async () => {
  const it = new Failing()
  const then = await it.diagnose()
  it.fails.primary = 100
  it.ocr.failing('primary', 'timeout')
  it.cluster.elsewhere('prod/ocr-fallback', { ready: 0 })
  expect(movedGuards(divertOcr.guards(then), then, await it.diagnose())).toEqual([])
})

describe('helps', () => {
  test('when the fallback copes, and says so', async () => {
    const it = new Failing()
    const facts = await it.diagnose()
    expect(await it.verdict(facts)).toMatchObject({ holds: false })
    await carryOut(it, await it.plan())
    expect(it.share).toBe('100')
    expect(divertOcr.verify.says(facts)).toBe(
      '100 % goes to the fallback of documents, it reads all 2 known samples, and neither it nor primary fails on more than 10 % of what it gets.',
    )
    expect(await it.verdict(facts)).toEqual({
      holds: true,
      says: '100 % goes to the fallback; it reads the samples, and enough of what it gets.',
    })
  })

  test('where only some are diverted, whatever the primary does with the others', async () => {
    const it = new Failing()
    const facts = await it.diagnose({ percent: 50 })
    await carryOut(it, await it.plan({ percent: 50 }))
    expect(divertOcr.verify.says(facts)).toMatch(/^50 % .* and it does not fail on more than 10 %/)
    expect(await it.verdict(facts, { percent: 50 })).toMatchObject({ holds: true })
  })

  test.each<[says: RegExp, make: (it: Failing) => unknown]>([
    [/fallback fails on 11 % of what it gets \(allowed: 10 %\)/, ({ fails }) => (fails.fallback = 11)],
    [/how much fallback fails on is not measured/, ({ fails }) => (fails.fallback = NaN)],
    [/fallback read 0 of 2 samples, otherwise timeout/, ({ ocr }) => ocr.failing('fallback', 'timeout')],
    [/^90 % goes to the fallback/, (it) => it.route({ engine: 'primary', [KEY]: '90' })],
    [
      /primary still fails on 42 %: do consumers follow the routing\?/,
      ({ metrics }) => metrics.follow(route.primary.error_rate_percent, () => 42),
    ],
    [/not the one that was changed any more/, (it) => it.replaced({ [KEY]: '100' })],
  ])('not while: %s', async (says, make) => {
    const it = new Failing()
    const facts = await it.diagnose()
    await carryOut(it, await it.plan())
    make(it)
    const verdict = await it.verdict(facts)
    expect(verdict.holds).toBe(false)
    expect(verdict.says).toMatch(says)
  })
})

describe('whoever has the incident is told', () => {
  const told = async (state: 'succeeded' | 'undone' | 'needs-a-person') =>
    divertOcr.report!(await new Failing().diagnose(), { state, because: 'So it ended.' }).split('\n')
  const before =
    'Before: primary read 2 of 2 samples, 0 % of the characters wrong and failed on 42 % of what it got; fallback read 2 of 2 samples, 0 % of the characters wrong.'

  test('what comes next, and that the window is to be noted', async () =>
    expect(await told('succeeded')).toEqual([
      'OCR documents is diverted to its fallback, on loan. So it ended.',
      before,
      expect.stringMatching(/^Next: see to the primary \(restore-ocr, .* Note the window/),
    ]))

  test('that they went back', async () =>
    expect(await told('undone')).toEqual([
      'OCR documents is not diverted: the run is undone. So it ended.',
      before,
      expect.stringMatching(/^0 % goes to the fallback, as before\. .* stop the consumers/),
    ]))

  test('where to look', async () =>
    expect((await told('needs-a-person'))[2]).toBe('Look at fallback_percent: it was 0 before.'))
})

test('its one verb is known, and may come back only when the primary reads', () => {
  expect(verbs.get('set-ocr-share')?.notYet).toBeDefined()
  const recipe: Pick<Recipe, 'stage' | 'approval'> = divertOcr
  expect(recipe).toMatchObject({ stage: 'propose', approval: { tier: 'T1', roles: ['sre', 'ml'], people: 1 } })
})
