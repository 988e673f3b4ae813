import { entry, processActor, time } from '@firebreak/flow'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AlertSweep } from '../src/alerts/alert-sweep.js'
import { restartableDatabase } from './restartable.js'
import { AlertLedger } from '../src/alerts/alerts.schema.js'
import { Health } from '../src/health/health.schema.js'
import { read, slowApi, Stage } from './stage.js'

let database: Awaited<ReturnType<typeof restartableDatabase>>
let stage: Stage
beforeAll(async () => {
  database = await restartableDatabase()
  stage = await Stage.set({ database, stream: { pollMs: 10 } })
})
afterAll(() => stage.strike())

const ledger = async () => (await read(AlertLedger, stage.as('hannah').get('/v1/alerts/ledger').expect(200))).body
const send = (n: number) => stage.alert(slowApi({ fingerprint: `f${n}`, labels: { alertname: `Alert${n}` } }))

test('with Postgres away nothing is accepted: 503, Retry-After, and why', async () => {
  await send(1).expect(202)
  await database.off()

  const refused = await send(2).expect(503)
  expect(refused.headers).toMatchObject({
    'retry-after': '2',
    'content-type': expect.stringContaining('problem+json') as string,
  })
  expect(refused.body).toMatchObject({ status: 503, code: 'not-recording' })
  await stage.as('hannah').get('/v1/incidents').expect(503)
  await stage.nobody.post('/v1/sign-in/seeded').send({ person: 'hannah' }).expect(503)
  const health = await read(Health, stage.nobody.get('/v1/health').expect(503))
  expect(health.body).toMatchObject({
    live: true,
    ready: false,
    dependencies: [{ name: 'postgres', ok: false }, { name: 'redis', ok: true }, {}, {}, {}, {}, {}],
  })
})

test('when it is back, what was accepted is there, and what was refused comes in with the next try', async () => {
  await database.on()
  await send(2).expect(202)
  expect(await ledger()).toMatchObject({
    adds_up: true,
    items: [{ deliveries: 2, received: 2, opened: 2, refused: 0, pending: 0 }],
  })
  await stage.nobody.get('/v1/health').expect(200)
})

test('who listens while Postgres is away goes on hearing when it is back, and has missed nothing', async () => {
  const answer = await fetch(`${stage.url}/v1/stream`, { headers: { authorization: `Bearer ${stage.key('hannah')}` } })
  const heard = textUntil(answer, /"type":"delivery\.processed"/)
  await database.off()
  await send(3).expect(503)
  await database.on()
  await send(3).expect(202)
  expect(await heard).toMatch(/"type":"alert\.fired".*"type":"incident\.opened".*"type":"delivery\.processed"/s)
})

test('a delivery that was stored when the process died is taken up by the sweep', async () => {
  const { ledger: record, newId, now } = stage.world
  const id = newId('dlv')
  await record.write(async (books) => {
    const stream = `delivery:${id}`
    await books.lock({ stream: [stream] })
    const none = { opened: 0, joined: 0, repeated: 0, resolved: 0, suppressed: 0, refused: 0, faults: [] }
    const body = new TextEncoder().encode(
      JSON.stringify(slowApi({ fingerprint: 'left', labels: { alertname: 'Left' } })),
    )
    await books.deliveries.add({
      id,
      source: 'alertmanager',
      by: 'alertmanager',
      received_at: time(now()),
      state: 'stored',
      body,
      received: 1,
      ...none,
    })
    books.audit.append(
      entry(processActor('api'), stream, 'delivery.stored', stream, {
        outcome: 'ok',
        detail: { source: 'alertmanager', received: 1 },
      }),
    )
  })
  await stage.app.get(AlertSweep).once()
  expect(await ledger()).toMatchObject({ adds_up: true, items: [{ deliveries: 4, opened: 4, pending: 0 }] })
})

test('with Redis away alerts are stored and answered 202; the plan waits in the record for the sweep', async () => {
  await stage.redis.stop()
  await stage.alert(slowApi()).expect(202)
  expect(await stage.query(`select state from flow.incident where class = 'high-api-latency'`)).toEqual([
    { state: 'open' },
  ])
  expect(await stage.query(`select subject from flow.request where kind = 'plan'`)).toEqual([{ subject: 'scale-api' }])
  expect(stage.said).toContainEqual(expect.stringContaining('nobody heard the bell of plan'))

  const { body } = await read(Health, stage.nobody.get('/v1/health').expect(200))
  expect(body).toMatchObject({
    ready: true,
    dependencies: [{ name: 'postgres', ok: true }, { name: 'redis', ok: false }, {}, {}, {}, {}, {}],
  })
})

test('no password and no key was said aloud', () => {
  expect(stage.said.join('\n')).not.toMatch(/test-only|fbk_|redis:\/\//)
})

/** Reads a stream until it has said something. */
async function textUntil(answer: Response, what: RegExp): Promise<string> {
  let text = ''
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    if (what.test(text)) return text
  }
  throw new Error(`the stream ended after ${text}`)
}
