import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  checkBundle,
  decodeEntry,
  decodeEntryBundle,
  formatVkey,
  KEY_TYPE,
  openBundle,
  parsePolicy,
  readWhole,
  sourceOf,
  text,
  utf8,
  type CheckOptions,
} from '@firebreak/audit-log'
import { newUuid } from '@firebreak/store'
import { makeKeyFile } from '@firebreak/audit-store'
import { testLog } from '@firebreak/audit-store/testing'
import {
  ExportRequests,
  exportFile,
  LogLook,
  noLimits,
  Scopes,
  type Actor,
  type Export,
  type ExportOrder,
} from '@firebreak/flow'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeStage, until } from './stage.js'

let stage: Awaited<ReturnType<typeof makeStage>>
let exportKey: Awaited<ReturnType<typeof makeKeyFile>>
let planned: string
const log = testLog()
const audrey: Actor = { kind: 'person', id: 'audrey', auth: 'session', roles: ['auditor'] }

beforeAll(async () => {
  stage = await makeStage()
  const keyFile = join(stage.folder, 'export.key')
  exportKey = await makeKeyFile(keyFile, 'test.example/log/exports', KEY_TYPE.log)
  await stage.makeSlow()
  await stage.startWorker({ FIREBREAK_EXPORT_KEY_FILE: keyFile })
  planned = (await stage.planned()).id
})
afterAll(() => stage.stop())

/** Asked for as the API asks, made by the worker, while the sequencer covers what is said. */
async function made(order: Partial<ExportOrder>): Promise<{ row: Export; file: Buffer }> {
  class Look extends LogLook {
    override finds() {
      return Promise.resolve(undefined)
    }
  }
  const world = { ledger: stage.ledger, now: () => new Date(), newId: (prefix: string) => `${prefix}_${newUuid()}`, scopes: new Scopes([], []), limits: noLimits } // prettier-ignore
  const requests = new ExportRequests(world, { ring: async () => undefined }, new Look())
  const whole: ExportOrder = { kind: 'evidence-bundle', filter: {}, controls: [], disclose: false, ...order }
  const { id } = await requests.ask(audrey, whole, 'a test')
  const row = await until('the export', async () => {
    await log.sequenceAll(stage.database.url('fb_sequencer'))
    const found = await stage.ledger.read((books) => books.exports.get(id))
    return found?.ended_at ? found : undefined
  })
  if (row.because !== null) throw new Error(row.because)
  expect(row.state).toBe('ready')
  const folder = join(stage.folder, 'blobs', 'exports')
  expect(readdirSync(folder).filter((name) => name.includes('.part-'))).toEqual([])
  const file = readFileSync(join(folder, exportFile(row)))
  expect(row).toMatchObject({ size: file.length, sha256: createHash('sha256').update(file).digest('hex') })
  return { row, file }
}

const check = async (file: Buffer, options: CheckOptions = { exportKeys: [exportKey] }) => {
  const policy = parsePolicy(utf8(`log ${formatVkey(log.key)}\nwitness w ${formatVkey(log.notaryKey)}\nquorum w\n`))
  const report = await checkBundle(await openBundle(sourceOf(file)), policy, options)
  expect(report.findings.filter(({ state }) => state === 'failed')).toEqual([])
  return report
}
const found = ({ findings }: Awaited<ReturnType<typeof check>>, name: string) =>
  findings.find((finding) => finding.check === name)

test('the whole log, with control packs, signed by the worker: valid', async () => {
  const { file, row } = await made({ controls: ['soc2', 'nist-800-53'] })
  const report = await check(file)
  expect(report.verdict).toBe('valid')
  expect(report.manifest).toBe(row.manifest)
  for (const name of ['statement', 'controls', 'root']) expect(found(report, name)).toMatchObject({ state: 'passed' })
  // Without the exporter's key too: the log names it in the entry of the export's beginning.
  expect((await check(file, {})).verdict).toBe('valid')
})

test('the story of a plan, whole: valid, as the log counted it while nobody could add to it', async () => {
  const { file, row } = await made({ filter: { plan: planned } })
  expect(row).toMatchObject({ completeness: 'STREAM', filter: { plan: planned } })
  const report = await check(file)
  expect(report.verdict).toBe('valid')
  expect(found(report, 'class')).toMatchObject({ found: expect.stringMatching(/^STREAM/) as string })
  expect(row.entries).toBeGreaterThan(2)
})

test('a selection: valid but incomplete', async () => {
  const { file, row } = await made({ filter: { types: ['plan.proposed', 'export.ready'] } })
  expect(row.completeness).toBe('SELECTED')
  expect((await check(file)).verdict).toBe('incomplete')
})

test('of what is not there it fails, and says why', async () => {
  await expect(made({ kind: 'csv', filter: { actor: 'nobody' } })).rejects.toThrow('Nothing that the checkpoint covers')
  await expect(made({ filter: { run: 'none' } })).rejects.toThrow('have no entries')
})

const lines = (file: Buffer) => file.toString().split('\n').slice(0, -1)

test('NDJSON: each line is an entry as it was hashed', async () => {
  const { file, row } = await made({ kind: 'ndjson' })
  expect(lines(file)).toHaveLength(row.entries)
  expect(row.entries).toBe(row.checkpoint_size)
  for (const line of lines(file)) expect(decodeEntry(utf8(line))).toBeDefined()
})

test('OCSF and CSV: one for each entry, and a head for the table', async () => {
  const [ocsf, csv] = [await made({ kind: 'ocsf' }), await made({ kind: 'csv' })]
  for (const line of lines(ocsf.file)) expect(JSON.parse(line)).toHaveProperty('metadata.uid')
  expect(lines(ocsf.file)).toHaveLength(ocsf.row.entries)
  expect(csv.file.toString().split('\r\n').length).toBeGreaterThan(csv.row.entries + 1)
})

test('tiles: a directory in which another tool finds every entry', async () => {
  const { file, row } = await made({ kind: 'tiles' })
  const directory = await openBundle(sourceOf(file))
  const bundles = directory.names.filter((name) => name.startsWith('tile/entries/'))
  const all = await Promise.all(bundles.map(async (name) => decodeEntryBundle(await readWhole(directory, name, 1e8))))
  expect(all.flat()).toHaveLength(row.entries)
  expect(text(await readWhole(directory, 'checkpoint', 1e5))).toContain(`\n${row.checkpoint_size}\n`)
})

test('the page for reading alone', async () => {
  const { file } = await made({ kind: 'report', filter: { plan: planned } })
  expect(file.toString()).toMatch(/^<!doctype html>/)
  expect(file.toString()).toContain(`plan:${planned}`)
})
