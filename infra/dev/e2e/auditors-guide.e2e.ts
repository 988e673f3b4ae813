import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeEntry, FILE, openBundle, readWhole, sourceOf, text } from '@firebreak/audit-log'
import { longLog, TEST_KEYS, TEST_POLICY_TEXT, testCheckpoint } from '@firebreak/audit-log/testing'
import { writeBundle, writeDirectory } from '@firebreak/audit-export'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from '../src/root.js'

/** The commands of the auditor's guide, as they stand in it, on a bundle that is right and on some that are not. */

const guide = readFileSync(join(ROOT, 'libs/audit/AUDITORS.md'), 'utf8')
const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, block]) => block!)
const [ours, unpack, signature, cosignature, entries] = blocks('sh') as [string, string, string, string, string]
const [program] = blocks('python') as [string]

const missing = ['tar', 'sha256sum', 'openssl', 'awk', 'python3'].filter(
  (tool) => spawnSync(tool, ['--version']).status !== 0 && spawnSync(tool, ['version']).status !== 0,
)
if (missing.length > 0) console.log(`the auditor's guide: skipped what needs ${missing.join(', ')}`)

const home = mkdtempSync(join(tmpdir(), 'firebreak-guide-'))
afterAll(() => rmSync(home, { recursive: true }))

const bodies = [...longLog(700, 4)].map(encodeEntry)
const note = testCheckpoint(bodies)
async function* stored() {
  for (const [position, body] of bodies.entries()) yield { position, body }
}
let [bundle, directory] = [new Uint8Array(), new Uint8Array()]

beforeAll(async () => {
  const chunks: Uint8Array[] = []
  await writeBundle({ entries: stored, checkpoint: note, size: bodies.length }, (chunk) => void chunks.push(chunk))
  bundle = Buffer.concat(chunks.splice(0))
  await writeDirectory({ entries: stored(), checkpoint: note }, (chunk) => void chunks.push(chunk))
  directory = Buffer.concat(chunks)
  writeFileSync(join(home, 'audit-check'), `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'libs/audit/bin/dist/audit-check.js')}" "$@"\n`) // prettier-ignore
  chmodSync(join(home, 'audit-check'), 0o755)
})

/** A desk with a bundle, a policy and the program of the guide on it. */
function desk(tar: Uint8Array = bundle) {
  const folder = mkdtempSync(join(home, 'desk-'))
  writeFileSync(join(folder, 'bundle.tar'), tar)
  writeFileSync(join(folder, 'policy.txt'), TEST_POLICY_TEXT)
  writeFileSync(join(folder, 'check.py'), program)
  const run = (block: string) => {
    const env = { ...process.env, PATH: `${home}:${process.env['PATH'] ?? ''}`, LC_ALL: 'C.UTF-8' }
    const { status, stderr, stdout } = spawnSync('sh', ['-e', '-c', block], { cwd: folder, encoding: 'utf8', env })
    return { status, says: `${stdout}${stderr}` }
  }
  const unpacked = join(folder, 'bundle')
  const change = (name: string, how: (content: Buffer) => Uint8Array | string) =>
    writeFileSync(join(unpacked, name), how(readFileSync(join(unpacked, name))))
  return { folder, run, unpacked, change }
}

/** A desk with the bundle unpacked on it. */
function opened() {
  const one = desk()
  expect(one.run(unpack)).toEqual({ status: 0, says: '' })
  return one
}

describe('the one command', { timeout: 60_000 }, () => {
  test('says VALID, keeps the checkpoint, and goes on from it', () => {
    const { folder, run } = desk()
    expect(run(ours)).toMatchObject({ status: 0, says: expect.stringMatching(/^VALID\. /m) as string })
    expect(readFileSync(join(folder, 'checkpoint.kept'), 'utf8')).toBe(note)
    expect(run(ours).says).toMatch(/ok +consistency .*700 entries/)
  })

  test('says TAMPERED, and where', () => {
    const at = Buffer.from(bundle).indexOf('"type":"incident.opened"')
    const { run } = desk(bundle.map((byte, i) => (i === at + 20 ? byte ^ 1 : byte)))
    expect(run(ours)).toMatchObject({ status: 1, says: expect.stringMatching(/^TAMPERED at entry \d+ /m) as string })
  })
})

