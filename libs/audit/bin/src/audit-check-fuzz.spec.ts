import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { concat, FILE, openBundle, readWhole, sourceOf, utf8 } from '@firebreak/audit-log'
import { seeded, TEST_POLICY_TEXT, TEST_START, type Random } from '@firebreak/audit-log/testing'
import { afterAll, expect, test } from 'vitest'
import { auditCheck } from './check-command.js'
import { smallBundle, tarOf } from './testing/small-bundle.js'

/** How many of each; `npm run test:tamper` asks for more. */
const ROUNDS = Number(process.env['FIREBREAK_FUZZ'] ?? 150)
const SEED = Number(process.env['FIREBREAK_SEED'] ?? 20261123)

const folder = mkdtempSync(join(tmpdir(), 'firebreak-fuzz-'))
afterAll(() => rmSync(folder, { recursive: true }))

const [bundle, policy] = [smallBundle(), utf8(TEST_POLICY_TEXT)]
const files = await filesOf(bundle)

/** Whatever comes in: one of four answers, and in at most one line why there is none. */
async function answers(bundleBytes: Uint8Array, policyBytes: Uint8Array): Promise<number> {
  const [bundlePath, policyPath] = [join(folder, 'bundle.tar'), join(folder, 'policy.txt')]
  writeFileSync(bundlePath, bundleBytes)
  writeFileSync(policyPath, policyBytes)
  const [out, err]: [string[], string[]] = [[], []]
  const code = await auditCheck([bundlePath, '--policy', policyPath], {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    now: () => TEST_START + 7_200_000,
  })
  expect([0, 1, 2, 3]).toContain(code)
  expect(err).toHaveLength(code === 2 ? 1 : 0)
  if (code === 2) expect(out).toEqual([])
  for (const line of [...out, ...err]) expect(line).toMatch(/^[^\n\r\u001b]{1,1200}$/)
  expect(err.join('')).not.toMatch(/undefined|\[object|TypeError|is not a function|Cannot read|node:internal/)
  return code
}

/** A few edits of the kinds that disks, networks, editors and attackers make. */
function mutated(random: Random, bytes: Uint8Array): Uint8Array {
  let out = bytes
  for (let edits = 1 + random.below(3); edits > 0 && out.length > 0; edits--) {
    const [at, length] = [random.below(out.length), 1 + random.below(Math.min(2000, out.length))]
    const [before, piece, after] = [out.subarray(0, at), out.subarray(at, at + length), out.subarray(at + length)]
    out = EDITS[random.below(EDITS.length)]!(random, before, piece, after)
  }
  return out
}

type Edit = (random: Random, before: Uint8Array, piece: Uint8Array, after: Uint8Array) => Uint8Array
const EDITS: Edit[] = [
  (random, before, piece, after) => concat(before, piece.with(0, piece[0]! ^ (1 << random.below(8))), after),
  (random, before, piece, after) => concat(before, piece.with(0, random.below(256)), after),
  (random, before, piece, after) => concat(before, piece.with(0, utf8('{}[]",:\\09-\n =+')[random.below(16)]!), after),
  (_, before, __, after) => concat(before, after),
  (_, before, piece, after) => concat(before, piece, piece, after),
  (_, before, piece, after) => concat(before, new Uint8Array(piece.length), after),
  (_, before, piece, after) => concat(before, piece.toReversed(), after),
  (random, before, piece, after) => concat(before, random.bytes(piece.length), after),
  (random, before, piece, after) => concat(before, random.bytes(1 + random.below(20)), piece, after),
  (_, before, piece) => concat(before, piece),
  (_, before) => before,
  (_, before, piece, after) => concat(after, before, piece),
]

/** With the tar right again around what was changed, so that what is inside is reached. */
function repacked(random: Random): Uint8Array {
  const changed = files.map((file) => ({ ...file }))
  const one = random.pick(changed)
  switch (random.below(5)) {
    case 0:
      one.name = random.pick([...changed.map(({ name }) => name), 'x', 'tile/9/999', 'blobs/0', 'manifest.dsse.json'])
      break
    case 1:
      changed.splice(random.below(changed.length), 1)
      break
    case 2:
      changed.splice(random.below(changed.length), 0, { name: one.name, content: mutated(random, one.content) })
      break
    default:
      one.content = mutated(random, one.content)
  }
  return tarOf(changed)
}

test('a bundle with bytes changed anywhere', { timeout: 600_000 }, async () => {
  const random = seeded(SEED)
  const codes = [0, 0, 0, 0]
  for (let i = 0; i < ROUNDS; i++) codes[await answers(mutated(random, bundle), policy)]!++
  expect(codes[2]).toBeGreaterThan(ROUNDS / 4)
})

test('files of a bundle changed, and packed again', { timeout: 600_000 }, async () => {
  const random = seeded(SEED + 1)
  const codes = [0, 0, 0, 0]
  for (let i = 0; i < ROUNDS; i++) codes[await answers(repacked(random), policy)]!++
  expect(codes[1]).toBeGreaterThan(ROUNDS / 4)
})

test('a policy changed anywhere', { timeout: 600_000 }, async () => {
  const random = seeded(SEED + 2)
  const codes = [0, 0, 0, 0]
  for (let i = 0; i < ROUNDS; i++) codes[await answers(bundle, mutated(random, policy))]!++
  expect(codes[2]).toBeGreaterThan(ROUNDS / 4)
})

async function filesOf(tar: Uint8Array) {
  const opened = await openBundle(sourceOf(tar))
  const found = []
  for (const name of opened.names) found.push({ name, content: await readWhole(opened, name, 1e6) })
  expect(found.at(-1)!.name).toBe(FILE.manifest)
  return found
}
