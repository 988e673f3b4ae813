import {
  CompactRange,
  decodeEntryBundle,
  entriesPath,
  hex,
  leadsToRoot,
  leafHash,
  parseCheckpoint,
  parseNote,
  parseProof,
  tilePath,
  unbase64,
  utf8,
  verifyConsistency,
  verifyInclusion,
  verifyNote,
} from '@firebreak/audit-log'
import { testLog } from '@firebreak/audit-store/testing'
import { recipes } from '@firebreak/catalog'
import { entry, processActor, time, type ExportKind } from '@firebreak/flow'
import { openStore, PostgresLedger } from '@firebreak/store'
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Response } from 'supertest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Health } from '../src/health/health.schema.js'
import { EntryPage, ExportView } from '../src/audit/audit.schema.js'
import { ConsistencyProof, InclusionProof } from '../src/audit/proofs.schema.js'
import { problem } from '../src/http/view.js'
import { PlanView } from '../src/plans/plans.schema.js'
import { RecipePage, RecipeView } from '../src/recipes/recipes.schema.js'
import { RunbookIndex, RunbookPage } from '../src/runbook/runbook.schema.js'
import { ObservationView, TargetPage } from '../src/runs/runs.schema.js'
import { read, slowApi, Stage } from './stage.js'

let stage: Stage
const log = testLog()
beforeAll(async () => void (stage = await Stage.set()))
afterAll(() => stage.strike())

const text = async () => (await stage.as('audrey').get('/v1/audit/checkpoint').expect(200)).text

test('before the first checkpoint there is nothing to show, and it says so', async () => {
  const { body } = await read(problem, stage.as('audrey').get('/v1/audit/checkpoint').expect(404))
  expect(body.code).toBe('not-found')
})

test('the checkpoint is the signed note itself, cosigned', async () => {
  await stage.alert(slowApi()).expect(202)
  const { size } = await log.sequenceAll(stage.database.url('fb_sequencer'))
  const note = parseNote(await text())
  expect(verifyNote(note, [log.key])).toHaveLength(1)
  expect(note.signatures.map(({ name }) => name)).toEqual(['test.example/log', 'test.example/notary'])
  expect(parseCheckpoint(note.text).size).toBe(size)
})

test('every entry is proven to stand in it, from the bytes that were handed out', async () => {
  const { size, root } = parseCheckpoint(parseNote(await text()).text)
  const list = (query: object) => read(EntryPage, stage.as('audrey').get('/v1/audit/entries').query(query).expect(200))
  let { body: page } = await list({ limit: 7 })
  const seen = [...page.items]
  while (page.next) {
    page = (await list({ limit: 7, after: page.next })).body
    seen.push(...page.items)
  }
  expect(seen.map(({ position }) => position)).toEqual(Array.from({ length: size }, (_, at) => at))

  for (const { position, body } of seen) {
    const { body: proof } = await read(
      InclusionProof,
      stage.as('audrey').get('/v1/audit/proofs/inclusion').query({ position, size }).expect(200),
    )
    const hashes = proof.hashes.map(unbase64)
    const holds = { index: position, size, root, proof: hashes }
    expect(verifyInclusion({ ...holds, leaf: leafHash(utf8(body)) })).toBe(true)
    expect(verifyInclusion({ ...holds, leaf: leafHash(utf8(`${body} `)) })).toBe(false)
  }
})

test('a proof is one file, which the checkpoint comes along with', async () => {
  const { text: checkpoint } = await stage.as('audrey').get('/v1/audit/checkpoint')
  const answer = await stage
    .as('audrey')
    .get('/v1/audit/proofs/inclusion')
    .query({ position: 1 })
    .set('accept', 'text/plain')
    .expect(200)
    .expect('content-type', 'text/plain; charset=utf-8')
  const proof = parseProof(answer.text)
  expect(proof).toMatchObject({ index: 1, checkpoint })
  expect(verifyNote(proof.note, [log.key])).toHaveLength(1)
  const { body: page } = await read(
    EntryPage,
    stage.as('audrey').get('/v1/audit/entries').query({ limit: 2 }).expect(200),
  )
  expect(leadsToRoot(proof, leafHash(utf8(page.items[1]!.body)))).toBe(true)
  expect(leadsToRoot(proof, leafHash(utf8(page.items[0]!.body)))).toBe(false)
})

