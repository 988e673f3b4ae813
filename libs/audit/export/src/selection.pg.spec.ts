import {
  checkBundle,
  concat,
  decodeEntry,
  formatVkey,
  openBundle,
  parsePolicy,
  selects,
  sourceOf,
  text,
  utf8,
  type EntryBody,
  type ExportFilter,
} from '@firebreak/audit-log'
import { entriesBetween, newestCheckpoint, olderCheckpoints, readTile } from '@firebreak/audit-store'
import {
  collect,
  logCluster,
  testLog,
  type LogCluster,
  type LogDatabase,
  type TestLog,
} from '@firebreak/audit-store/testing'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeBundle, type BundleInput } from './bundle.js'
import { ndjson } from './lines/ndjson.js'
import { writeLines, type Reached } from './lines/write.js'
import { selected, type Claim } from './selection.js'

let cluster: LogCluster
let database: LogDatabase
let log: TestLog
let reader: pg.Client
let size: number
let all: { position: number; body: Uint8Array; entry: EntryBody }[]
let claim: Claim
const MANY = 2_600

/** A log of a few thousand entries, in which at some point an export of two runs begins. */
beforeAll(async () => {
  cluster = await logCluster()
  database = await cluster.database()
  log = testLog()
  const api = await database.client('fb_api')
  const person = (id: string) => ({ actor: { kind: 'person', id } }) as const
  for (let from = 0; from < MANY; from += 200) {
    const drafts = Array.from({ length: 200 }, (_, i) => ({
      stream: `run:r_${i % 5}`,
      ...(i % 3 === 0 ? { type: 'step.done' as const, outcome: 'ok' as const, target: 'deployment:prod/api' } : {}),
      ...(i % 7 === 0 ? person('ada') : {}),
    }))
    await log.write(api, ...drafts)
    if (from === 1_000) await log.sequenceAll(database.url('fb_sequencer'))
  }
  const streams = ['run:r_1', 'run:r_2'].map((stream) => ({ stream, count: MANY / 5 }))
  await log.write(api, { stream: 'export:exp_1', type: 'export.running', about: 'export:exp_1', detail: { streams } })
  claim = { position: MANY, streams }
  await log.write(api, { stream: 'run:r_1' })
  size = (await log.sequenceAll(database.url('fb_sequencer'))).size
  reader = await database.client('fb_reader')
  all = (await collect(entriesBetween(reader, 0, size))).map((one) => ({ ...one, entry: decodeEntry(one.body) }))
}, 120_000)
afterAll(async () => {
  await database.close()
  await cluster.stop()
})

const filters: ExportFilter[] = [
  {},
  { types: ['step.done'] },
  { types: ['export.running'] },
  { actor: 'ada' },
  { actor: 'ada', types: ['step.done'], positions: { from: 100, to: 2_000 } },
  { positions: { from: 999, to: 1_001 } },
  { positions: { from: 2_000 } },
  { outcome: 'ok', streams: ['run:r_3', 'run:r_4'] },
  { target: 'deployment:prod/api', run: 'r_0' },
  { time: { from: '2000-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' } },
  { time: { to: '2000-01-01T00:00:00.000Z' } },
  { actor: 'nobody' },
  { control: 'nist-800-53/AU-12' },
  { control: 'soc2/CC8.1', outcome: 'ok' },
]

test.each(filters)('what is read is what the filter means: %o', async (filter) => {
  const wanted = all.filter(({ entry, position }) => selects(filter, entry, position)).map(({ position }) => position)
  const found = await collect(selected(reader, { filter, size }))
  expect(found.map(({ position }) => position)).toEqual(wanted)
  for (const { body, position } of found) expect(text(body)).toBe(text(all[position]!.body))
})

test('whole streams are read up to the entry that counted them, and with it', async () => {
  const filter = { streams: ['run:r_1', 'run:r_2'] }
  const found = await collect(selected(reader, { filter, size, claim }))
  const wanted = all.filter(({ entry, position }) => position === MANY || (position < MANY && filter.streams.includes(entry.stream)))
  expect(found.map(({ position }) => position)).toEqual(wanted.map(({ position }) => position))
  expect(found).toHaveLength((2 * MANY) / 5 + 1)
}) // prettier-ignore

const policy = () => parsePolicy(utf8(`log ${formatVkey(log.key)}\nwitness w ${formatVkey(log.notaryKey)}\nquorum w\n`))

test.each([
  ['FULL', 'valid', {}],
  ['STREAM', 'valid', { streams: ['run:r_1', 'run:r_2'] }],
  ['SELECTED', 'incomplete', { actor: 'ada', outcome: 'ok' }],
] as const)('a bundle that is %s is %s', async (completeness, verdict, filter) => {
  const checkpoint = (await newestCheckpoint(reader))!
  const whole = completeness === 'STREAM'
  const input: BundleInput = {
    filter: filter as ExportFilter,
    entries: () => selected(reader, { filter: filter as ExportFilter, size, ...(whole ? { claim } : {}) }),
    checkpoint: checkpoint.cosigned,
    size,
    history: await olderCheckpoints(reader, size, 8),
    tile: (tile) => readTile(reader, tile),
    ...(whole ? { streams: claim.streams } : {}),
  }
  expect(input.history!.length).toBeGreaterThan(0)
  const chunks: Uint8Array[] = []
  await writeBundle(input, (chunk) => void chunks.push(chunk))
  const report = await checkBundle(await openBundle(sourceOf(concat(...chunks))), policy())
  expect(report.findings.filter(({ state }) => state === 'failed')).toEqual([])
  expect(report.verdict).toBe(verdict)
  const again: Uint8Array[] = []
  await writeBundle(input, (chunk) => void again.push(chunk))
  expect(again).toEqual(chunks)
})

test.each([{}, { actor: 'ada' }, { types: ['step.done'] as 'step.done'[] }])(
  'lines that broke off go on to the same bytes: %o',
  async (filter) => {
    const write = async (after?: Reached, until = Infinity) => {
      let [written, last]: [string, Reached | undefined] = ['', undefined]
      const context = { completeness: 'FULL', origin: log.key.name, checkpoint: size } as const
      const reached = (one: Reached) => {
        last = one
        if (one.entries >= until) throw new Error('the machine stops')
      }
      const entries = selected(reader, { filter, size, from: after?.position ?? 0 })
      await writeLines({ format: ndjson, context, entries, reached, due: () => true, ...(after ? { after } : {}) }, (chunk) => void (written += text(chunk))).catch(() => undefined) // prettier-ignore
      return { written, last: last! }
    }
    const whole = await write()
    for (const until of [1, 50, 300]) {
      const broken = await write(undefined, until)
      expect(broken.last.entries).toBe(until)
      expect(broken.written + (await write(broken.last)).written).toBe(whole.written)
    }
  },
)
