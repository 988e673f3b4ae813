import {
  checkBundle,
  concat,
  decodeEntry,
  EMPTY_ROOT,
  formatCheckpoint,
  formatNote,
  formatVkey,
  generateKey,
  openBundle,
  parsePolicy,
  sha256,
  signNote,
  signRotation,
  sourceOf,
  utf8,
  type SigningKey,
} from '@firebreak/audit-log'
import { writeBundle } from '@firebreak/audit-export'
import { entriesBetween, newestCheckpoint, olderCheckpoints } from '@firebreak/audit-store'
import { collect, testLog } from '@firebreak/audit-store/testing'
import { openStore } from '@firebreak/store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SuccessorPage, SuccessorView } from '../src/audit/successors.schema.js'
import { problem } from '../src/http/view.js'
import { read, slowApi, Stage } from './stage.js'

let stage: Stage
const log = testLog()
const next = generateKey('test.example/log/2', sha256(utf8('TEST-ONLY next')))
const rotated = generateKey(log.key.name, sha256(utf8('TEST-ONLY rotated')))

beforeAll(async () => {
  stage = await Stage.set()
  await stage.alert(slowApi()).expect(202)
  await log.sequenceAll(stage.database.url('fb_sequencer'))
})
afterAll(() => stage.strike())

/** What an auditor still holds of the log: more than this database has. */
const kept = (size: number, { by = log.key, origin = log.key.name }: { by?: SigningKey; origin?: string } = {}) => {
  const text = formatCheckpoint({ origin, size, root: sha256(utf8(`what was lost at ${size}`)) })
  return formatNote({ text, signatures: [signNote(text, by)] })
}
const ask = (who: string, body: object) => stage.as(who).post('/v1/audit/successor').send(body)
const wish = (checkpoint: string) => ({ checkpoint, new_origin: next.name, reason: 'the disk is gone' })
const vote = (who: string, id: string, body: object) =>
  stage.as(who).post(`/v1/audit/successor/${id}/approvals`).send(body)

test('only Security asks, and only with a checkpoint of this very log', async () => {
  await ask('hannah', wish(kept(1000))).expect(403)
  for (const [checkpoint, why] of [
    ['nothing', /no checkpoint of this log/],
    [kept(1000, { by: next }), /signed by none of/],
    [kept(1000, { by: next, origin: next.name }), /it is of test.example\/log\/2/],
    [kept(1000, { by: rotated }), /signed by none of/],
  ] as const) {
    const { body } = await read(problem, ask('theo', wish(checkpoint)).expect(400))
    expect(body.detail).toMatch(why)
    expect(body.errors).toMatchObject([{ pointer: '/checkpoint' }])
  }
  const { body } = await read(problem, ask('theo', { ...wish(kept(1000)), new_origin: log.key.name }).expect(400))
  expect(body.errors).toMatchObject([{ pointer: '/new_origin' }])
})

test('a checkpoint from before what is published here is not the newest; one of another past is refused', async () => {
  expect((await read(problem, ask('theo', wish(kept(1))).expect(409))).body.detail).toMatch(
    /covers 1 entries; \d+ are published/,
  )
  const { size } = await log.sequenceAll(stage.database.url('fb_sequencer'))
  expect((await read(problem, ask('theo', wish(kept(size))).expect(422))).body.detail).toMatch(
    /are not those of that checkpoint/,
  )
})

test('the key may have been changed since this copy was made: the rotation comes along', async () => {
  const rotations = [signRotation(log.key, rotated)]
  const { body } = await read(
    SuccessorView,
    ask('theo', { ...wish(kept(900, { by: rotated })), rotations }).expect(201),
  )
  expect(body).toMatchObject({ state: 'asked', old_size: 900 })
  const forged = [{ ...rotations[0], signed_by_old: signRotation(next, next).signed_by_old }]
  const refused = await read(
    problem,
    ask('theo', { ...wish(kept(900, { by: rotated })), rotations: forged }).expect(400),
  )
  expect(refused.body.errors).toMatchObject([{ pointer: '/rotations/0' }])
  // Somebody of Security says no: that one is over.
  await vote('ines', body.id, { digest: body.digest, decision: 'no', note: 'not yet' }).expect(200)
})

