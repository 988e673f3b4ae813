import {
  checkBundle,
  encodeEntry,
  FILE,
  formatVkey,
  hex,
  openBundle,
  readWhole,
  sha256,
  sourceOf,
  text,
  utf8,
  type VerifierKey,
} from '@firebreak/audit-log'
import { TEST_KEYS, TEST_POLICY, testBodies, testCheckpoint, testEntries } from '@firebreak/audit-log/testing'
import { describe, expect, test } from 'vitest'
import { writeBundle } from './bundle.js'
import { ExportError } from './error.js'
import { bundleOf, made, stored } from './testing/bundles.js'

describe('a bundle', () => {
  test.each([0, 1, 2, 255, 256, 257, 600])('of %i entries is valid', async (n) => {
    const { tar, told } = await made(testBodies(n))
    const report = await checkBundle(await openBundle(sourceOf(tar)), TEST_POLICY)
    expect(report.findings.filter(({ state }) => state === 'failed')).toEqual([])
    expect(report).toMatchObject({ verdict: 'valid', size: n, manifest: told.manifest })
    expect(told).toMatchObject({ entries: n, bytes: tar.length, sha256: hex(sha256(tar)) })
  })

  test('is the same bytes whenever it is made', async () => {
    expect((await made(testBodies(40))).tar).toEqual((await made(testBodies(40))).tar)
  })

  test('has one canonical entry a line', async () => {
    const bodies = testBodies(30)
    const bundle = await bundleOf((await made(bodies)).tar)
    const lines = text(await readWhole(bundle, FILE.entries, 1e6)).split('\n')
    expect(lines.slice(0, -1)).toEqual(bodies.map(text))
    expect(lines.at(-1)).toBe('')
  })

  test('cannot run anything in the browser of its reader', async () => {
    const [first] = testEntries(1)
    const nasty = '<script>alert(1)</script> "\' & \u202e evil \u0085'
    const body = encodeEntry({ ...first!, reason: nasty })
    const page = text(await readWhole(await bundleOf((await made([body])).tar), FILE.report, 1e6))
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &quot;&#39; &amp; [U+202E] evil [U+0085]')
    expect(page).not.toMatch(/<script|[\u202e\u0085]/)
    expect(page).toContain("default-src 'none'")
  })
})

describe('no bundle is made', () => {
  const bodies = testBodies(10)
  const refused = async (more: Parameters<typeof made>[1]) => {
    const error = await made(bodies, more).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ExportError)
    return (error as ExportError).code
  }

  test('of other entries than those that were signed', async () => {
    expect(await refused({ entries: () => stored(bodies.toReversed()) })).toBe('not-covered')
    expect(await refused({ entries: () => stored(bodies.slice(0, 9)) })).toBe('not-covered')
    expect(await refused({ entries: () => stored([...bodies, bodies[0]!]) })).toBe('not-covered')
    expect(await refused({ size: 9 })).toBe('not-covered')
  })

  test('with a gap', async () => {
    async function* gap() {
      for await (const entry of stored(bodies)) if (entry.position !== 4) yield entry
    }
    expect(await refused({ entries: gap })).toBe('unreadable')
  })

  test('of a body that is no entry', async () => {
    const bad = [utf8('{"a":1,"a":2}')]
    expect(await refused({ entries: () => stored(bad), size: 1, checkpoint: testCheckpoint(bad) })).toBe('unreadable')
  })

  test('when the second reading differs from the first', async () => {
    let reading = 0
    const other = testBodies(10, 2)
    expect(await refused({ entries: () => stored(reading++ === 0 ? bodies : other) })).toBe('changed')
    reading = 0
    const swapped = [bodies[1]!, bodies[0]!, ...bodies.slice(2)]
    expect(await refused({ entries: () => stored(reading++ === 0 ? bodies : swapped) })).toBe('changed')
  })

  test('and the writer waits for whom it writes to', async () => {
    let [open, most] = [0, 0]
    const many = testBodies(600)
    const input = { entries: () => stored(many), checkpoint: testCheckpoint(many), size: 600 }
    await writeBundle(input, async () => {
      most = Math.max(most, ++open)
      await Promise.resolve()
      open--
    })
    expect(most).toBe(1)
  })
})

