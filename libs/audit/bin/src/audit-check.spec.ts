import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonical, FILE, FORMAT, formatVkey, text, utf8 } from '@firebreak/audit-log'
import { TEST_KEYS, TEST_POLICY_TEXT, TEST_START, testCheckpoint, testEntries } from '@firebreak/audit-log/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { auditCheck } from './check-command.js'
import { claims, smallBundle, smallLog, tarOf } from './testing/small-bundle.js'

const folder = mkdtempSync(join(tmpdir(), 'firebreak-audit-check-'))
afterAll(() => rmSync(folder, { recursive: true }))

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
const good = put('good.tar', smallBundle())

test('valid: 0, and it says what was checked and what was not', async () => {
  const { code, err, out } = await run(good, '--policy', policy)
  expect({ code, err }).toEqual({ code: 0, err: [] })
  expect(out[0]).toMatch(/^20 entries of log\.example\/firebreak, manifest sha256:[0-9a-f]{64}$/)
  expect(out).toContainEqual(expect.stringMatching(/^ {2}ok {8}leaf /))
  expect(out).toContainEqual(expect.stringMatching(/^ {2}not made {2}consistency +no earlier checkpoint/))
  expect(out.at(-1)).toMatch(/^VALID\. /)
})

test('with a checkpoint kept from earlier: 0', async () => {
  const stored = put('stored', testCheckpoint(smallLog.slice(0, 12), { seconds: 2 }))
  const { code, out } = await run(good, '--policy', policy, '--checkpoint', stored)
  expect(code).toBe(0)
  expect(out).toContainEqual(expect.stringMatching(/^ {2}ok {8}consistency .*12 entries/))
})

