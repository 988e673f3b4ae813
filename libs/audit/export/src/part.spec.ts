import {
  checkBundle,
  encodeEntry,
  FILE,
  text,
  utf8,
  type CheckOptions,
  type EntryBody,
  type ExportFilter,
  type Report,
} from '@firebreak/audit-log'
import {
  seeded,
  TEST_KEYS,
  TEST_POLICY,
  TEST_START,
  testCheckpoint,
  testEntries,
  testUuid,
} from '@firebreak/audit-log/testing'
import { describe, expect, test } from 'vitest'
import { bundleOf, made, madeOf, packed, unpacked, withManifest } from './testing/bundles.js'

const check = async (tar: Uint8Array, options: CheckOptions = {}): Promise<Report> =>
  checkBundle(await bundleOf(tar), TEST_POLICY, options)
const failed = ({ findings }: Report) => findings.filter(({ state }) => state === 'failed').map((one) => one.check)
const finding = ({ findings }: Report, name: string) => findings.find((one) => one.check === name)

/** A log of 700 entries in which, at 600, an export of one run begins. */
const whole = ['run:run-1', 'run:run-2']
const story = testEntries(700)
const counts = (upTo: number) =>
  whole.map((stream) => ({ stream, count: story.slice(0, upTo).filter((entry) => entry.stream === stream).length }))
const begun = (streams: { stream: string; count: number }[]): EntryBody => ({
  v: 1,
  entry_id: testUuid(seeded(5), TEST_START + 60_000),
  stream: 'export:exp-1',
  stream_seq: 0,
  ts: new Date(TEST_START + 60_000).toISOString(),
  about: 'export:exp-1',
  type: 'export.running',
  actor: { kind: 'process', id: 'worker-1' },
  detail: { streams },
})
const log = story.toSpliced(600, 0, begun(counts(600)))
const bodies = log.map(encodeEntry)
const filter: ExportFilter = { streams: whole }
const ofStory = (entry: EntryBody, index: number) => index === 600 || (index < 600 && whole.includes(entry.stream))
const stream = (more: Parameters<typeof madeOf>[3] = {}) =>
  madeOf(bodies, filter, ofStory, { streams: counts(600), ...more })

describe('whole streams', () => {
  test('are valid for what they claim, and say so', async () => {
    const { told, tar } = await stream()
    const report = await check(tar)
    expect(failed(report)).toEqual([])
    expect(report.verdict).toBe('valid')
    expect(finding(report, 'class')).toMatchObject({ found: 'STREAM, as counted in entry 600' })
    expect(told.entries).toBe(counts(600).reduce((sum, { count }) => sum + count, 1))
  })

  test('bring the tiles that they need, and no others', async () => {
    const few = await bundleOf((await madeOf(bodies, { streams: ['log'] }, (entry, i) => i < 3 || entry.type === 'export.running', { streams: [{ stream: 'log', count: 1 }] })).tar)
    expect(few.names.filter((name) => name.startsWith('tile/'))).toEqual(['tile/0/000', 'tile/0/002.p/189', 'tile/1/000.p/2'])
  }) // prettier-ignore

  const without = async (drop: number) => (await madeOf(bodies, filter, (entry, i) => i !== drop && ofStory(entry, i), { streams: counts(600) })).tar // prettier-ignore
  const [first, last] = [
    log.findIndex(({ stream }) => stream === 'run:run-1'),
    log.slice(0, 600).findLastIndex(({ stream }) => stream === 'run:run-1'),
  ]

  test('lack nothing: not in the middle, and not at their end', async () => {
    expect(failed(await check(await without(first)))).toEqual(['streams'])
    expect(failed(await check(await without(last)))).toEqual(['streams'])
  })

  test('need the entry in which the log counted them, and it must have counted these', async () => {
    expect(failed(await check(await without(600)))).toEqual(['class'])
    const fewer = counts(600).map((one) => (one.stream === 'run:run-1' ? { ...one, count: one.count - 1 } : one))
    const { tar } = await madeOf(bodies, filter, (entry, i) => i !== last && ofStory(entry, i), { streams: fewer })
    expect(failed(await check(tar))).toEqual(['class'])
  })

  test('bring nothing else along', async () => {
    const { tar } = await madeOf(bodies, filter, (entry, i) => i === 0 || ofStory(entry, i), { streams: counts(600) })
    expect(log[0]!.stream).not.toBe('run:run-1')
    expect(failed(await check(tar))).toEqual(['class'])
  })

  test('a later entry of theirs does not belong to what was counted', async () => {
    const { tar } = await madeOf(bodies, filter, (entry, i) => i === 600 || whole.includes(entry.stream), { streams: counts(600) }) // prettier-ignore
    expect(failed(await check(tar))).toEqual(['streams'])
  })

  test('a word of the log that counted too few is found where every entry is there', async () => {
    const lie = [{ stream: 'run:run-1', count: counts(600)[0]!.count - 1 }]
    const lied = log.with(600, begun(lie)).map(encodeEntry)
    const report = await check((await made(lied)).tar)
    expect(report.first).toMatchObject({ check: 'streams', code: 'stream-claim', index: 600 })
    expect((await check((await made(bodies)).tar)).verdict).toBe('valid')
  })
})

