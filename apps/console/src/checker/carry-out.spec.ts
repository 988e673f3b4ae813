import { encodeEntry, formatVkey, utf8 } from '@firebreak/audit-log'
import { TEST_KEYS, TEST_POLICY_TEXT, TEST_START, testEntries } from '@firebreak/audit-log/testing'
import { expect, test } from 'vitest'
import { bundleOf, CHECKED_AT, checkpointOf } from '../../e2e/bundles.js'
import { carryOut } from './carry-out.js'
import { parseOrder, parseTold, type Brought, type Report, type Told } from './messages.js'

const entries = testEntries(300)
const good = new Uint8Array(await bundleOf(entries))

/** What the page hears, parsed as it parses it. */
async function asked(order: unknown, tick = 1_000): Promise<Told[]> {
  const heard: Told[] = []
  let now = 0
  await carryOut(
    parseOrder(order),
    (told) => heard.push(parseTold(structuredClone(told))),
    () => (now += tick),
  )
  return heard
}
const check = (bundle: Uint8Array, brought: Brought = { policy: utf8(TEST_POLICY_TEXT) }) =>
  asked({ order: 'check', bundle: new Blob([bundle.slice()]), brought, now: CHECKED_AT.getTime() })

async function verdict(...args: Parameters<typeof check>): Promise<Report & { checkpoint: string | null }> {
  const last = (await check(...args)).at(-1)
  if (last?.told !== 'report') throw new Error(`no report: ${JSON.stringify(last)}`)
  return { ...last.report, checkpoint: last.checkpoint }
}

/** The same with one bit of entry 198 flipped, in the name of who did it: still an entry, but another. */
function flipped(): Buffer {
  const bad = Buffer.from(good)
  bad[bad.indexOf('"id":"', bad.indexOf(encodeEntry(entries[198]!))) + 7]! ^= 1
  return bad
}

test('a bundle that is whole is valid, and its checkpoint is there to be kept', async () => {
  const report = await verdict(good)
  expect(report).toMatchObject({ verdict: 'valid', first: null, origin: 'log.example/firebreak', size: 300 })
  expect(report).toMatchObject({ completeness: 'FULL', entries: 300, checkpoint: checkpointOf(300) })
})

test('a flipped bit is found, with its entry and the check; a checkpoint of it is not for keeping', async () => {
  const report = await verdict(flipped())
  expect(report).toMatchObject({
    verdict: 'tampered',
    first: { index: 198, entry: entries[198]!.entry_id },
    checkpoint: null,
  })
  expect(report.first?.check).toBe('leaf')
  expect(report.advice).toMatch(/\w/)
})

test('a statement that nobody could check leaves it incomplete; with the exporter’s key it is valid', async () => {
  const signed = await bundleOf(entries, { exportKey: TEST_KEYS.exporter })
  expect(await verdict(signed)).toMatchObject({ verdict: 'incomplete', checkpoint: null })
  const keys = utf8(`${formatVkey(TEST_KEYS.exporter)}\r\n\n`)
  expect(await verdict(signed, { policy: utf8(TEST_POLICY_TEXT), keys })).toMatchObject({ verdict: 'valid' })
})

test('the checkpoint that was kept is held against the log', async () => {
  const policy = utf8(TEST_POLICY_TEXT)
  const kept = (text: string) => verdict(good, { policy, checkpoint: utf8(text) })
  const consistency = ({ findings }: Report) => findings.find((finding) => finding.check === 'consistency')
  expect(consistency(await kept(checkpointOf(200, { seconds: 20 })))).toMatchObject({ state: 'passed' })
  expect(await kept(checkpointOf(400, { seconds: 3600 }))).toMatchObject({ verdict: 'tampered' })
})

test('progress comes as the clock goes on, counts up, and knows the end', async () => {
  const progress = (await check(good)).flatMap((told) => (told.told === 'progress' ? [told] : []))
  expect(progress.length).toBeGreaterThan(3)
  expect(progress.map(({ bytes }) => bytes)).toEqual(progress.map(({ bytes }) => bytes).toSorted((a, b) => a - b))
  expect(progress.at(-1)).toMatchObject({ entries: 300, of: 300 })
})

test('a clock that stands still hears of nothing but the end', async () => {
  const order = { order: 'check', bundle: new Blob([good]), brought: { policy: utf8(TEST_POLICY_TEXT) }, now: CHECKED_AT.getTime() } // prettier-ignore
  expect((await asked(order, 0)).map(({ told }) => told)).toEqual(['report'])
})