test('tampered: 1, with the entry and the check', async () => {
  const bad = put(
    'bad.tar',
    smallBundle((lines) => lines.toSpliced(7, 1)),
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

const manifestOf = (content: Uint8Array) => tarOf([{ name: FILE.manifest, content }])

test.each([
  ['no arguments', []],
  ['no policy', [good]],
  ['two bundles', [good, good, '--policy', policy]],
  ['an option that there is not', [good, '--policy', policy, '--key', 'x']],
  ['a bundle that is not there', [join(folder, 'nowhere.tar'), '--policy', policy]],
  ['a bundle that is a folder', [folder, '--policy', policy]],
  ['a bundle that is a text', [policy, '--policy', policy]],
  ['a bundle that is empty', [put('empty', ''), '--policy', policy]],
  ['a bundle that breaks off', [put('cut.tar', smallBundle().slice(0, 5000)), '--policy', policy]],
  ['a policy that is not there', [good, '--policy', join(folder, 'nowhere')]],
  ['a policy that is none', [good, '--policy', good]],
  ['a policy without a log', [good, '--policy', put('none.txt', 'quorum none\n')]],
  ['a huge policy', [good, '--policy', put('huge.txt', '#'.repeat(2_000_000))]],
  ['a bundle that is a device', ['/dev/null', '--policy', policy]],
  ['a policy that is a device', [good, '--policy', '/dev/zero']],
  ['a policy of two thousand lines', [good, '--policy', put('long.txt', '#\n'.repeat(2000))]],
  ['a policy in UTF-16', [good, '--policy', put('utf16.txt', Buffer.from(TEST_POLICY_TEXT, 'utf16le'))]],
  ['memory that is no number', [good, '--policy', policy, '--memory', '1e9']],
  ['a manifest of 17 MB', [put('manifest-17.tar', manifestOf(new Uint8Array(17 << 20))), '--policy', policy]],
  ['a manifest nested 100,000 deep', [put('nested.tar', manifestOf(utf8('['.repeat(100_000)))), '--policy', policy]],
  ['a manifest with a key twice', [put('twice.tar', manifestOf(utf8('{"a":1,"a":1}'))), '--policy', policy]],
  ['a manifest in UTF-16', [put('wide.tar', manifestOf(Buffer.from('{"a":1}', 'utf16le'))), '--policy', policy]],
  [
    'a manifest with a million faults',
    [put('faults.tar', manifestOf(utf8(`{"files":[${'0,'.repeat(1e6)}0]}`))), '--policy', policy],
  ],
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
  const manifest = { ...claims, format: FORMAT, origin, size: 0, entries: 0, files: [] }
  const content = canonical(manifest)
  const bad = put('escape.tar', tarOf([{ name: FILE.manifest, content }]))
  const { code, out } = await run(bad, '--policy', policy)
  expect(code).toBe(1)
  expect(out.join('\n')).not.toContain('\u001b')
})

test('tampered: it says which entry that is, and what to do', async () => {
  const other = smallBundle((lines) => lines.with(7, utf8(text(lines[7]!).replace('Z"', '1Z"').replace('01Z', '1Z'))))
  const { out } = await run(put('edited.tar', other), '--policy', policy)
  const { entry_id } = JSON.parse(text(smallLog[7]!)) as { entry_id: string }
  expect(out).toContainEqual(`where: line of entry 7, id ${entry_id}`)
  expect(out).toContainEqual(expect.stringMatching(/^what to do: keep this file as it is, and ask for a new export/))
})

describe('a checkpoint kept from check to check', () => {
  const drawer = join(folder, 'kept')

  test('is written after VALID, and read the next time', async () => {
    expect((await run(good, '--policy', policy, '--keep', drawer)).code).toBe(0)
    expect(readFileSync(drawer, 'utf8')).toBe(testCheckpoint(smallLog))
    const { code, out } = await run(good, '--policy', policy, '--keep', drawer)
    expect(code).toBe(0)
    expect(out).toContainEqual(expect.stringMatching(/^ {2}ok {8}consistency .*20 entries/))
  })

  test('is not touched by a bundle that does not go on from it', async () => {
    const other = testCheckpoint(smallLog.toReversed())
    writeFileSync(drawer, other)
    const { code, out } = await run(good, '--policy', policy, '--keep', drawer)
    expect(code).toBe(1)
    expect(out.at(-1)).toContain('consistency')
    expect(readFileSync(drawer, 'utf8')).toBe(other)
  })

  test('is never replaced by a smaller one, even where another was compared', async () => {
    const larger = testCheckpoint([...smallLog, utf8('{}')])
    writeFileSync(drawer, larger)
    const stored = put('stored-12', testCheckpoint(smallLog.slice(0, 12), { seconds: 2 }))
    const { code, err } = await run(good, '--policy', policy, '--checkpoint', stored, '--keep', drawer)
    expect(code).toBe(2)
    expect(err).toEqual([expect.stringMatching(/^audit-check: the checkpoint was not kept: .* one of 21 entries/)])
    expect(readFileSync(drawer, 'utf8')).toBe(larger)
  })

  test('a place where nothing can be written: 2', async () => {
    const { code, err } = await run(good, '--policy', policy, '--keep', join(folder, 'nowhere', 'kept'))
    expect({ code, lines: err.length }).toEqual({ code: 2, lines: 1 })
  })
})

describe('approval-rules.json', () => {
  const own = mkdtempSync(join(folder, 'rules-'))
  writeFileSync(join(own, 'policy.txt'), TEST_POLICY_TEXT)
  const rule = { people: 1, roles: ['sre'], asker_may: true }
  const withRules = (content: string) => {
    writeFileSync(join(own, 'approval-rules.json'), content)
    return run(good, '--policy', join(own, 'policy.txt'))
  }

  test('is read where it lies beside the policy', async () => {
    const rules = { v: 1, youngest_role_hours: 24, tiers: { T1: rule, T2: rule, T3: { ...rule, people: 2 } } }
    const { code, out } = await withRules(`${JSON.stringify(rules, null, 2)}\n`)
    expect(code).toBe(0)
    expect(out).toContainEqual(expect.stringMatching(/^ {2}ok {8}approval-rules/))
  })

  test.each(['', '{', '[]', '{"v":2}', '{"v":1,"v":1}', '['.repeat(5000), '\ufeff{}', 'x'.repeat(70_000)])(
    '%.9j: 2',
    async (content) => {
      const { code, err } = await withRules(content)
      expect({ code, err }).toEqual({
        code: 2,
        err: [expect.stringMatching(/^audit-check: the rules .*approval-rules.json cannot be used: /)],
      })
    },
  )
})

test('help: 0', async () => expect((await run('--help')).out[0]).toContain('--policy'))