describe('the statement of the exporter', () => {
  const bodies = testBodies(5)
  const signed = () => made(bodies, { exportKey: TEST_KEYS.exporter })

  test('is valid by its key, and open without it', async () => {
    const { tar } = await signed()
    const check = async (exportKeys?: (typeof TEST_KEYS.exporter)[]) =>
      checkBundle(await bundleOf(tar), TEST_POLICY, exportKeys ? { exportKeys } : {})
    expect((await check([TEST_KEYS.exporter])).verdict).toBe('valid')
    expect((await check()).verdict).toBe('incomplete')
    const other = await check([TEST_KEYS.log])
    expect(other).toMatchObject({ verdict: 'tampered', first: { check: 'statement' } })
  })

  test('is valid by the key that the log itself names before the export begins', async () => {
    const named = (key: VerifierKey) => {
      const begun = { ...testEntries(1)[0]!, stream: 'export:exp_1', stream_seq: 0, about: 'export:exp_1' }
      const detail = { kind: 'evidence-bundle', exporter: formatVkey(key) }
      return encodeEntry({ ...begun, entry_id: '01a207d9-2100-7bfd-8b30-000000000001', type: 'export.running', detail })
    }
    const checked = async (by: VerifierKey, options = {}) => {
      const { tar } = await made([...bodies, named(by)], { exportKey: TEST_KEYS.exporter })
      return checkBundle(await bundleOf(tar), TEST_POLICY, options)
    }
    expect((await checked(TEST_KEYS.exporter)).verdict).toBe('valid')
    expect(await checked(TEST_KEYS.forger)).toMatchObject({ verdict: 'tampered', first: { check: 'statement' } })
    // Whoever names keys means those and no others.
    expect(await checked(TEST_KEYS.exporter, { exportKeys: [TEST_KEYS.log] })).toMatchObject({ verdict: 'tampered' })
  })

  test('is DSSE over an in-toto statement that names every other file', async () => {
    const bundle = await bundleOf((await signed()).tar)
    const envelope = JSON.parse(text(await readWhole(bundle, FILE.statement, 1e6))) as Record<string, string>
    expect(envelope['payloadType']).toBe('application/vnd.in-toto+json')
    const payload = JSON.parse(atob(envelope['payload']!)) as { subject: { name: string }[] }
    expect(payload.subject.map(({ name }) => name)).toEqual(bundle.names.slice(0, -1))
    expect(formatVkey(TEST_KEYS.exporter)).toContain(
      (envelope['signatures'] as unknown as { keyid: string }[])[0]!.keyid,
    )
  })
})

test('outputs are carried by their digests', async () => {
  const [first] = testEntries(1)
  const output = utf8('what the step printed')
  const digest = hex(sha256(output))
  const body = encodeEntry({ ...first!, output: [{ sha256: digest, size: output.length, media_type: 'text/plain' }] })
  const blob = (content: Uint8Array) => ({
    sha256: digest,
    size: content.length,
    async *open() {
      yield content
    },
  })
  const finding = async (tar: Uint8Array) => {
    const report = await checkBundle(await bundleOf(tar), TEST_POLICY)
    return report.findings.find(({ check }) => check === 'blobs')
  }
  expect(await finding((await made([body], { blobs: [blob(output)] })).tar)).toMatchObject({
    state: 'passed',
    found: '1 carried',
  })
  expect(await finding((await made([body])).tar)).toMatchObject({ state: 'not made', open: false })
  await expect(made([body], { blobs: [blob(utf8('what the step printeD'))] })).rejects.toThrow('another digest')
  expect(await finding((await made(testBodies(3), { blobs: [blob(output)] })).tar)).toMatchObject({
    state: 'failed',
    code: 'blob',
  })
})
