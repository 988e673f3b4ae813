import {
  checkBundle,
  CompactRange,
  encodeEntry,
  formatVkey,
  generateKey,
  hex,
  leafHash,
  parsePolicy,
  sha256,
  signRotation,
  successionDigest,
  utf8,
  type CheckOptions,
  type EntryBody,
  type SigningKey,
} from '@firebreak/audit-log'
import { TEST_KEYS, TEST_START, testCheckpoint, testEntries } from '@firebreak/audit-log/testing'
import { describe, expect, test } from 'vitest'
import { bundleOf, made, madeOf } from './testing/bundles.js'

const old = TEST_KEYS.log
const key = (name: string, seed: string) => generateKey(name, sha256(utf8(`TEST-ONLY ${seed}`)))
const next = key('log.example/next', 'next')
const rotated = key(old.name, 'rotated')

const policyOf = (...logs: SigningKey[]) =>
  parsePolicy(
    utf8(
      `${logs.map((log) => `log ${formatVkey(log)}\n`).join('')}witness one ${formatVkey(TEST_KEYS.notary)}\nquorum one\n`,
    ),
  )

/** What the checks found, by name: the state, and the sentence of those that did not pass. */
async function check(tar: Uint8Array, policy: SigningKey[], options: CheckOptions = {}) {
  const report = await checkBundle(await bundleOf(tar), policyOf(...policy), options)
  const one = (name: string) => report.findings.find((finding) => finding.check === name)!
  const say = (name: string) => {
    const finding = one(name)
    if (finding.state === 'passed') return `ok: ${finding.found}`
    return finding.state === 'failed' ? `FAILED: ${finding.sentence}` : `not made: ${finding.reason}`
  }
  const failed = report.findings.filter(({ state }) => state === 'failed').map((finding) => finding.check)
  return { verdict: report.verdict, failed, say }
}

/** Puts these entries into a log of ten and numbers every stream anew. */
function numbered(entries: Partial<EntryBody>[]): EntryBody[] {
  const next = new Map<string, number>()
  return entries.map((entry, i) => {
    const stream = entry.stream!
    const stream_seq = next.get(stream) ?? 0
    next.set(stream, stream_seq + 1)
    const id = `01900000-0000-7000-8000-${i.toString(16).padStart(12, '0')}`
    return { ...entry, v: 1, entry_id: id, stream_seq, ts: new Date(TEST_START + i * 1000).toISOString() } as EntryBody
  })
}

const rootOf = (entries: readonly EntryBody[]) => {
  const range = new CompactRange()
  for (const entry of entries) range.append(leafHash(encodeEntry(entry)))
  return range.root()
}

// ── a log that followed another ───────────────────────────────────────────────────────────────────────────────────────

const KEPT = 300
/** The old log as it was: 320 entries, of which 300 were in the copy. */
const lostLog = numbered(testEntries(320))
const lost = (size: number, more: object = {}) =>
  testCheckpoint(lostLog.slice(0, size).map(encodeEntry), { log: old, seconds: 330, ...more })

interface Change {
  /** Of the entry `log.succeeded`. */
  first?: object
  detail?: object
  approvals?: { id: string; by: string; over: string }[]
  votes?: Partial<EntryBody>[]
  asker?: string
  at?: number
  reason?: string
}

