import {
  checkBundle,
  checks,
  commitment,
  concat,
  encodeDisclosure,
  encodeEntry,
  Fault,
  FILE,
  leafHash,
  parseNote,
  stateDigest,
  formatNote,
  TarError,
  text,
  utf8,
  type CheckOptions,
  type Disclosure,
  type EntryBody,
  type Report,
} from '@firebreak/audit-log'
import {
  seeded,
  TEST_KEYS,
  TEST_POLICY,
  TEST_START,
  testBodies,
  testCheckpoint,
  testEntries,
  told,
  type Told,
} from '@firebreak/audit-log/testing'
import { describe, expect, test } from 'vitest'
import { bundleOf, made, packed, unpacked, withManifest } from './testing/bundles.js'

const check = async (tar: Uint8Array, options: CheckOptions = {}): Promise<Report> =>
  checkBundle(await bundleOf(tar), TEST_POLICY, options)

/** The checks that failed, and the index that the report names first. */
const failed = ({ findings, first }: Report) => ({
  checks: findings.filter(({ state }) => state === 'failed').map((finding) => finding.check),
  index: first?.index,
})

describe('one flipped bit in any byte of the file is found', () => {
  // The checkpoint carries a line that the policy does not know: what is ignored must not be a place to hide either.
  const bodies = testBodies(2)
  const checkpoint = testCheckpoint(bodies, { cosigners: [TEST_KEYS.notary, TEST_KEYS.stranger] })

  /** Flips one bit in each byte in turn; how often the bundle was unusable, how often tampered, and where it passed. */
  async function flip(tar: Uint8Array, from: number, to: number, options: CheckOptions) {
    expect((await check(tar, options)).verdict).toBe('valid')
    const random = seeded(8)
    const missed: number[] = []
    let [tampered, unusable] = [0, 0]
    for (let at = from; at < to; at++) {
      const bit = 1 << random.below(8)
      tar[at]! ^= bit
      try {
        if ((await check(tar, options)).verdict === 'tampered') tampered++
        else missed.push(at)
      } catch (error) {
        if (!(error instanceof TarError || error instanceof Fault)) throw error
        unusable++
      }
      tar[at]! ^= bit
    }
    return { missed, tampered, unusable }
  }

  test('all of them', { timeout: 300_000 }, async () => {
    const { tar } = await made(bodies, { checkpoint })
    const { missed, tampered, unusable } = await flip(tar, 0, tar.length, {})
    expect(missed).toEqual([])
    expect(tampered + unusable).toBe(tar.length)
    expect(tampered).toBeGreaterThan(tar.length / 4)
  })

  test('those of the statement, with the key of its exporter', { timeout: 300_000 }, async () => {
    const options = { exportKeys: [TEST_KEYS.exporter] }
    const { tar } = await made(bodies, { checkpoint, exportKey: TEST_KEYS.exporter })
    const bare = await made(bodies, { checkpoint })
    const from = bare.tar.length - 1024
    expect((await flip(tar, from, tar.length, options)).missed).toEqual([])
  })

  test('and without that key such a bundle is never simply valid', async () => {
    const { tar } = await made(bodies, { checkpoint, exportKey: TEST_KEYS.exporter })
    expect((await check(tar)).verdict).toBe('incomplete')
  })
})

test('a bundle that was cut anywhere is unusable', async () => {
  const { tar } = await made(testBodies(3))
  const random = seeded(9)
  for (let i = 0; i < 200; i++) {
    await expect(check(tar.slice(0, random.below(tar.length)))).rejects.toThrow(TarError)
  }
})

