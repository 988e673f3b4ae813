import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  canonical,
  concat,
  encodeManifest,
  FILE,
  fileNames,
  FORMAT,
  formatVkey,
  hex,
  leafHash,
  Page,
  parseCheckpoint,
  parseNote,
  sha256,
  tarEnd,
  tarHeader,
  tarPadding,
  tilesOf,
  utf8,
} from '@firebreak/audit-log'
import { TEST_KEYS, TEST_POLICY_TEXT, TEST_START, testCheckpoint, testEntries } from '@firebreak/audit-log/testing'
import { afterAll, expect, test } from 'vitest'
import { auditCheck } from './audit-check.js'

const folder = mkdtempSync(join(tmpdir(), 'firebreak-audit-check-'))
afterAll(() => rmSync(folder, { recursive: true }))

const entries = testEntries(20)
const bodies = entries.map((entry) => canonical(entry as never))

const claims = { completeness: 'FULL' as const, filter: {}, streams: [], disclosed: false, controls: [] }

/** A small bundle by hand: the writer is another project's, and the checker must not need it. */
function bundle(change: (lines: Uint8Array[]) => Uint8Array[] = (lines) => lines): Uint8Array {
  const note = testCheckpoint(bodies)
  const checkpoint = parseCheckpoint(parseNote(note).text)
  const page = new Page(checkpoint)
  for (const [index, entry] of entries.entries()) page.add(entry, index)
  const lines = change(bodies).flatMap((body) => [body, utf8('\n')])
  const contents = [utf8(note), concat(...bodies.map(leafHash)), concat(...lines), utf8(page.html())]
  const files = fileNames({ ...claims, history: [], tiles: tilesOf(20), blobs: [] }).map((name, i) => ({
    name,
    content: contents[i]!,
  }))
  const manifest = encodeManifest({
    format: FORMAT,
    ...claims,
    origin: checkpoint.origin,
    size: 20,
    entries: 20,
    files: files.map(({ content, name }) => ({ name, sha256: hex(sha256(content)), size: content.length })),
  })
  const all = [...files, { name: FILE.manifest, content: manifest }]
  return concat(
    ...all.flatMap(({ content, name }) => [tarHeader(name, content.length), content, tarPadding(content.length)]),
    tarEnd(),
  )
}

const put = (name: string, content: Uint8Array | string) => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

async function run(...argv: string[]) {
  const [out, err]: [string[], string[]] = [[], []]
  const now = () => TEST_START + 7_200_000
  const code = await auditCheck(argv, { out: (line) => out.push(line), err: (line) => err.push(line), now })
  return { code, out, err }
}

const policy = put('policy.txt', TEST_POLICY_TEXT)
const good = put('good.tar', bundle())

test('valid: 0, and it says what was checked and what was not', async () => {
  const { code, err, out } = await run(good, '--policy', policy)
  expect({ code, err }).toEqual({ code: 0, err: [] })
  expect(out[0]).toMatch(/^20 entries of log\.example\/firebreak, manifest sha256:[0-9a-f]{64}$/)
  expect(out).toContainEqual(expect.stringMatching(/^ {2}ok {8}leaf /))
  expect(out).toContainEqual(expect.stringMatching(/^ {2}not made {2}consistency +no earlier checkpoint/))
  expect(out.at(-1)).toMatch(/^VALID\. /)
})

test('with a checkpoint kept from earlier: 0', async () => {
  const stored = put('stored', testCheckpoint(bodies.slice(0, 12), { seconds: 2 }))
  const { code, out } = await run(good, '--policy', policy, '--checkpoint', stored)
  expect(code).toBe(0)
  expect(out).toContainEqual(expect.stringMatching(/^ {2}ok {8}consistency .*12 entries/))
})

test('tampered: 1, with the entry and the check', async () => {
  const bad = put(
    'bad.tar',
    bundle((lines) => lines.toSpliced(7, 1)),
  )
  const { code, out } = await run(bad, '--policy', policy)
  expect(code).toBe(1)
  expect(out.at(-1)).toMatch(/^TAMPERED at entry 7 \(check "leaf"\): /)
})

test('a stored checkpoint that the log does not extend: 1', async () => {
  const other = testEntries(12, 2).map((entry) => canonical(entry as never))
  const stored = put('other', testCheckpoint(other, { seconds: 2 }))
  const { code, out } = await run(good, '--policy', policy, '--checkpoint', stored)
  expect(code).toBe(1)
  expect(out.at(-1)).toContain('consistency')
})

test('a bundle by a log that the policy does not know: 1', async () => {
  const own = put('own.txt', `log ${formatVkey(TEST_KEYS.forger)}\nquorum none\n`)
  const { code, out } = await run(good, '--policy', own)
  expect(code).toBe(1)
  expect(out.at(-1)).toContain('signature')
})

test.each([
  ['no arguments', []],
  ['no policy', [good]],
  ['two bundles', [good, good, '--policy', policy]],
  ['an option that there is not', [good, '--policy', policy, '--key', 'x']],
  ['a bundle that is not there', [join(folder, 'nowhere.tar'), '--policy', policy]],
  ['a bundle that is a folder', [folder, '--policy', policy]],
  ['a bundle that is a text', [policy, '--policy', policy]],
  ['a bundle that is empty', [put('empty', ''), '--policy', policy]],
  ['a bundle that breaks off', [put('cut.tar', bundle().slice(0, 5000)), '--policy', policy]],
  ['a policy that is not there', [good, '--policy', join(folder, 'nowhere')]],
  ['a policy that is none', [good, '--policy', good]],
  ['a policy without a log', [good, '--policy', put('none.txt', 'quorum none\n')]],
  ['a huge policy', [good, '--policy', put('huge.txt', '#'.repeat(2_000_000))]],
  ['a checkpoint that is none', [good, '--policy', policy, '--checkpoint', policy]],
  ['keys that are none', [good, '--policy', policy, '--export-key', policy]],
])('%s: 2, in one line', async (_, argv) => {
  const { code, err, out } = await run(...argv)
  expect({ code, out }).toEqual({ code: 2, out: [] })
  expect(err).toHaveLength(1)
  expect(err[0]).toMatch(/^audit-check: [^\n]+$/)
})

test('what a bundle says cannot move the cursor', async () => {
  const origin = 'log\u001b[2Jexample'
  const manifest = { format: FORMAT, ...claims, origin, size: 0, entries: 0, files: [] }
  const content = canonical(manifest)
  const bad = put(
    'escape.tar',
    concat(tarHeader(FILE.manifest, content.length), content, tarPadding(content.length), tarEnd()),
  )
  const { code, out } = await run(bad, '--policy', policy)
  expect(code).toBe(1)
  expect(out.join('\n')).not.toContain('\u001b')
})

test('help: 0', async () => expect((await run('--help')).out[0]).toContain('--policy'))