describe('a selection', () => {
  const selections: ExportFilter[] = [
    { actor: 'ada' },
    { types: ['step.done'] },
    { positions: { from: 250, to: 300 } },
    { positions: { from: 255, to: 256 } },
    { time: { from: log[100]!.ts, to: log[200]!.ts } },
    { run: 'run-3', outcome: 'ok' },
    { incident: 'inc-2', actor: 'grace' },
    { target: 'deployment:prod/api' },
  ]
  test.each(selections)('is valid but incomplete: %o', async (selection) => {
    const report = await check((await madeOf(bodies, selection)).tar)
    expect(failed(report)).toEqual([])
    expect(report.verdict).toBe('incomplete')
    expect(finding(report, 'streams')).toMatchObject({ state: 'not made', open: true })
  })

  test('of nothing is no bundle', async () => {
    await expect(madeOf(bodies, { actor: 'nobody' })).rejects.toMatchObject({ code: 'empty-selection' })
  })

  test('has only what was asked for', async () => {
    const { tar } = await madeOf(bodies, { actor: 'ada' }, ({ actor }) => ['ada', 'grace'].includes(actor.id))
    expect(failed(await check(tar))).toEqual(['class'])
  })

  const tampered = async (change: (files: Map<string, Uint8Array>) => void) => {
    const files = await unpacked((await madeOf(bodies, { actor: 'ada' })).tar)
    change(files)
    return failed(await check(packed(withManifest(files))))
  }
  const ada = [...log.keys()].filter((i) => log[i]!.actor.id === 'ada')
  const edit = (name: string, from: string | RegExp, to: string) =>
    tampered((files) => files.set(name, utf8(text(files.get(name)!).replace(from, to))))

  test('an entry changed', async () => expect(await edit(FILE.entries, 'looking', 'sleeping')).toContain('leaf'))
  test('an entry in another place', async () =>
    expect(await edit(FILE.indices, `\n${ada[1]}\n`, `\n${ada[1]! - 1}\n`)).toContain('leaf'))
  test('an entry dropped', async () =>
    expect(await edit(FILE.entries, /^.*\n/, '')).toEqual(['count', 'leaf', 'report']))
  test('an entry dropped with its place', async () => {
    expect(
      await tampered((files) => {
        for (const name of [FILE.entries, FILE.indices])
          files.set(name, utf8(text(files.get(name)!).replace(/^.*\n/, '')))
      }),
    ).toEqual(['count', 'report'])
  })
  test.each(['x', '-1', '007', '9'.repeat(30), '', '1.5', ' 1'])('a place that is none: "%s"', async (line) =>
    expect(await edit(FILE.indices, /^.*\n/, `${line}\n`)).toContain('count'),
  )
  test('places out of order, or beyond the log', async () => {
    expect(await edit(FILE.indices, /^(.*)\n(.*)\n/, '$2\n$1\n')).toContain('count')
    expect(await edit(FILE.indices, /\n(\d+)\n$/, '\n701\n')).toContain('count')
  })
  test('no places at all', async () =>
    expect(await tampered((files) => void files.delete(FILE.indices))).toEqual(
      expect.arrayContaining(['files', 'count']),
    ))
  test.each(['tile/0/000', 'tile/1/000.p/2', 'tile/0/002.p/189'])('a hash of %s', async (name) => {
    const found = await tampered((files) => (files.get(name)![40]! ^= 1))
    expect(found).toEqual(expect.arrayContaining([name.endsWith('189') ? 'root' : 'tiles']))
  })
  test('a tile too few or too many', async () => {
    expect(await tampered((files) => void files.delete('tile/0/000'))).toContain('files')
    expect(await tampered((files) => void files.set('tile/2/000.p/1', new Uint8Array(32)))).toContain('files')
  })
  test('said to be whole', async () => {
    const files = await unpacked((await madeOf(bodies, { actor: 'ada' })).tar)
    for (const claim of [{ completeness: 'FULL' }, { completeness: 'STREAM' }, { filter: {} }, { entries: 3 }] as const)
      expect((await check(packed(withManifest(files, claim)))).verdict, JSON.stringify(claim)).toBe('tampered')
  })
})