describe('entries, of 300, by somebody who makes the manifest fit', () => {
  const bodies = testBodies(300)
  const changed = async (change: (lines: string[]) => string[]) => {
    const files = await unpacked((await made(bodies)).tar)
    const lines = text(files.get(FILE.entries)!).split('\n').slice(0, -1)
    files.set(
      FILE.entries,
      utf8(
        change(lines)
          .map((line) => `${line}\n`)
          .join(''),
      ),
    )
    return failed(await check(packed(withManifest(files))))
  }
  const random = seeded(10)
  const anywhere = Array.from({ length: 25 }, () => random.below(299))
  const places = [0, 1, 255, 256, 298, ...anywhere]

  test('dropped: named by its place', async () => {
    for (const place of [...places, 299]) {
      const { checks, index } = await changed((lines) => lines.toSpliced(place, 1))
      expect(checks).toEqual(expect.arrayContaining(['count', 'root', 'report']))
      expect(index).toBe(place)
    }
  })

  test('swapped: named by the first of them', async () => {
    for (const place of places) {
      const { checks, index } = await changed((lines) => lines.toSpliced(place, 2, lines[place + 1]!, lines[place]!))
      expect(checks).toEqual(expect.arrayContaining(['leaf', 'root']))
      expect(index).toBe(place)
    }
  })

  test('doubled: named by the second', async () => {
    for (const place of places) {
      const { checks, index } = await changed((lines) => lines.toSpliced(place, 0, lines[place]!))
      expect(checks).toEqual(expect.arrayContaining(['count', 'entry-ids', 'streams', 'root']))
      expect(index).toBe(place + 1)
    }
  })

  test('edited: named', async () => {
    for (const place of places) {
      const { checks, index } = await changed((lines) =>
        lines.with(place, lines[place]!.replace('Z"', '1Z"').replace('01Z', '1Z')),
      )
      expect(checks).toEqual(expect.arrayContaining(['leaf', 'root']))
      expect(index).toBe(place)
    }
  })

  test('replaced by those of another log', async () => {
    const other = testBodies(300, 2).map(text)
    expect(await changed(() => other)).toMatchObject({ index: 0 })
  })
})

/** Everything rebuilt over these bodies: what the holder of the log's own key could do, before any notary. */
const remade = async (bodies: readonly Uint8Array[], note: Parameters<typeof testCheckpoint>[1] = {}) => {
  const tar = await made(bodies, { checkpoint: testCheckpoint(bodies, note) })
  return tar.tar
}

const entries = testEntries(20)
const [bodies, stored] = [
  entries.map(encodeEntry),
  testCheckpoint(entries.slice(0, 12).map(encodeEntry), { seconds: 2 }),
]
const withEntry = (index: number, change: Partial<EntryBody>) =>
  entries.with(index, { ...entries[index]!, ...change } as EntryBody).map(encodeEntry)
const files = async (change: (files: Map<string, Uint8Array>) => void) => {
  const found = await unpacked((await made(bodies)).tar)
  change(found)
  return packed(withManifest(found))
}
const spoilt = (content: Uint8Array, at = content.length - 1) => content.map((byte, i) => (i === at ? byte ^ 1 : byte))
const last = { ...entries[19]!, entry_id: '01a207d9-2100-7bfd-8b30-000000000000' }
const tile = 'tile/0/000.p/20'

/** A plan that asks for one yes of an sre, the yeses that it had, and its run: at the end of the log. */
const withRun = (votes: readonly string[]): Uint8Array[] => {
  const plan_digest = `sha256:${'ab'.repeat(32)}`
  const expires_at = new Date(TEST_START + 1_800_000).toISOString()
  const run = told([
    { stream: 'person:hannah', type: 'role.granted', detail: { person_id: 'hannah', role: 'sre' } },
    { stream: 'plan:p', type: 'plan.proposed', plan_digest, detail: { tier: 'T1', quorum: 1, roles: ['sre'], expires_at } },
    ...votes.map((by): Told => ({
      stream: 'plan:p', type: 'approval.given', about: `approval:${by}`, plan_digest, actor: { kind: 'person', id: by, roles: ['sre'] },
    })),
    { stream: 'run:p', type: 'run.started', plan_digest, approvals: votes.map((by) => ({ id: by, by, over: plan_digest })), detail: { plan: 'p' } },
  ]) // prettier-ignore
  return [...bodies, ...run.map(encodeEntry)]
}
/** A step that left a target in one state, and one that found it in another. */
const withSteps = (left: number, found: number): Uint8Array[] => {
  const state = (replicas: number) => ({ digest: stateDigest({ replicas }), summary: { replicas } })
  const step = { stream: 'run:q', target: 'deployment:prod/web', detail: { verb: 'scale-deployment' } } as const
  const steps = told([
    { ...step, type: 'step.done', before: state(2), after: state(left) },
    { ...step, type: 'step.intended', before: state(found) },
  ])
  return [...bodies, ...steps.map(encodeEntry)]
}
/** Somebody who acted from an address, and a bundle that discloses these addresses. */
const someone: Disclosure = {
  entry_id: '01a207d9-2200-7bfd-8b30-000000000000',
  path: '/actor/ip',
  salt: new Uint8Array(32),
  value: '192.0.2.1',
}
const disclosing = async (disclosed: readonly Disclosure[]): Promise<Uint8Array> => {
  const actor = { kind: 'person' as const, id: 'hannah', ip: commitment(someone) }
  const all = [...bodies, encodeEntry({ ...last, entry_id: someone.entry_id, stream: 'person:hannah', stream_seq: 0, actor })]
  const disclosures = async function* () {
    for (const one of disclosed) yield encodeDisclosure(one)
  }
  return (await made(all, { disclosures })).tar
} // prettier-ignore
const rule = { people: 1, roles: ['security'], asker_may: false }
const approvalRules = { v: 1, youngest_role_hours: 0, tiers: { T1: rule, T2: rule, T3: rule } } as const