test('the log of today is proven to begin with the log of before', async () => {
  const before = parseCheckpoint(parseNote(await text()).text)
  await stage.alert(slowApi({ fingerprint: 'aaaa' })).expect(202)
  await log.sequenceAll(stage.database.url('fb_sequencer'))
  const now = parseCheckpoint(parseNote(await text()).text)
  expect(now.size).toBeGreaterThan(before.size)
  const { body } = await read(
    ConsistencyProof,
    stage.as('audrey').get('/v1/audit/proofs/consistency').query({ from: before.size }).expect(200),
  )
  expect(body.to).toBe(now.size)
  const grown = { size1: before.size, size2: now.size, root1: before.root, root2: now.root }
  expect(verifyConsistency({ ...grown, proof: body.hashes.map(unbase64) })).toBe(true)
  for (const query of [{ from: now.size + 1 }, { from: 2, to: 1 }, { from: 1, to: now.size + 1 }])
    await stage.as('audrey').get('/v1/audit/proofs/consistency').query(query).expect(422)
  await stage.as('audrey').get('/v1/audit/proofs/consistency').query({ from: 0 }).expect(400)
})

test('the tiles are there for tools that are not ours, entries too', async () => {
  const tile = async (path: string) => (await stage.as('audrey').get(`/v1/audit/tiles/${path}`).buffer().parse(bytes).expect(200)).body as Buffer // prettier-ignore
  const { size, root } = parseCheckpoint(parseNote((await tile('checkpoint')).toString()).text)
  const bodies = decodeEntryBundle(await tile(entriesPath({ index: 0, width: size })))
  const range = new CompactRange()
  for (const body of bodies) range.append(leafHash(body))
  expect([range.size, hex(range.root())]).toEqual([size, hex(root)])
  const hashes = await tile(tilePath({ level: 0, index: 0, width: size }))
  expect(hashes).toEqual(Buffer.concat(bodies.map(leafHash)))
  for (const path of [
    'tile/0/000',
    `tile/0/000.p/${size + 1}`,
    'tile/1/000.p/1',
    'tile/0/0',
    'tile/entries/001.p/1',
    '..%2Fentries',
    '',
  ])
    await stage.as('audrey').get(`/v1/audit/tiles/${path}`).expect(404)
  await stage.nobody.get('/v1/audit/tiles/checkpoint').expect(401)
})

test.each([{ position: 100_000 }, { position: 0, size: 100_000 }])(
  'a proof outside of the log is refused: %o',
  async (query) => {
    const { body } = await read(problem, stage.as('audrey').get('/v1/audit/proofs/inclusion').query(query).expect(422))
    expect(body.code).toBe('out-of-range')
  },
)

test('an export is asked for, made by the worker, and downloaded as an attachment; each is an entry', async () => {
  const { body: asked, headers } = await read(
    ExportView,
    stage.as('audrey').post('/v1/audit/exports').send({ reason: 'the yearly audit' }).expect(202),
  )
  expect(asked).toMatchObject({
    state: 'queued',
    asked_by: { id: 'audrey' },
    reason: 'the yearly audit',
    may: { download: { ok: false, code: 'in-progress' } },
  })
  expect(headers['location']).toBe(`/v1/audit/exports/${asked.id}`)
  await stage.as('audrey').get(`/v1/audit/exports/${asked.id}/download`).expect(409)

  const bundle = Buffer.from('pretend that this is a tar')
  await made(asked.id, bundle)
  const { body: ready } = await read(ExportView, stage.as('audrey').get(`/v1/audit/exports/${asked.id}`).expect(200))
  expect(ready).toMatchObject({ state: 'ready', size: bundle.length, may: { download: { ok: true } } })

  const download = await stage
    .as('audrey')
    .get(`/v1/audit/exports/${asked.id}/download`)
    .buffer()
    .parse(bytes)
    .expect(200)
  expect(download.body).toEqual(bundle)
  expect(download.headers).toMatchObject({
    'content-type': 'application/x-tar',
    'content-disposition': `attachment; filename="${asked.id}.tar"`,
    'content-length': String(bundle.length),
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  })
  const entries = await stage.query<{ type: string }>(
    'select type from audit.entry where stream_id = $1 order by stream_seq',
    [`export:${asked.id}`],
  )
  expect(entries.map(({ type }) => type)).toEqual([
    'export.requested',
    'export.running',
    'export.ready',
    'export.downloaded',
  ])
})

test('a bundle that is gone or was changed is not handed out', async () => {
  const { body } = await read(ExportView, stage.as('ada').post('/v1/audit/exports').send({}).expect(202))
  const file = await made(body.id, Buffer.from('whole'))
  await writeFile(file, 'cut')
  await stage.as('ada').get(`/v1/audit/exports/${body.id}/download`).expect(410)
})