function successor(change: Change = {}): EntryBody[] {
  const asked = {
    old_origin: old.name, old_size: 310, old_root: hex(rootOf(lostLog.slice(0, 310))), new_origin: next.name, reason: 'the disk is gone', request: 'scr_1',
  } // prettier-ignore
  const digest = successionDigest({ ...asked, reason: change.reason ?? asked.reason })
  const { new_origin, old_origin, old_root, old_size, request } = asked
  const { asker = 'theo', at = KEPT } = change
  const approvals = change.approvals ?? ['ines', 'viktor'].map((by) => ({ id: `vot_${by}`, by, over: digest }))
  const of = (id: string) => ({ kind: 'person' as const, id, auth: 'session', roles: ['security'] })
  const process = { kind: 'process' as const, id: 'sequencer' }
  const first: Partial<EntryBody> = {
    stream: 'log', type: 'log.succeeded', about: `log:${next.name}`, actor: process, reason: change.reason ?? asked.reason, approvals,
    detail: { old_origin, old_size, old_root, new_origin, request, kept: KEPT, kept_root: hex(rootOf(lostLog.slice(0, KEPT))), ...change.detail },
    ...change.first,
  } // prettier-ignore
  const granted = ['ines', 'viktor'].map((by): Partial<EntryBody> => ({
    stream: `person:${by}`, type: 'role.granted', about: `role_grant:rol_${by}`, actor: process,
    detail: { person_id: by, role: 'security', since: '2026-11-01T00:00:00.000Z' },
  })) // prettier-ignore
  const said = ['ines', 'viktor'].map((by): Partial<EntryBody> => ({
    stream: 'successor:scr_1', type: 'successor.approved', about: `vote:vot_${by}`, actor: of(by), detail: { request, digest, decision: 'yes' },
  })) // prettier-ignore
  const wish: Partial<EntryBody> = {
    stream: 'successor:scr_1', type: 'successor.requested', about: 'request:scr_1', actor: of(asker), detail: { ...asked, reason: undefined, digest } as never,
  } // prettier-ignore
  delete (wish.detail as Record<string, unknown>)['reason']
  return numbered([...lostLog.slice(0, at), first, ...granted, wish, ...(change.votes ?? said), ...testEntries(20, 5)])
}

async function bundle(entries: EntryBody[]): Promise<Uint8Array> {
  const bodies = entries.map(encodeEntry)
  return (await made(bodies, { checkpoint: testCheckpoint(bodies, { log: next }) })).tar
}