interface Kind {
  what: string
  by: string
  tar: () => Promise<Uint8Array>
  index?: number
  options?: CheckOptions
}

const kinds: Kind[] = [
  { by: 'note', what: 'a checkpoint that is no note', tar: () => files((f) => f.set(FILE.checkpoint, utf8('hello\n'))) },
  { by: 'note', what: 'a checkpoint with a fourth line', tar: () => files((f) => f.set(FILE.checkpoint, utf8(text(f.get(FILE.checkpoint)!).replace('\n\n', '\nx\n\n')))) },
  { by: 'signature', what: 'a checkpoint by another key under the same name', tar: () => remade(bodies, { log: TEST_KEYS.forger }) },
  { by: 'signature', what: 'a checkpoint of another log', tar: () => remade(bodies, { origin: 'other.example/log' }) },
  { by: 'signature', what: 'a signature with a flipped bit', tar: () => remadeNote((note) => (note.signatures[0]!.signature[5]! ^= 1)) },
  { by: 'quorum', what: 'no cosignature', tar: () => remade(bodies, { cosigners: [] }) },
  { by: 'quorum', what: 'a cosignature with another time', tar: () => remadeNote((note) => (note.signatures[1]!.signature[7]! ^= 1)) },
  { by: 'quorum', what: 'a cosignature from before the one that the auditor keeps', tar: () => remade(bodies, { seconds: 1 }), options: { stored } },
  { by: 'quorum', what: 'a cosignature from the future', tar: () => remade(bodies), options: { now: TEST_START } },
  { by: 'files', what: 'a file too many', tar: () => files((f) => f.set('extra', utf8('x'))) },
  { by: 'files', what: 'a file too few', tar: () => files((f) => f.delete(tile)) },
  { by: 'files', what: 'a file twice', tar: async () => twice(await remade(bodies)) },
  { by: 'files', what: 'files in another order', tar: () => files((f) => { const page = f.get(FILE.report)!; f.delete(FILE.report); f.set(FILE.report, page) }) },
  { by: 'files', what: 'a file that the manifest does not list as it is', tar: async () => {
    const f = await unpacked(await remade(bodies))
    return packed(f.set(FILE.report, spoilt(f.get(FILE.report)!)))
  } },
  { by: 'class', what: 'a manifest that claims more', tar: async () => packed(withManifest(await unpacked(await remade(bodies)), { size: 21 })) },
  { by: 'class', what: 'a manifest that names another log', tar: async () => packed(withManifest(await unpacked(await remade(bodies)), { origin: 'other.example/log' })) },
  { by: 'count', what: 'a tail that was cut', index: 19, tar: () => files((f) => f.set(FILE.entries, lines(bodies.slice(0, 19)))) },
  { by: 'count', what: 'an entry put at the end', index: 20, tar: () => files((f) => f.set(FILE.entries, lines([...bodies, encodeEntry({ ...last, stream: 'run:new', stream_seq: 0 })]))) },
  { by: 'body', what: 'a last line without its end', index: 19, tar: () => files((f) => f.set(FILE.entries, f.get(FILE.entries)!.slice(0, -1))) },
  { by: 'body', what: 'a key twice', index: 3, tar: () => files((f) => f.set(FILE.entries, lines(bodies.with(3, utf8(text(bodies[3]!).replace('"v":1}', '"v":1,"v":1}')))))) },
  { by: 'body', what: 'a space', index: 3, tar: () => files((f) => f.set(FILE.entries, lines(bodies.with(3, utf8(text(bodies[3]!).replace('":', '": ')))))) },
  { by: 'body', what: 'a line beyond all bounds', index: 3, tar: () => files((f) => f.set(FILE.entries, lines(bodies.with(3, new Uint8Array(3_000_000).fill(0x61))))) },
  { by: 'leaf', what: 'a tile with a flipped bit', index: 7, tar: () => files((f) => f.set(tile, spoilt(f.get(tile)!, 7 * 32))) },
  { by: 'leaf', what: 'a shorter tile', index: 19, tar: () => files((f) => f.set(tile, f.get(tile)!.slice(0, 19 * 32))) },
  { by: 'root', what: 'an entry and its tile rewritten', tar: () => files((f) => {
    const other = withEntry(5, { reason: 'nothing happened' })
    f.set(FILE.entries, lines(other)).set(tile, concat(...other.map(leafHash)))
  }) },
  { by: 'entry-ids', what: 'an entry signed in twice', index: 20, tar: () => remade([...bodies, encodeEntry({ ...entries[4]!, stream: 'run:replayed', stream_seq: 0 })]) },
  { by: 'streams', what: 'an entry never put in', index: entries.findIndex(({ stream, stream_seq }) => stream === 'log' && stream_seq === 2) - 1, tar: () => remade(bodies.filter((_, i) => entries[i]!.stream !== 'log' || entries[i]!.stream_seq !== 1)) },
  { by: 'streams', what: 'a number of a stream twice', index: 20, tar: () => remade([...bodies, encodeEntry(last)]) },
  { by: 'consistency', what: 'a log shorter than it was', index: 11, tar: () => remade(bodies.slice(0, 11)), options: { stored } },
  { by: 'consistency', what: 'a log grown again from another past', tar: () => remade(withEntry(5, { reason: 'nothing happened' })), options: { stored } },
  { by: 'time', what: 'an entry from after its cosignature', index: 6, tar: () => remade(withEntry(6, { ts: new Date(TEST_START + 2 * 3_600_000).toISOString() })) },
  { by: 'time', what: 'an entry that is older than it can be', index: 15, tar: () => remade(withEntry(15, { ts: new Date(TEST_START - 3_600_000).toISOString() })), options: { stored } },
  { by: 'approvals', what: 'a run that nobody approved', index: 22, tar: () => remade(withRun([])) },
  { by: 'approval-rules', what: 'a run by somebody whom the auditor would not have asked', index: 23, tar: () => remade(withRun(['hannah'])), options: { approvalRules } },
  { by: 'chain', what: 'an effect that no entry tells of', index: 21, tar: () => remade(withSteps(5, 6)) },
  { by: 'disclosures', what: 'a personal value that was exchanged', index: 20, tar: () => disclosing([{ ...someone, value: '192.0.2.9' }]) },
  { by: 'disclosures', what: 'a personal value that was held back', index: 20, tar: () => disclosing([]) },
  { by: 'report', what: 'a page that tells another story', tar: () => files((f) => f.set(FILE.report, utf8(text(f.get(FILE.report)!).replace('ada', 'eve')))) },
  { by: 'statement', what: 'a statement over another manifest', options: { exportKeys: [TEST_KEYS.exporter] }, tar: async () => {
    const signed = await unpacked((await made(bodies, { exportKey: TEST_KEYS.exporter })).tar)
    const other = await unpacked((await made(bodies.slice(0, 9), { exportKey: TEST_KEYS.exporter })).tar)
    return packed(signed.set(FILE.statement, other.get(FILE.statement)!))
  } },
  { by: 'statement', what: 'a statement by somebody else', options: { exportKeys: [TEST_KEYS.exporter] }, tar: async () => (await made(bodies, { exportKey: TEST_KEYS.forger })).tar },
] // prettier-ignore