test('a download goes on where it broke off', async () => {
  const { body } = await read(ExportView, stage.as('audrey').post('/v1/audit/exports').send({}).expect(202))
  const bundle = Buffer.from('0123456789')
  await made(body.id, bundle)
  const get = (range: string, ifRange?: string) => {
    const asked = stage.as('audrey').get(`/v1/audit/exports/${body.id}/download`).set('range', range)
    return (ifRange === undefined ? asked : asked.set('if-range', ifRange)).buffer().parse(bytes)
  }
  const part = await get('bytes=4-').expect(206)
  expect(part.body).toEqual(bundle.subarray(4))
  expect(part.headers).toMatchObject({
    'content-range': 'bytes 4-9/10',
    'content-length': '6',
    'accept-ranges': 'bytes',
    etag: `"${createHash('sha256').update(bundle).digest('hex')}"`,
  })
  expect((await get('bytes=2-3', part.headers['etag']).expect(206)).body).toEqual(bundle.subarray(2, 4))
  expect((await get('bytes=2-3', '"another"').expect(200)).body).toEqual(bundle)
  const { body: refused } = await read(problem, stage.as('audrey').get(`/v1/audit/exports/${body.id}/download`).set('range', 'bytes=10-').expect(416)) // prettier-ignore
  expect(refused.code).toBe('range-not-satisfiable')
  const [entry] = await stage.query<{ body: Buffer }>(
    `select body from audit.entry where stream_id = $1 and type = 'export.downloaded' order by stream_seq limit 1`,
    [`export:${body.id}`],
  )
  expect(JSON.parse(entry!.body.toString())).toMatchObject({ detail: { from: 4, to: 10 } })
})

test.each([
  ['csv', { actor: 'alertmanager' }, 'SELECTED', false, 'text/csv; charset=utf-8', 'csv'],
  ['ndjson', {}, 'FULL', true, 'application/x-ndjson', 'ndjson'],
  ['ocsf', { types: ['alert.fired'] }, 'SELECTED', false, 'application/x-ndjson', 'ocsf.ndjson'],
  ['report', {}, 'FULL', false, 'text/html; charset=utf-8', 'html'],
  ['tiles', {}, 'FULL', true, 'application/x-tar', 'tiles.tar'],
] as const)(
  'asked for as %s, it says what it will be',
  async (kind, filter, completeness, evidence, type, extension) => {
    const { body: asked } = await read(
      ExportView,
      stage.as('audrey').post('/v1/audit/exports').send({ kind, filter }).expect(202),
    )
    expect(asked).toMatchObject({ kind, filter, completeness, evidence, state: 'queued' })
    await made(asked.id, Buffer.from('x'), { kind, completeness, file: `${asked.id}.${extension}` })
    const { headers } = await stage.as('audrey').get(`/v1/audit/exports/${asked.id}/download`).expect(200)
    expect(headers).toMatchObject({
      'content-type': type,
      'content-disposition': `attachment; filename="${asked.id}.${extension}"`,
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    })
  },
)

test.each([
  [{ filter: { actor: 'nobody' } }, 422, 'empty-selection', []],
  [{ filter: { run: 'none' } }, 422, 'empty-selection', []],
  [{ kind: 'gif' }, 400, 'malformed', ['/kind']],
  [{ filter: { colour: 'red' } }, 400, 'malformed', ['/filter/colour']],
  [{ filter: { time: { from: 'yesterday' } } }, 400, 'malformed', ['/filter/time/from']],
  [{ filter: { types: ['nonsense'] } }, 400, 'malformed', ['/filter/types/0']],
  [{ filter: { positions: { from: 7, to: 3 } } }, 400, 'malformed', ['/filter/positions']],
  [{ kind: 'tiles', filter: { actor: 'ada' } }, 400, 'malformed', ['/filter']],
])('what cannot be exported is refused, and where it is wrong: %o', async (order, status, code, pointers) => {
  const { body } = await read(problem, stage.as('audrey').post('/v1/audit/exports').send(order).expect(status))
  expect(body.code).toBe(code)
  expect([...new Set((body.errors ?? []).map(({ pointer }) => pointer))]).toEqual(pointers)
})

test('nobody downloads what is not in the record', async () => {
  for (const id of ['exp_none', '..%2F..%2Fetc%2Fpasswd'])
    await stage.as('audrey').get(`/v1/audit/exports/${id}/download`).expect(404)
})

test('the runbook is read page by page, and only from its folder', async () => {
  const { body: index } = await read(RunbookIndex, stage.as('audrey').get('/v1/runbook').expect(200))
  const page = index.items.find(({ page }) => page === 'high-api-latency')
  const written = [...recipes.values()].filter(({ page }) => page === 'high-api-latency').map(({ id }) => id)
  expect(page?.recipes.toSorted()).toEqual(written.sort())
  const { body } = await read(RunbookPage, stage.as('audrey').get('/v1/runbook/high-api-latency').expect(200))
  expect(body.markdown).toContain('#')
  for (const path of ['..%2FREADME', 'nothing', '%2e%2e%2fpackage'])
    await stage.as('audrey').get(`/v1/runbook/${path}`).expect(404)
})

