import { commitment, decodeEntry, type Disclosure } from '@firebreak/audit-log'
import { disclosuresOf } from '@firebreak/audit-store'
import { testLog } from '@firebreak/audit-store/testing'
import { openStore } from '@firebreak/store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Refusals } from '../src/http/refusals.js'
import { LogReads } from '../src/audit/log-reads.js'
import { LogTail } from '../src/stream/log-tail.js'
import { slowApi, Stage } from './stage.js'

let stage: Stage
const log = testLog()
beforeAll(async () => {
  stage = await Stage.set()
  await stage.alert(slowApi()).expect(202)
  await log.sequenceAll(stage.database.url('fb_sequencer'))
})
afterAll(() => stage.strike())

const MINUTE = 60_000

async function entriesIn(stream: string) {
  const rows = await stage.query<{ body: Uint8Array }>(
    'select body from audit.entry where stream_id = $1 order by stream_seq',
    [stream],
  )
  return rows.map(({ body }) => decodeEntry(body))
}
const read = (person: string, query: object = {}) => stage.as(person).get('/v1/audit/entries').query(query).expect(200)

test('who reads the log is told of in it, once in five minutes, however many pages they turn', async () => {
  await read('audrey')
  await read('audrey', { limit: 3, after: 2 })
  expect(await entriesIn('reads:audrey')).toMatchObject([
    { type: 'log.read', actor: { id: 'audrey', roles: ['auditor'] }, detail: { route: '/v1/audit/entries' } },
  ])
  await read('hannah')
  expect(await entriesIn('reads:hannah')).toHaveLength(1)

  stage.forward(5 * MINUTE + 1)
  await read('audrey')
  expect(await entriesIn('reads:audrey')).toHaveLength(2)
})

test('two API processes tell it once, too', async () => {
  const source = await openStore(stage.database.url('fb_api'), {
    applicationName: 'another api',
    poolSize: 4,
  }).initialize()
  const noor = { kind: 'person' as const, id: 'noor', auth: 'session', roles: ['sre' as const] }
  try {
    // Connections that are open already: all four look at the stream before one of them writes.
    await Promise.all([1, 2, 3, 4].map(() => source.query('select pg_sleep(0.2)')))
    const processes = [1, 2, 3, 4].map(() => new LogReads(source, stage.world.now))
    await Promise.all(processes.map((one) => one.tell(noor, '/v1/audit/entries', {})))
    expect(await entriesIn('reads:noor')).toHaveLength(1)
    await processes[0]!.tell(noor, '/v1/audit/entries', { type: 'run.started' })
    expect(await entriesIn('reads:noor')).toHaveLength(2)
  } finally {
    await source.destroy()
  }
})

test('what only proves, and the list of exports, is not told', async () => {
  await stage.as('ines').get('/v1/audit/checkpoint').expect(200)
  await stage.as('ines').get('/v1/audit/proofs/inclusion').query({ position: 0 }).expect(200)
  await stage.as('ines').get('/v1/audit/exports').expect(200)
  expect(await entriesIn('reads:ines')).toEqual([])
})

test('somebody who is refused is told of once, with how often, when the five minutes are over', async () => {
  const refusals = stage.app.get(Refusals)
  for (let nth = 0; nth < 3; nth++) await stage.as('audrey').post('/v1/plans').send({ recipe: 'scale-api' }).expect(403)
  await refusals.flush()
  expect(await entriesIn('access:audrey')).toEqual([])

  stage.forward(5 * MINUTE + 1)
  await refusals.flush()
  expect(await entriesIn('access:audrey')).toMatchObject([
    {
      type: 'access.refused',
      outcome: 'refused',
      actor: { kind: 'person', id: 'audrey' },
      detail: { code: 'not-your-role', status: 403, method: 'post', route: '/v1/plans', count: 3 },
    },
  ])
})

test('people who are not signed in are one number a minute', async () => {
  const refusals = stage.app.get(Refusals)
  for (const path of ['/v1/plans', '/v1/runs', '/v1/audit/entries']) await stage.nobody.get(path).expect(401)
  stage.forward(MINUTE + 1)
  await refusals.flush()
  const [told, ...more] = await entriesIn('access:nobody')
  expect(told).toMatchObject({
    actor: { kind: 'process', id: 'api' },
    detail: { code: 'not-signed-in', status: 401, count: 3 },
  })
  expect(more).toEqual([])
})

test('neither is told on the stream, so that no screen reads because of its own reading', async () => {
  const all = await stage.app.get(LogTail).after({ era: 0, xid: '0', id: '0' }, 1_000)
  const types = new Set(all.map(({ event }) => event.type))
  expect(types).toContain('incident.opened')
  expect(types).not.toContain('log.read')
  expect(types).not.toContain('access.refused')
})

test('where somebody acted from stands beside the log, committed to in it, and nowhere else', async () => {
  const [entry] = await entriesIn('reads:audrey')
  const source = await openStore(stage.database.url('fb_worker'), { applicationName: 'e2e', poolSize: 1 }).initialize()
  let disclosed: Disclosure[]
  try {
    disclosed = await disclosuresOf(source, [entry!.entry_id])
  } finally {
    await source.destroy()
  }
  expect(disclosed).toMatchObject([{ path: '/actor/ip', value: '127.0.0.1' }])
  expect(entry!.actor.ip).toBe(commitment(disclosed[0]!))
  expect(JSON.stringify(entry)).not.toContain('127.0.0.1')
  await expect(stage.query('select value from audit.disclosure')).rejects.toThrow(/permission denied/)
  expect(stage.said.join('\n')).not.toContain('127.0.0.1')
  const { text } = await stage.as('audrey').post('/v1/plans').send({}).expect(403)
  expect(text).not.toContain('127.0.0.1')
})

test('personal values in an export are for security and auditor, to ask for and to take', async () => {
  const asked = await stage
    .as('audrey')
    .post('/v1/audit/exports')
    .send({ disclose: true, reason: 'a case' })
    .expect(202)
  const { id } = asked.body as { id: string }
  expect(await entriesIn(`export:${id}`)).toMatchObject([{ type: 'export.requested', detail: { disclosed: true } }])
  await stage.as('ines').post('/v1/audit/exports').send({ disclose: true }).expect(202)
  // Ada may export, and may not ask for, or take, what is personal.
  await stage.as('ada').post('/v1/audit/exports').send({}).expect(202)
  const refused = await stage.as('ada').post('/v1/audit/exports').send({ disclose: true }).expect(403)
  expect(refused.body).toMatchObject({ code: 'not-your-role' })
  expect((await stage.as('ada').get(`/v1/audit/exports/${id}`).expect(200)).body).toMatchObject({
    may: { download: { ok: false, code: 'not-your-role', who: ['security', 'auditor'] } },
  })
})

test('what was counted when the process stops is written down', async () => {
  await stage.as('leo').post('/v1/freezes').send({}).expect(403)
  await stage.app.get(Refusals).beforeApplicationShutdown()
  expect(await entriesIn('access:leo')).toMatchObject([{ detail: { count: 1, route: '/v1/freezes' } }])
})