describe('older checkpoints', () => {
  const at = (size: number, more: Parameters<typeof testCheckpoint>[1] = {}) =>
    testCheckpoint(bodies.slice(0, size), { seconds: 100 + size, ...more })
  const history = [at(1), at(256), at(300), at(512), at(699)]
  const withHistory = (older: string[]) => [
    made(bodies, { history: older }),
    stream({ history: older }),
    madeOf(bodies, { actor: 'ada' }, undefined, { history: older }),
  ]

  test('are proven to be beginnings of the log, whatever the class', async () => {
    const reports = await Promise.all(withHistory(history).map(async (bundle) => check((await bundle).tar)))
    expect(reports.map(failed)).toEqual([[], [], []])
    expect(reports.map(({ verdict }) => verdict)).toEqual(['valid', 'valid', 'incomplete'])
    for (const report of reports) expect(finding(report, 'consistency')).toMatchObject({ state: 'passed' })
  })

  test.each([
    ['of another past', [testCheckpoint(testEntries(300, 2).map(encodeEntry), { seconds: 100 })], 'consistency'],
    ['that another key signed', [at(300, { log: TEST_KEYS.forger })], 'signature'],
    ['cosigned in another order', [at(256, { seconds: 3000 }), at(300, { seconds: 100 })], 'quorum'],
    ['of another log', [at(300, { origin: 'other.example/log' })], 'note'],
  ])('one %s', async (_, older, by) => {
    for (const bundle of withHistory(older)) expect(failed(await check((await bundle).tar))).toContain(by)
  }) // prettier-ignore

  test('date the entries between them', async () => {
    const late = log.with(200, { ...log[200]!, ts: new Date(TEST_START + 1_000_000).toISOString() }).map(encodeEntry)
    const older = testCheckpoint(late.slice(0, 256), { seconds: 356 })
    const report = await check((await made(late, { history: [older] })).tar)
    expect(report.first).toMatchObject({ check: 'time', index: 200 })
    expect((await check((await made(late)).tar)).verdict).toBe('valid')
  })

  test('reach back to the one that the auditor keeps, or the check says that they do not', async () => {
    const kept = { stored: at(300) }
    const { tar } = await stream({ history })
    expect(finding(await check(tar, kept), 'consistency')).toMatchObject({ state: 'passed' })
    const short = await madeOf(bodies, { positions: { from: 0, to: 1 } })
    const report = await check(short.tar, kept)
    expect(finding(report, 'consistency')).toMatchObject({ state: 'not made', open: true })
  })
})
