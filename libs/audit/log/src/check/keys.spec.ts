import { expect, test } from 'vitest'
import { sha256, utf8 } from '../bytes.js'
import { parseCheckpoint } from '../checkpoint.js'
import { encodeEntry, type EntryBody } from '../entry.js'
import { formatVkey, generateKey, parseNote, type SigningKey } from '../note.js'
import { parsePolicy } from '../policy.js'
import { signRotation } from '../rotation.js'
import { leafHash } from '../tree.js'
import { TEST_KEYS, testCheckpoint, testEntries } from '../testing/log.js'
import { keys } from './keys.js'
import { Fault, NotMade, type Seen, type Subject } from './check.js'

const ORIGIN = TEST_KEYS.log.name
const first = TEST_KEYS.log
const second = generateKey(ORIGIN, sha256(utf8('TEST-ONLY second')))
const third = generateKey(ORIGIN, sha256(utf8('TEST-ONLY third')))
const other = generateKey('log.example/other', sha256(utf8('TEST-ONLY other')))

const policyOf = (...logs: SigningKey[]) =>
  parsePolicy(utf8(`${logs.map((key) => `log ${formatVkey(key)}\n`).join('')}quorum none\n`))

/** Ten entries, some of which are these. */
function logWith(at: Record<number, Partial<EntryBody>>): EntryBody[] {
  return testEntries(10).map((entry, i) => ({ ...entry, ...at[i] }) as EntryBody)
}
const rotated = (old: SigningKey, fresh: SigningKey): Partial<EntryBody> => ({
  stream: 'log',
  about: `log:${old.name}`,
  type: 'log.key-rotated',
  detail: signRotation(old, fresh),
})

const signed = (entries: EntryBody[], size: number, log: SigningKey) =>
  testCheckpoint(entries.slice(0, size).map(encodeEntry), { log })

interface Case {
  policy?: SigningKey[]
  /** Who signed the bundle's checkpoint, of all ten. */
  by: SigningKey
  /** The checkpoint that the auditor keeps: its size and who signed it. */
  kept?: [number, SigningKey]
  older?: [number, SigningKey][]
}

async function ask(entries: EntryBody[], { by, kept, older = [], policy = [first, second] }: Case): Promise<string> {
  const read = ([size, key]: [number, SigningKey]) => {
    const note = parseNote(signed(entries, size, key))
    return { note, checkpoint: parseCheckpoint(note.text), cosigned: new Map() }
  }
  const newest = read([entries.length, by])
  const subject = {
    ...newest,
    manifest: { completeness: 'FULL' },
    history: older.map(read),
    stored: kept && read(kept),
    policy: policyOf(...policy),
  } as unknown as Subject
  try {
    const watch = await keys.start(subject)
    if (watch instanceof NotMade) return watch.reason
    const seen = entries.map(
      (entry, index) => ({ entry, index, leaf: leafHash(encodeEntry(entry)) }) as unknown as Seen,
    )
    await watch.see?.(seen.slice(0, 4))
    await watch.see?.(seen.slice(4))
    const found = await watch.end?.()
    return found instanceof NotMade ? found.reason : `passed: ${found ?? ''}`
  } catch (error) {
    if (error instanceof Fault && error.code === 'key') return error.message
    throw error
  }
}

test('one key all along', async () => {
  expect(await ask(logWith({}), { by: first })).toBe('passed: one key')
})

test('a rotation at 4: four entries are the old key’s, five the new one’s', async () => {
  const log = logWith({ 4: rotated(first, second) })
  expect(await ask(log, { by: second, kept: [4, first], older: [[2, first], [5, second]] })).toBe('passed: 1 rotation') // prettier-ignore
  expect(await ask(log, { by: first })).toMatch(
    /^the checkpoint of 10 entries is signed by another key .* since entry 4$/,
  )
  expect(await ask(log, { by: second, kept: [5, first] })).toMatch(
    /^the checkpoint that you keep of 5 entries is signed by/,
  )
  expect(await ask(log, { by: second, older: [[4, second]] })).toMatch(
    /^the older checkpoint of 4 entries is signed by/,
  )
})