test('recipes come with their parameters and their record', async () => {
  const { body } = await read(RecipeView, stage.as('audrey').get('/v1/recipes/scale-api').expect(200))
  expect(body).toMatchObject({
    id: 'scale-api',
    page: 'high-api-latency',
    approval: { tier: 'T1', roles: ['sre'], people: 1 },
    params: { type: 'object', properties: { replicas: { type: 'integer' } } },
    record: { plans: 0, runs: 0, last_run_at: null },
  })
  const recordOf = async () =>
    (await read(RecipeView, stage.as('audrey').get('/v1/recipes/scale-api').expect(200))).body.record
  const wish = { recipe: 'scale-api', labels: { service: 'api' }, reason: 'to be counted' }
  const { body: asked } = await read(PlanView, stage.as('hannah').post('/v1/plans').send(wish).expect(202))
  await (await stage.worker()).planner.make(asked.id)
  expect((await recordOf()).plans, 'a count is good for a few seconds').toBe(0)
  stage.forward(5_000)
  expect((await recordOf()).plans).toBe(1)
  const { body: all } = await read(RecipePage, stage.as('audrey').get('/v1/recipes').expect(200))
  expect(all.items.map(({ id }) => id).sort()).toEqual([...recipes.keys()].sort())
})

test('targets are shown as the worker last saw them, with their age', async () => {
  const { world } = await stage.worker()
  await world.ledger.write(async (books) => {
    const at = time(world.now())
    await books.observations.add({ id: 'deployment:prod/api', value: { replicas: 2, ready: 2 }, at })
    await books.observations.add({ id: 'queue:batch', value: { failed: 3 }, at })
  })
  stage.forward(90_000)
  const { body } = await read(
    ObservationView,
    stage
      .as('hannah')
      .get(`/v1/targets/${encodeURIComponent('deployment:prod/api')}`)
      .expect(200),
  )
  expect(body).toMatchObject({ target: 'deployment:prod/api', value: { replicas: 2, ready: 2 } })
  expect(body.age_ms).toBeGreaterThanOrEqual(90_000)
  expect((await read(TargetPage, stage.as('hannah').get('/v1/targets').expect(200))).body).toMatchObject({
    items: [{ target: 'deployment:prod/api' }, { target: 'queue:batch' }],
    next: null,
  })
  const queues = await read(TargetPage, stage.as('hannah').get('/v1/targets?kind=queue').expect(200))
  expect(queues.body.items.map(({ target }) => target)).toEqual(['queue:batch'])
  // A kind is a whole word, and no pattern.
  for (const kind of ['que', 'process'])
    expect((await read(TargetPage, stage.as('hannah').get(`/v1/targets?kind=${kind}`))).body.items).toEqual([])
  await stage.as('hannah').get('/v1/targets?kind=%25').expect(400)
  const health = await read(Health, stage.nobody.get('/v1/health').expect(200))
  expect(health.body.dependencies).toContainEqual(expect.objectContaining({ name: 'worker', ok: false }))
})

/** The worker's part: the bundle in the blob store, and its row. */
async function made(
  id: string,
  bundle: Buffer,
  {
    kind = 'evidence-bundle',
    completeness = 'FULL',
    file: name = `${id}.tar`,
  }: { kind?: ExportKind; completeness?: 'FULL' | 'STREAM' | 'SELECTED'; file?: string } = {},
): Promise<string> {
  const source = await openStore(stage.database.url('fb_worker'), {
    applicationName: 'worker',
    poolSize: 1,
  }).initialize()
  const ledger = new PostgresLedger(source, { now: stage.world.now })
  const folder = join(stage.folder, 'blobs', 'exports')
  await mkdir(folder, { recursive: true })
  const file = join(folder, name)
  await writeFile(file, bundle)
  const stream = `export:${id}`
  const at = time(stage.world.now())
  const ended = {
    entries: 3,
    size: bundle.length,
    sha256: createHash('sha256').update(bundle).digest('hex'),
    checkpoint_size: 3,
  }
  const none = {
    kind,
    completeness,
    filter: {},
    position: 0,
    total: 0,
    manifest: null,
    entries: 0,
    size: 0,
    sha256: null,
    checkpoint_size: 0,
    because: null,
    started_at: at,
    ended_at: null,
  }
  await ledger.write(async (books) => {
    await books.lock({ stream: [stream] })
    await books.exports.add({ id, state: 'running', by: 'audrey', ...none })
    books.audit.append(entry(processActor('worker'), stream, 'export.running', stream))
  })
  await ledger.write(async (books) => {
    await books.lock({ stream: [stream] })
    await books.exports.change(id, { state: 'ready', ...ended, ended_at: at })
    books.audit.append(entry(processActor('worker'), stream, 'export.ready', stream))
  })
  await source.destroy()
  return file
}

function bytes(answer: Response, done: (error: Error | null, body: Buffer) => void): void {
  const stream = answer as unknown as NodeJS.ReadableStream
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('end', () => done(null, Buffer.concat(chunks)))
}