test('two others of Security approve exactly that; then, and not before, the log is succeeded', async () => {
  const { body: asked, headers } = await read(SuccessorView, ask('theo', wish(kept(1000))).expect(201))
  expect(headers['location']).toBe(`/v1/audit/successor/${asked.id}`)
  expect(asked).toMatchObject({
    state: 'asked',
    asked_by: { id: 'theo' },
    old_origin: log.key.name,
    old_size: 1000,
    new_origin: next.name,
  })
  expect(asked.may.approve).toMatchObject({ ok: false, code: 'own-plan' })
  const yes = { digest: asked.digest, decision: 'yes' }

  await vote('theo', asked.id, yes).expect(403)
  await vote('hannah', asked.id, yes).expect(403)
  await vote('ines', asked.id, { ...yes, digest: `sha256:${'0'.repeat(64)}` }).expect(409)
  await vote('ines', asked.id, yes).expect(200)
  await vote('ines', asked.id, yes).expect(200) // told twice
  await vote('ines', asked.id, { ...yes, decision: 'no' }).expect(409)
  await expect(sequence(next)).rejects.toThrow(/^NOT_APPROVED/)

  const { body: approved } = await read(
    SuccessorView,
    vote('viktor', asked.id, { ...yes, note: 'seen the note' }).expect(200),
  )
  expect(approved).toMatchObject({
    state: 'approved',
    votes: [{ by: { id: 'ines' } }, { by: { id: 'viktor' }, note: 'seen the note' }],
  })
  log.trusted.push(next)
  await sequence(next)

  const { body: list } = await read(SuccessorPage, stage.as('audrey').get('/v1/audit/successor').expect(200))
  expect(list.items.map(({ id, state }) => [id, state])).toContainEqual([asked.id, 'succeeded'])
  const source = await openStore(stage.database.url('fb_reader'), { applicationName: 'e2e', poolSize: 1 }).initialize()
  const [{ leaves }] = await source.query<[{ leaves: number }]>('select count(*)::int as leaves from audit.leaf')
  const entries = (await collect(entriesBetween(source, 0, leaves))).map(({ body }) => decodeEntry(body))
  await source.destroy()
  expect(entries.find(({ type }) => type === 'log.succeeded')).toMatchObject({
    about: `log:${next.name}`,
    approvals: [
      { by: 'ines', over: asked.digest },
      { by: 'viktor', over: asked.digest },
    ],
    detail: { old_origin: log.key.name, old_size: 1000, request: asked.id },
  })
  expect(
    entries.filter(({ stream }) => stream === `successor:${asked.id}`).map(({ actor, type }) => [type, actor.id]),
  ).toEqual([
    ['successor.requested', 'theo'],
    ['successor.approved', 'ines'],
    ['successor.approved', 'viktor'],
  ])
  expect((await stage.as('audrey').get('/v1/audit/checkpoint').expect(200)).text).toMatch(/^test.example\/log\/2\n/)
  // Over: nobody votes on it any more, and its name is taken.
  expect(
    (await read(SuccessorView, stage.as('viktor').get(`/v1/audit/successor/${asked.id}`))).body.may.approve,
  ).toMatchObject({ ok: false })
  const again = formatCheckpoint({ origin: next.name, size: 5000, root: EMPTY_ROOT })
  await ask('theo', wish(formatNote({ text: again, signatures: [signNote(again, next)] }))).expect(400)
})

test('a bundle of the successor is checked offline: valid, and what was seen beyond is lost', async () => {
  const source = await openStore(stage.database.url('fb_worker'), { applicationName: 'e2e', poolSize: 1 }).initialize()
  const { cosigned: checkpoint, size } = (await newestCheckpoint(source))!
  const chunks: Uint8Array[] = []
  const history = await olderCheckpoints(source, size, 64)
  const entries = () => entriesBetween(source, 0, size)
  await writeBundle({ entries, checkpoint, size, history }, (chunk) => void chunks.push(chunk))
  await source.destroy()
  const line = (key: SigningKey) => `log ${formatVkey(key)}\n`
  const witness = `witness notary ${formatVkey(log.notaryKey)}\nquorum notary\n`
  const policy = parsePolicy(utf8(line(log.key) + line(next) + witness))
  const bundle = await openBundle(sourceOf(concat(...chunks)))
  const plain = await checkBundle(bundle, policy)
  expect(plain.findings.filter(({ state }) => state === 'failed')).toEqual([])
  expect(plain.verdict).toBe('valid')
  const seen = await checkBundle(bundle, policy, { stored: kept(1000) })
  expect(seen.verdict).toBe('incomplete')
  expect(seen.findings.find(({ check }) => check === 'lineage')).toMatchObject({
    state: 'not made',
    reason: expect.stringMatching(/^LOST: you have seen 1,000 entries .* ines and viktor approved that/) as string,
  })
})

async function sequence(key: SigningKey): Promise<void> {
  const one = log.sequencer(stage.database.url('fb_sequencer'), { key })
  try {
    while ((await one.step()) !== 'idle') continue
  } finally {
    await one.close()
  }
}