test('the policy may know the newer key alone, or name the two in any order, where an entry tells', async () => {
  const log = logWith({ 4: rotated(first, second) })
  expect(await ask(log, { by: second, policy: [second] })).toBe('passed: 1 rotation')
  expect(await ask(log, { by: second, policy: [second, first] })).toBe('passed: 1 rotation')
})

test('a key that was changed without a word', async () => {
  expect(await ask(logWith({}), { by: second })).toMatch(
    /no entry hands this log over from log.example\/firebreak\+[0-9a-f]{8}, its first key/,
  )
  expect(await ask(logWith({}), { by: first, kept: [3, second] })).toMatch(/^the checkpoint that you keep of 3 entries/)
  expect(await ask(logWith({ 4: rotated(first, second) }), { by: third, policy: [first, second, third] })).toMatch(
    /signed by another key/,
  )
})

test.each<[string, Record<number, Partial<EntryBody>>, RegExp]>([
  ['by somebody who has only the new key', { 4: { ...rotated(first, second), detail: { ...signRotation(first, second), signed_by_old: signRotation(third, second).signed_by_old } } as never }, /^entry 4 is no rotation: the old key of .* did not sign/],
  ['that the new key did not agree to', { 4: { ...rotated(first, second), detail: { ...signRotation(first, second), signed_by_new: signRotation(first, third).signed_by_new } } as never }, /^entry 4 is no rotation: the new key of .* did not sign/],
  ['away from a key that was not in force', { 4: rotated(first, second), 6: rotated(first, third) }, /^entry 6 is a rotation away from .* was not in force/],
  ['back to a key that was given up', { 4: rotated(first, second), 6: rotated(second, first) }, /^entry 6 brings back/],
  ['of another log', { 4: rotated(first, second), 6: rotated(other, generateKey(other.name, sha256(utf8('x')))) }, /^entry 6 changes the key of log.example\/other/],
  ['outside its stream', { 4: { ...rotated(first, second), stream: 'run:x' } }, /^entry 4 changes the key outside the stream "log"/],
  ['without anything', { 4: { ...rotated(first, second), detail: {} } }, /both sign it/],
  ['to the same key', { 4: rotated(first, first) }, /changes the key/],
  ['to a key of another name', { 4: rotated(first, other) }, /keeps the name/],
])('a rotation %s', async (_, at, why) => {
  expect(await ask(logWith(at), { by: second })).toMatch(why)
}) // prettier-ignore

test('after a succession the new name begins with its own key', async () => {
  const next = generateKey('log.example/next', sha256(utf8('TEST-ONLY next')))
  const newer = generateKey('log.example/next', sha256(utf8('TEST-ONLY newer')))
  const succeeded = { stream: 'log', about: `log:${next.name}`, type: 'log.succeeded', detail: { old_origin: ORIGIN, kept: 4 } } as Partial<EntryBody> // prettier-ignore
  const log = logWith({ 2: rotated(first, second), 4: succeeded, 7: rotated(next, newer) })
  const policy = [first, second, next, newer]
  expect(await ask(log, { policy, by: newer, kept: [4, second] })).toBe('passed: 2 rotations')
  expect(await ask(log, { policy, by: newer, kept: [2, first], older: [[6, next]] })).toBe('passed: 2 rotations')
  expect(await ask(log, { policy, by: newer, kept: [4, first] })).toMatch(/the checkpoint that you keep of 4 entries/)
  expect(await ask(log, { policy, by: next })).toMatch(
    /the checkpoint of 10 entries is signed by another key of log.example\/next/,
  )
  // What is beyond what was kept is the business of `lineage`.
  expect(await ask(log, { policy, by: newer, kept: [9, first] })).toBe('passed: 2 rotations')
})
