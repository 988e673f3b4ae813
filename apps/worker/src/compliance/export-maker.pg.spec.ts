import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkBundle, formatVkey, openBundle, parsePolicy, readWhole, sourceOf, text, utf8 } from '@firebreak/audit-log'
import { logCluster, testLog, type LogCluster } from '@firebreak/audit-store/testing'
import type { ExportOrder } from '@firebreak/flow'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EvidenceFolderHands } from '../evidence/evidence-folder.js'
import { FileExportMaker } from './export-maker.js'

let cluster: LogCluster
let blobs: string
beforeAll(async () => {
  cluster = await logCluster()
  blobs = mkdtempSync(join(tmpdir(), 'firebreak-exports-'))
})
afterAll(async () => {
  await cluster.stop()
  rmSync(blobs, { recursive: true, force: true })
})

test('a bundle brings the control packs that were asked for, of the whole log or of a selection', async () => {
  const log = testLog()
  const database = await cluster.database()
  try {
    const client = await database.client('fb_api')
    const ada = { kind: 'person', id: 'ada', auth: 'session' } as const
    await log.write(client, { stream: 'export:e', type: 'export.downloaded', about: 'export:e', actor: ada }, {}, {})
    const { size } = await log.sequenceAll(database.url('fb_sequencer'))
    const maker = new FileExportMaker(await database.client('fb_worker'), blobs, () => new Date(), undefined)
    const policy = parsePolicy(utf8(`log ${formatVkey(log.key)}\nwitness n ${formatVkey(log.notaryKey)}\nquorum n\n`))

    /** What the checker says of the packs, and the page of one of them. */
    const packsOf = async (id: string, filter: ExportOrder['filter']) => {
      const order: ExportOrder = { kind: 'evidence-bundle', filter, controls: ['soc2', 'nist-800-53'], disclose: false }
      await maker.make({ id, order, checkpoint_size: size, fence: 1, reached: undefined }, async () => undefined)
      const bundle = await openBundle(sourceOf(readFileSync(join(blobs, 'exports', `${id}.tar`))))
      const { findings, verdict } = await checkBundle(bundle, policy)
      const page = text(await readWhole(bundle, 'controls/nist-800-53.html', 1e7))
      return { verdict, controls: findings.find(({ check }) => check === 'controls'), page }
    }
    const whole = await packsOf('exp_whole', {})
    expect(whole).toMatchObject({ verdict: 'valid', controls: { state: 'passed', found: '2 packs' } })
    expect(whole.page).toContain('3 of 3 <span class="class">FULL</span>')

    const some = await packsOf('exp_some', { actor: 'ada' })
    expect(some.controls).toMatchObject({ state: 'passed' })
    expect(some.page).toContain('1 of 3 <span class="class">SELECTED</span>')
    expect(some.page).toContain('actor: ada')
  } finally {
    await database.close()
  }
})

test('a bundle discloses personal values where that was asked for, and seals them where it was not', async () => {
  const log = testLog()
  const database = await cluster.database()
  try {
    const client = await database.client('fb_api')
    const actor = { kind: 'person', id: 'ada', auth: 'session' } as const
    const personal = { '/actor/ip': '192.0.2.7' }
    await log.write(client, { stream: 'export:e', type: 'export.downloaded', about: 'export:e', actor, personal }, {})
    const { size } = await log.sequenceAll(database.url('fb_sequencer'))
    const maker = new FileExportMaker(await database.client('fb_worker'), blobs, () => new Date(), undefined)
    const policy = parsePolicy(utf8(`log ${formatVkey(log.key)}\nwitness n ${formatVkey(log.notaryKey)}\nquorum n\n`))
    const made = async (id: string, disclose: boolean) => {
      const order: ExportOrder = { kind: 'evidence-bundle', filter: {}, controls: [], disclose }
      await maker.make({ id, order, checkpoint_size: size, fence: 1, reached: undefined }, async () => undefined)
      const bytes = readFileSync(join(blobs, 'exports', `${id}.tar`))
      const { findings, verdict } = await checkBundle(await openBundle(sourceOf(bytes)), policy)
      return {
        verdict,
        found: findings.find(({ check }) => check === 'disclosures'),
        shown: bytes.includes('192.0.2.7'),
      }
    }
    expect(await made('exp_open', true)).toMatchObject({ verdict: 'valid', found: { found: '1 value' }, shown: true })
    expect(await made('exp_sealed', false)).toMatchObject({
      verdict: 'valid',
      found: { found: '1 value, sealed: none is disclosed here' },
      shown: false,
    })
  } finally {
    await database.close()
  }
})

test('evidence that the log names goes along with what discloses, as long as it lies there as the log says', async () => {
  const log = testLog()
  const database = await cluster.database()
  try {
    const client = await database.client('fb_worker')
    const hands = new EvidenceFolderHands(blobs)
    const keep = (name: string, content: string) =>
      hands.keep(name, { content, media_type: 'text/plain', contents: {} })
    const [kept, gone] = [await keep('api/1', 'what api said'), await keep('api/2', 'what api said later')]
    const actor = { kind: 'process', id: 'worker' } as const
    for (const { sha256, bytes: size } of [kept, gone]) {
      const output = [{ sha256, size, media_type: 'text/plain' }]
      await log.write(client, { stream: 'run:r', type: 'step.done', about: 'step:s', actor, output }, {})
    }
    rmSync(join(blobs, 'evidence', 'sha256', gone.sha256))
    const { size } = await log.sequenceAll(database.url('fb_sequencer'))
    const maker = new FileExportMaker(client, blobs, () => new Date(), undefined)
    const policy = parsePolicy(utf8(`log ${formatVkey(log.key)}\nwitness n ${formatVkey(log.notaryKey)}\nquorum n\n`))
    const made = async (id: string, disclose: boolean, change?: (bytes: Buffer) => void) => {
      const order: ExportOrder = { kind: 'evidence-bundle', filter: {}, controls: [], disclose }
      await maker.make({ id, order, checkpoint_size: size, fence: 1, reached: undefined }, async () => undefined)
      const bytes = readFileSync(join(blobs, 'exports', `${id}.tar`))
      change?.(bytes)
      const { findings, first, verdict } = await checkBundle(await openBundle(sourceOf(bytes)), policy)
      return {
        verdict,
        blobs: findings.find(({ check }) => check === 'blobs'),
        first,
        shown: bytes.includes('what api said'),
      }
    }
    expect(await made('exp_with', true)).toMatchObject({
      ...{ verdict: 'valid', shown: true },
      blobs: { state: 'passed', found: '1 carried, 1 named by digest alone' },
    })
    expect(await made('exp_without', false)).toMatchObject({
      verdict: 'valid',
      shown: false,
      blobs: { state: 'not made' },
    })
    const flip = (bytes: Buffer) => void (bytes[bytes.indexOf('what api said')]! ^= 1)
    expect((await made('exp_changed', true, flip)).verdict).toBe('tampered')
  } finally {
    await database.close()
  }
})