describe.skipIf(missing.length > 0)('with other tools', { timeout: 60_000 }, () => {
  test('the list: right, and not where a byte of a file was changed', () => {
    opened()
    const at = Buffer.from(bundle).indexOf('<h1>')
    const { run } = desk(bundle.map((byte, i) => (i === at + 1 ? byte ^ 1 : byte)))
    const { says, status } = run(unpack)
    expect(status).not.toBe(0)
    expect(says).toContain('report.html: FAILED')
  })

  test("the log's signature: right, and not under a checkpoint that says something else", () => {
    const { change, run } = opened()
    expect(run(signature)).toEqual({ status: 0, says: 'Signature Verified Successfully\n' })
    change('checkpoint', (content) => content.toString().replace('\n700\n', '\n701\n'))
    expect(run(signature).status).not.toBe(0)
    change('checkpoint', () => testCheckpoint(bodies, { log: TEST_KEYS.forger }))
    expect(run(signature).status).not.toBe(0)
  })

  test("the witness's, with its time: right, and not with another time", () => {
    const { change, run } = opened()
    expect(run(signature).status).toBe(0)
    const { says, status } = run(cosignature)
    expect(status).toBe(0)
    expect(says).toMatch(/Signature Verified Successfully\n.*11:00:00/)
    change('checkpoint', () => testCheckpoint(bodies, { cosigners: [TEST_KEYS.second] }))
    expect(run(cosignature).status).not.toBe(0)
  })

  test('the entries: right, and the bad one is named', () => {
    const { change, run } = opened()
    const ok = { status: 0, says: '700 entries lead to the root that was signed for log.example/firebreak\n' }
    expect(run(entries)).toEqual(ok)
    change(FILE.entries, (content) => content.toString().split('\n').with(300, content.toString().split('\n')[299]!).join('\n')) // prettier-ignore
    expect(run(entries)).toEqual({ status: 1, says: 'entry 300 is not the one in the tree\n' })
  })

  test('a tail that was cut together with its tile does not lead to the root', () => {
    const { change, run, unpacked } = opened()
    change(FILE.entries, (content) => `${content.toString().split('\n').slice(0, 600).join('\n')}\n`)
    expect(run(entries)).toMatchObject({ status: 1, says: expect.stringContaining('600 entries; the checkpoint covers 700') as string }) // prettier-ignore
    cpSync(join(unpacked, 'tile/0/001'), join(unpacked, 'tile/0/000'))
    expect(run(entries)).toEqual({ status: 1, says: 'entry 0 is not the one in the tree\n' })
  })

  test('the directory of an export of kind tiles', () => {
    const { folder, run } = desk(directory)
    mkdirSync(join(folder, 'bundle'))
    expect(run('tar -xf bundle.tar -C bundle')).toEqual({ status: 0, says: '' })
    expect(run(entries).says).toBe('700 entries lead to the root that was signed for log.example/firebreak\n')
    const file = join(folder, 'bundle/tile/entries/001')
    const content = readFileSync(file)
    content[5000]! ^= 1
    writeFileSync(file, content)
    expect(run(entries).says).toMatch(/^entry (2[5-9]\d|3\d\d) is not the one in the tree$/m)
  })
})

test('the bundle that is looked at has all that the guide speaks of', async () => {
  const files = await openBundle(sourceOf(bundle))
  expect(text(await readWhole(files, FILE.checkpoint, 1e6))).toBe(note)
  expect(blocks('sh')).toHaveLength(5)
  expect(blocks('python')).toHaveLength(1)
})