describe('kinds of tampering, each by the check that is there for it', () => {
  test.each(kinds)('$by: $what', async ({ by, index, options, tar }) => {
    const report = await check(await tar(), options)
    expect(failed(report).checks).toContain(by)
    if (index !== undefined) expect(report.findings.find((f) => f.check === by)).toMatchObject({ index })
    if (index !== undefined) expect(report.first?.index).toBe(index)
  })

  test('some need their check: without it they would pass', async () => {
    const needed = [
      'quorum',
      'signature',
      'entry-ids',
      'streams',
      'consistency',
      'time',
      'approvals',
      'approval-rules',
      'chain',
      'disclosures',
      'report',
      'statement',
      'files',
      'class',
    ]
    for (const name of needed) {
      const others = checks.filter((one) => one.name !== name)
      const verdicts = await Promise.all(
        kinds
          .filter(({ by }) => by === name)
          .map(
            async ({ options, tar }) =>
              (await checkBundle(await bundleOf(await tar()), TEST_POLICY, options, others)).verdict,
          ),
      )
      expect(verdicts, name).toContain('valid')
    }
  })

  test('there is a kind for every check, but for those with tests of their own', () => {
    const covered = new Set(kinds.map(({ by }) => by))
    expect(checks.map(({ name }) => name).filter((name) => !covered.has(name))).toEqual([
      'keys',
      'lineage',
      'tiles',
      'blobs',
      'controls',
    ])
  })
})

