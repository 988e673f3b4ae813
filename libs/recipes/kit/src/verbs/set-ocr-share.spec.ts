import { describe, expect, test } from 'vitest'
import type { PortFailureKind } from '../ports.js'
import {
  aHouseOfThings,
  FakeCluster,
  FakeDirectory,
  FakeMetrics,
  FakeObjectStore,
  FakeOcr,
  fakeHands,
  fakeReaders,
} from '../testing/index.js'
import { setOcrShare, verbs } from './index.js'

const ROUTING = 'prod/ocr-routing'
const [route] = aHouseOfThings().ocr
const { bucket, key: sample, text } = route!.samples[0]!

/** Two engines that read the sample and fail on 4 %; so many percent go to the fallback. */
function world(share: string) {
  const cluster = new FakeCluster()
  const { uid } = cluster.putConfig(ROUTING, { engine: 'primary', fallback_percent: share })
  const objects = new FakeObjectStore().bucket(bucket)
  const image = new Uint8Array([1])
  objects.place(bucket, sample, image)
  const [ocr, metrics] = [new FakeOcr(), new FakeMetrics()]
  const fails: Record<string, number> = { primary: 4, fallback: 4 }
  for (const { engine, error_rate_percent } of [route!.primary, route!.fallback]) {
    ocr.engine(engine).teach(engine, image, text)
    metrics.follow(error_rate_percent, () => fails[engine] ?? NaN)
  }
  const readers = fakeReaders({
    ...{ cluster: cluster.reader, objects: objects.reader, ocr, metrics },
    directory: new FakeDirectory([], aHouseOfThings()),
  })
  const step = (from: number, to: number) =>
    setOcrShare({ ocr: 'documents', config: ROUTING, uid, key: 'fallback_percent', from, to }).args
  const verb = verbs.get('set-ocr-share')!
  return {
    cluster,
    objects,
    ocr,
    fails,
    do: (from: number, to: number) => verb.do(fakeHands({ cluster: cluster.hands }), readers, step(from, to)),
    undo: (from: number, to: number) =>
      'none' in verb.undo ? undefined : verb.undo.do(fakeHands({ cluster: cluster.hands }), readers, step(from, to)),
    notYet: (from: number, to: number) => verb.notYet!(readers, step(from, to)),
    share: () => cluster.state.configMaps.get(ROUTING)?.data,
  }
}

test('sets the one key, and leaves the engine alone', async () => {
  const it = world('0')
  await it.do(0, 10)
  expect(it.share()).toEqual({ engine: 'primary', fallback_percent: '10' })
  await it.undo(0, 10)
  expect(it.share()).toEqual({ engine: 'primary', fallback_percent: '0' })
})

describe('before the first document goes there', () => {
  test('the fallback reads the sample; what it fails on is not asked, for it gets nothing', async () => {
    const it = world('0')
    it.fails['fallback'] = NaN
    await it.do(0, 10)
    expect(it.ocr.asked).toEqual(['fallback'])
  })

  test.each<[says: RegExp, make: (it: ReturnType<typeof world>) => unknown]>([
    [/fallback read 0 of 1 samples, otherwise unreachable/, ({ ocr }) => ocr.failing('fallback', 'unreachable')],
    [
      /fallback read 1 of 1 samples, 100 % of the characters wrong \(allowed: 10 %\)/,
      ({ ocr }) => ocr.engine('fallback').teach('fallback', new Uint8Array([1]), 'X'),
    ],
    [
      /the sample samples\/ocr\/0\.png of documents is not there/,
      ({ objects }) => objects.hands.delete({ bucket, key: sample }),
    ],
    [
      /^fallback_percent of configmap .* is 5, not 0: somebody else routes/,
      ({ cluster }) => cluster.putConfig(ROUTING, { fallback_percent: '5' }),
    ],
    [
      /is "many", expected a whole number from 0 to 100/,
      ({ cluster }) => cluster.putConfig(ROUTING, { fallback_percent: 'many' }),
    ],
    [/is immutable/, ({ cluster }) => cluster.putConfig(ROUTING, { fallback_percent: '0' }, true)],
  ])('nothing moves: %s', async (says, make) => {
    const it = world('0')
    await make(it)
    await expect(it.do(0, 10)).rejects.toThrow(says)
    expect(it.cluster.effects).toEqual([])
  })
})

describe('before more follow', () => {
  test.each([
    [11, /fallback fails on 11 % of what it gets \(allowed: 10 %\)/],
    [10.2, /fallback fails on 11 % of what it gets/],
    [NaN, /how much fallback fails on is not measured, though it gets documents/],
  ])('what came of those that went ahead counts: %s', async (percent, says) => {
    const it = world('10')
    it.fails['fallback'] = percent
    await expect(it.do(10, 90)).rejects.toThrow(says)
    expect(it.cluster.effects).toEqual([])
    it.fails['fallback'] = 10
    await it.do(10, 90)
    expect(it.share()?.['fallback_percent']).toBe('90')
  })

  test('an engine that went away in between gets no more', async () => {
    const it = world('10')
    it.ocr.failing('fallback', 'timeout')
    await expect(it.do(10, 90)).rejects.toMatchObject({ kind: 'conflict', retryable: false })
  })
})

describe('on the way back the primary is asked', () => {
  test('for the samples only, as long as it gets nothing', async () => {
    const it = world('100')
    it.fails['primary'] = NaN
    expect(await it.notYet(90, 100)).toBeUndefined()
    expect(it.ocr.asked).toEqual(['primary'])
    it.ocr.failing('primary', 'unreachable')
    expect(await it.notYet(90, 100)).toBe(
      '100 % stays with the fallback engine of documents: primary read 0 of 1 samples, otherwise unreachable (allowed: 10 %). Restore the primary, then ask for the loan again; or renew it.',
    )
  })

  test.each([
    [42, /^90 % stays .*: primary fails on 42 % of what it gets/],
    [NaN, /how much primary fails on is not measured/],
  ])('and for what came of those that went ahead: %s', async (percent, says) => {
    const it = world('90')
    expect(await it.notYet(10, 90)).toBeUndefined()
    it.fails['primary'] = percent
    expect(await it.notYet(10, 90)).toMatch(says)
  })

  test('a run that is taken back asks nobody', async () => {
    const it = world('10')
    it.ocr.failing('primary', 'unreachable' satisfies PortFailureKind)
    await it.undo(0, 10)
    expect(it.share()?.['fallback_percent']).toBe('0')
  })
})

test.each([
  [10, 10],
  [90, 10],
  [0, 101],
  [-1, 10],
  [0, 2.5],
])('from %s to %s is no move', (from, to) => {
  const args = { ocr: 'documents', config: ROUTING, uid: 'u', key: 'fallback_percent', from, to } as const
  expect(() => setOcrShare(args)).toThrow()
})