test.each<[string, () => Promise<Told[]>, Partial<Told>]>([
  ['a text', () => check(utf8('no bundle\n'.repeat(100))), { at: 'bundle', sentence: expect.stringContaining('it is no evidence bundle: not a tar header') as string }], // prettier-ignore
  ['nothing', () => check(new Uint8Array()), { at: 'bundle' }],
  ['half a bundle', () => check(good.subarray(0, good.length >> 1)), { at: 'bundle', sentence: expect.stringContaining('breaks off') as string }], // prettier-ignore
  ['no policy', () => check(good, {}), { at: 'policy' }],
  ['a policy in no encoding', () => check(good, { policy: Uint8Array.of(0x6c, 0x6f, 0x67, 0x20, 0xff) }), { at: 'policy' }], // prettier-ignore
  ['a checkpoint that is none', () => check(good, { policy: utf8(TEST_POLICY_TEXT), checkpoint: utf8('200') }), { at: 'checkpoint' }], // prettier-ignore
  ['a checkpoint in no encoding', () => check(good, { policy: utf8(TEST_POLICY_TEXT), checkpoint: Uint8Array.of(0xff) }), { at: 'checkpoint', sentence: 'it is not text in UTF-8' }], // prettier-ignore
  ['rules that are none', () => check(good, { policy: utf8(TEST_POLICY_TEXT), rules: utf8('{}') }), { at: 'rules' }],
])('%s: nothing can be checked, and one sentence says why', async (_, asking, expected) => {
  const last = (await asking()).at(-1)
  expect(last).toMatchObject({ told: 'unusable', ...expected })
  expect(last).not.toMatchObject({ sentence: '' })
})

test('a file that is gone by the time it is read says so', async () => {
  const gone = Object.assign(new Blob([good]), {
    slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotReadableError')) }),
  })
  const order = { order: 'check', bundle: gone, brought: { policy: utf8(TEST_POLICY_TEXT) }, now: TEST_START }
  expect((await asked(order)).at(-1)).toMatchObject({ at: 'bundle', sentence: expect.stringContaining('Choose it again') as string }) // prettier-ignore
})

test.each([
  ['policy', TEST_POLICY_TEXT, 'log.example/firebreak, cosigned by one or two'],
  ['policy', TEST_POLICY_TEXT.replace('any', 'all'), 'log.example/firebreak, cosigned by one and two'],
  ['policy', TEST_POLICY_TEXT.replace('quorum notaries', 'quorum one'), 'log.example/firebreak, cosigned by one'],
  ['policy', TEST_POLICY_TEXT.replace('quorum notaries', 'quorum none'), 'log.example/firebreak, whoever cosigned it'],
  [
    'checkpoint',
    checkpointOf(200),
    'log.example/firebreak, 200 entries, signed by log.example/firebreak and notary.example/1',
  ],
  ['keys', formatVkey(TEST_KEYS.exporter), '1 key: exports.example/firebreak'],
  [
    'rules',
    '{"v":1,"youngest_role_hours":24,"tiers":{"T1":{"people":1,"roles":["sre"],"asker_may":true},"T2":{"people":1,"roles":["sre"],"asker_may":false},"T3":{"people":2,"roles":["sre"],"asker_may":false}}}',
    'rules for T1, T2, T3',
  ],
])('a %s is looked at, and it is said what it is', async (at, content, says) => {
  expect(await asked({ order: 'look', at, bytes: utf8(content) })).toEqual([
    { told: 'looked', says, when: at === 'checkpoint' ? TEST_START + 3_600_000 : null },
  ])
})

test.each([
  ['policy', 'quorum none\n', 'it names no log'],
  ['policy', 'hello\n', 'line 1: a line begins with log, witness, group, quorum or #'],
  ['checkpoint', 'x', 'a note is a text, an empty line and signature lines'],
  ['keys', '\n', 'there is no key in it'],
  ['keys', 'a+b', 'the key of a is not hexadecimal and base64'],
  ['rules', '[', expect.any(String) as string],
])('a %s that is none is not taken', async (at, content, sentence) => {
  expect(await asked({ order: 'look', at, bytes: utf8(content) })).toEqual([{ told: 'unusable', at, sentence }])
})

test('a checkpoint that claims a time that no calendar has is taken, without its time', async () => {
  const bytes = utf8(checkpointOf(3, { seconds: 2 ** 52 }))
  expect(await asked({ order: 'look', at: 'checkpoint', bytes })).toMatchObject([{ told: 'looked', when: null }])
})
