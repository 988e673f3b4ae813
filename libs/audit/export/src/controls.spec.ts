import {
  checkBundle,
  concat,
  controlPacks,
  leafHash,
  PackMaker,
  packScope,
  parseCheckpoint,
  parseNote,
  text,
  utf8,
  type ExportFilter,
  type Report,
} from '@firebreak/audit-log'
import { seeded, TEST_POLICY, testBodies, testCheckpoint, testEntries } from '@firebreak/audit-log/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { bundleOf, made, packed, stored, unpacked, withManifest } from './testing/bundles.js'

const bodies = testBodies(200)
const checkpoint = testCheckpoint(bodies)
const packs = (completeness: 'FULL' | 'SELECTED', filter: ExportFilter) => {
  const scope = packScope(parseCheckpoint(parseNote(checkpoint).text), { completeness, filter })
  return ['nist-800-53', 'soc2'].map((name) => new PackMaker(controlPacks.get(name)!, scope))
}
const check = async (files: ReadonlyMap<string, Uint8Array>): Promise<Report> =>
  checkBundle(await bundleOf(packed(files)), TEST_POLICY)
const found = ({ findings }: Report) => findings.find((finding) => finding.check === 'controls')
const failed = ({ findings }: Report) =>
  findings.filter(({ state }) => state === 'failed').map((finding) => finding.check)

let files: Map<string, Uint8Array>
beforeAll(async () => {
  files = await unpacked((await made(bodies, { controls: packs('FULL', {}) })).tar)
})

describe('control packs in a bundle', () => {
  test('are made again from its entries', async () => {
    const report = await check(files)
    expect(report.verdict).toBe('valid')
    expect(found(report)).toMatchObject({ state: 'passed', found: '2 packs' })
    expect([...files.keys()].filter((name) => name.startsWith('controls/'))).toEqual([
      'controls/nist-800-53.json',
      'controls/nist-800-53.html',
      'controls/soc2.json',
      'controls/soc2.html',
    ])
  })
  test('are not asked for where there are none', async () => {
    const bare = await check(await unpacked((await made(bodies)).tar))
    expect(bare.verdict).toBe('valid')
    expect(found(bare)).toMatchObject({ state: 'not made', open: false })
  })
  test.each(['controls/nist-800-53.json', 'controls/nist-800-53.html', 'controls/soc2.json', 'controls/soc2.html'])(
    '%s changed anywhere, by somebody who makes the manifest fit',
    async (name) => {
      const random = seeded(12)
      for (let i = 0; i < 12; i++) {
        const forged = files.get(name)!.slice()
        forged[random.below(forged.length)]! ^= 1 << random.below(8)
        expect(failed(await check(withManifest(new Map(files).set(name, forged))))).toEqual(['controls'])
      }
    },
  )
  test('a number made smaller, in both forms', async () => {
    const forged = new Map(files)
    for (const form of ['json', 'html']) {
      const name = `controls/soc2.${form}`
      forged.set(name, utf8(text(files.get(name)!).replace(/(,"count":|<td class="n">)[1-9]\d*/, '$11')))
      expect(text(forged.get(name)!)).not.toBe(text(files.get(name)!))
    }
    expect(failed(await check(withManifest(forged)))).toEqual(['controls'])
  })
  test('the packs of another log', async () => {
    const other = testBodies(200, 2)
    const scope = packScope(parseCheckpoint(parseNote(testCheckpoint(other)).text), {
      completeness: 'FULL',
      filter: {},
    })
    const maker = new PackMaker(controlPacks.get('soc2')!, scope)
    for (const [index, entry] of testEntries(200, 2).entries()) maker.add(entry, index)
    const { html, json } = maker.files()
    const forged = new Map(files).set('controls/soc2.json', json).set('controls/soc2.html', html)
    expect(failed(await check(withManifest(forged)))).toEqual(['controls'])
  })
  test('of a framework that this checker does not know leave the bundle valid but incomplete', async () => {
    const strange = new Map([...files].map(([name, file]) => [name.replace('soc2', 'soc9'), file]))
    const report = await check(withManifest(strange, { controls: ['nist-800-53', 'soc9'] }))
    expect(report.verdict).toBe('incomplete')
    expect(found(report)).toMatchObject({ state: 'not made', reason: expect.stringMatching(/soc9/) as string })
  })
  test('that the manifest names in another order, or twice, are none', async () => {
    await expect(check(withManifest(files, { controls: ['soc2', 'nist-800-53'] }))).rejects.toThrow(/sorted, each once/)
  })
})

test('packs of a period say so, and are made again of its entries alone', async () => {
  const entries = testEntries(200)
  const filter = { time: { from: entries[50]!.ts, to: entries[150]!.ts } }
  const tile = async ({ index, width }: { index: number; width: number }) =>
    concat(...bodies.slice(index * 256, index * 256 + width).map(leafHash))
  const selected = async function* () {
    for await (const one of stored(bodies)) if (one.position >= 50 && one.position < 150) yield one
  }
  const { tar } = await made(bodies, { filter, tile, entries: selected, controls: packs('SELECTED', filter) })
  const files = await unpacked(tar)
  const report = await check(files)
  expect([failed(report), found(report)?.state]).toEqual([[], 'passed'])
  const page = text(files.get('controls/soc2.html')!)
  expect(page).toContain('100 of 200 <span class="class">SELECTED</span>')
  expect(page).toContain(`time: from ${entries[50]!.ts} to ${entries[150]!.ts}`)
})