describe('a log that follows another', () => {
  test('is valid, and says what it follows and who approved that', async () => {
    const { failed, say, verdict } = await check(await bundle(successor()), [old, next])
    expect({ failed, verdict }).toEqual({ failed: [], verdict: 'valid' })
    expect(say('lineage')).toBe(
      'ok: log.example/next follows log.example/firebreak from entry 300 on, which was known to reach 310; approved by ines and viktor',
    )
  })

  test('what was kept is held against the auditor’s checkpoint of the old log', async () => {
    const tar = await bundle(successor())
    for (const size of [1, 255, 256, 299, 300]) {
      const found = await check(tar, [old, next], { stored: lost(size) })
      expect(found.verdict).toBe('valid')
      expect(found.say('consistency')).toMatch(/of another log: see lineage/)
    }
    const other = testCheckpoint(testEntries(200, 9).map(encodeEntry), { log: old, seconds: 1 })
    const found = await check(tar, [old, next], { stored: other })
    expect(found.failed).toEqual(['lineage'])
    expect(found.say('lineage')).toMatch(
      /^FAILED: the first 200 entries are not those that you have seen of log.example\/firebreak/,
    )
  })

  test('a checkpoint that reaches further: so much is lost, with who approved it', async () => {
    const tar = await bundle(successor())
    const known = await check(tar, [old, next], { stored: lost(310) })
    expect(known.verdict).toBe('incomplete')
    expect(known.say('lineage')).toBe(
      'not made: LOST: you have seen 310 entries of log.example/firebreak. log.example/next follows it and kept the first 300: the other 10 are not here. ' +
        'ines and viktor approved that (scr_1, "the disk is gone").',
    )
    const more = await check(tar, [old, next], { stored: lost(320) })
    expect(more.say('lineage')).toMatch(/the other 20 are not here\. .* They knew of 310 only\.$/)
    const forked = testCheckpoint(numbered(testEntries(310, 8)).map(encodeEntry), { log: old, seconds: 1 })
    expect((await check(tar, [old, next], { stored: forked })).failed).toEqual(['lineage'])
  })

  test('a log that follows none is not the one of which a checkpoint is kept', async () => {
    const bodies = numbered(testEntries(50)).map(encodeEntry)
    const { tar } = await made(bodies, { checkpoint: testCheckpoint(bodies, { log: next }) })
    const found = await check(tar, [old, next], { stored: lost(20) })
    expect(found.failed).toEqual(['lineage'])
    expect(found.say('lineage')).toMatch(/no entry says that this log follows it/)
  })

  test('a policy that has only the old log is told whom to ask; a part of the log does not tell', async () => {
    const found = await check(await bundle(successor()), [old])
    expect(found.say('signature')).toMatch(
      /^FAILED: the policy knows no log log.example\/next. Entry 300 says that it follows log.example\/firebreak, which your policy knows, and that ines and viktor approved it/,
    )
    const bodies = successor().map(encodeEntry)
    const { tar } = await madeOf(bodies, { types: ['step.done'] } as never, (entry) => entry.type === 'step.done', {
      checkpoint: testCheckpoint(bodies, { log: next }),
    })
    expect((await check(tar, [next])).say('lineage')).toMatch(
      /^not made: what this log follows may stand in an entry that is not here/,
    )
  })

  const digest = `sha256:${'0'.repeat(64)}`
  const person = (id: string, more: object = {}) => ({
    kind: 'person' as const,
    id,
    auth: 'session',
    roles: ['security'],
    ...more,
  })
  const yes = (by: string, more: object = {}): Partial<EntryBody> => {
    const { detail } = successor().find(({ type }) => type === 'successor.approved')! as EntryBody<'successor.approved'>
    return {
      stream: 'successor:scr_1',
      type: 'successor.approved',
      about: `vote:vot_${by}`,
      actor: person(by),
      detail,
      ...more,
    } as never
  }
  test.each<[string, Change, RegExp]>([
    ['that keeps more than stands before it', { detail: { kept: 301 } }, /says that 301 entries .* were kept; 300 stand before it/],
    ['with something before it', { at: 299 }, /says that 300 entries .* were kept; 299 stand before it/],
    ['over entries that were changed', { detail: { kept_root: 'ab'.repeat(32) } }, /are not those that entry 300 names/],
    ['over a shorter log with another root', { detail: { old_size: 200 } }, /the first 200 entries are not those of the checkpoint/],
    ['that says too little', { first: { detail: { old_origin: old.name } } }, /does not say what this log follows/],
    ['that begins another log', { detail: { new_origin: 'log.example/third' } }, /begins log.example\/third; this log is log.example\/next/],
    ['by a person', { first: { actor: person('ines') } }, /it is not the log's own/],
    ['of itself', { detail: { old_origin: next.name } }, /a name that comes again/],
    ['with one approval', { approvals: [{ id: 'vot_ines', by: 'ines', over: digest }] }, /fewer than 2 people/],
    ['with one person twice', { approvals: [{ id: 'vot_ines', by: 'ines', over: digest }, { id: 'vot_2', by: 'ines', over: digest }] }, /fewer than 2 people/],
    ['approved over something else', { approvals: ['ines', 'viktor'].map((by) => ({ id: `vot_${by}`, by, over: digest })) }, /approved something else/],
    ['with another reason than was approved', { first: { reason: 'no reason' } }, /approved something else/],
    ['approved by who asked', { asker: 'ines' }, /ines approved what they had asked for/],
    ['without an approval in the log', { votes: [yes('ines')] }, /has no approval vot_viktor of viktor/],
    ['approved by a service', { votes: [yes('ines'), yes('viktor', { actor: person('viktor', { kind: 'service' }) })] }, /viktor is no person of security/],
    ['approved by another role', { votes: [yes('ines'), yes('viktor', { actor: person('viktor', { roles: ['sre'] }) })] }, /viktor is no person of security/],
    ['that somebody refused', { votes: [yes('ines'), yes('viktor'), yes('leo', { type: 'successor.refused' })] }, /somebody said no/],
    ['that nobody asked for', { votes: [yes('ines'), yes('viktor')], detail: { request: 'scr_2' } }, /nobody asked for it|approved something else/],
  ])('a successor %s', async (_, change, why) => {
    const found = await check(await bundle(successor(change)), [old, next])
    expect(found.failed).toEqual(['lineage'])
    expect(found.say('lineage')).toMatch(why)
  }) // prettier-ignore

  test('a role that was a day old only after the vote', async () => {
    const entries = successor().map((entry) =>
      entry.type === 'role.granted'
        ? { ...entry, detail: { ...entry.detail, since: '2026-11-22T12:00:00.000Z' } }
        : entry,
    )
    expect((await check(await bundle(entries), [old, next])).say('lineage')).toMatch(
      /was of security since 2026-11-22T12:00:00.000Z only/,
    )
  })
})

// ── a log that changed its key ────────────────────────────────────────────────────────────────────────────────────────

describe('a log that changed its key', () => {
  const entries = numbered([
    ...testEntries(30),
    { stream: 'log', type: 'log.key-rotated', about: `log:${old.name}`, actor: { kind: 'process', id: 'sequencer' }, detail: signRotation(old, rotated) },
    ...testEntries(10, 3),
  ]) // prettier-ignore
  const bodies = entries.map(encodeEntry)
  const at = (size: number, log: SigningKey, seconds = 100) => testCheckpoint(bodies.slice(0, size), { log, seconds })
  const tar = async (by = rotated, history: string[] = [at(30, old), at(31, rotated)]) =>
    (await made(bodies, { checkpoint: testCheckpoint(bodies, { log: by }), history })).tar

  test('is valid with both lines in the policy, and a kept checkpoint of either', async () => {
    for (const stored of [undefined, at(12, old), at(30, old), at(31, rotated)]) {
      const found = await check(await tar(), [old, rotated], stored === undefined ? {} : { stored })
      expect({ failed: found.failed, verdict: found.verdict, keys: found.say('keys') }).toEqual({
        failed: [],
        verdict: 'valid',
        keys: 'ok: 1 rotation',
      })
    }
  })

  test('is not simply valid with the old line alone, and says which line is missing', async () => {
    const found = await check(await tar(), [old])
    expect({ failed: found.failed, verdict: found.verdict }).toEqual({ failed: [], verdict: 'incomplete' })
    expect(found.say('signature')).toContain('a key that your policy lacks and that entry 30 hands the log over to')
    expect(found.say('signature')).toContain(`add: log ${formatVkey(rotated)}`)
    const newer = await check(await tar(), [rotated])
    expect({ failed: newer.failed, verdict: newer.verdict }).toEqual({ failed: [], verdict: 'incomplete' })
    expect(newer.say('signature')).toContain(
      `hands the log over from. Ask whoever gave you the policy whether to add: log ${formatVkey(old)}`,
    )
  })

  test('signed on with the old key, early with the new one, or by a stranger', async () => {
    expect((await check(await tar(old), [old, rotated])).failed).toEqual(['keys'])
    expect((await check(await tar(rotated, [at(29, rotated)]), [old, rotated])).failed).toEqual(['keys'])
    expect((await check(await tar(), [old, rotated], { stored: at(31, old) })).failed).toEqual(['keys'])
    const forged = await check(await tar(TEST_KEYS.forger), [old])
    expect(forged.failed).toContain('signature')
  })

  test('changed without a word', async () => {
    const plain = numbered(testEntries(40)).map(encodeEntry)
    const silent = await made(plain, { checkpoint: testCheckpoint(plain, { log: rotated }) })
    const found = await check(silent.tar, [old, rotated])
    expect(found.failed).toEqual(['keys'])
    expect(found.say('keys')).toMatch(/no entry hands this log over/)
  })
})