test('tiles: a hash above the lowest level', async () => {
  const found = await unpacked((await made(testBodies(600))).tar)
  found.set('tile/1/000.p/2', spoilt(found.get('tile/1/000.p/2')!))
  const report = await check(packed(withManifest(found)))
  expect(failed(report)).toEqual({ checks: ['tiles'], index: undefined })
})

test('with the checkpoint that the auditor keeps, a log that only grew is valid', async () => {
  const report = await check(await remade(bodies), { stored, now: TEST_START + 7_200_000 })
  expect(report.verdict).toBe('valid')
  expect(report.findings.find((f) => f.check === 'consistency')).toMatchObject({ state: 'passed' })
})

test('a checkpoint kept that nobody signed is unusable', async () => {
  const tar = await remade(bodies)
  await expect(check(tar, { stored: 'x' })).rejects.toMatchObject({ code: 'stored-checkpoint' })
  const forged = testCheckpoint(bodies, { log: TEST_KEYS.forger })
  await expect(check(tar, { stored: forged })).rejects.toMatchObject({ code: 'stored-checkpoint' })
})

test.each([
  ['no manifest', (f: Map<string, Uint8Array>) => f.delete(FILE.manifest), 'not-a-bundle'],
  ['a manifest that is no JSON', (f: Map<string, Uint8Array>) => f.set(FILE.manifest, utf8('{')), 'manifest'],
  ['a manifest of another format', (f: Map<string, Uint8Array>) => f.set(FILE.manifest, utf8(text(f.get(FILE.manifest)!).replace('evidence/2', 'evidence/1'))), 'manifest'],
  ['a manifest with a key twice', (f: Map<string, Uint8Array>) => f.set(FILE.manifest, utf8(text(f.get(FILE.manifest)!).replace('{', '{"a":1,"a":1,'))), 'manifest'],
])('unusable: %s', async (_, change, code) => {
  const found = await unpacked(await remade(bodies))
  change(found)
  await expect(check(packed(found))).rejects.toMatchObject({ code })
}) // prettier-ignore

const lines = (all: readonly Uint8Array[]) => concat(...all.flatMap((body) => [body, utf8('\n')]))

async function remadeNote(change: (note: ReturnType<typeof parseNote>) => void): Promise<Uint8Array> {
  const note = parseNote(testCheckpoint(bodies))
  change(note)
  return (await made(bodies, { checkpoint: formatNote(note) })).tar
}

/** The first file of the tar once more, in front. */
function twice(tar: Uint8Array): Uint8Array {
  const end = tar.indexOf(0x74, 512 * 2) // the "t" of the first tile's header
  const first = Math.floor(end / 512) * 512
  return concat(tar.subarray(0, first), tar)
}
