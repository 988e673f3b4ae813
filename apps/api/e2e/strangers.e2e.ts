import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem } from '../src/http/view.js'
import { read, slowApi, Stage } from './stage.js'

/** Two requests a second, twenty at once: for a person, and for all who are not signed in at one address. */
let stage: Stage
beforeAll(async () => void (stage = await Stage.set({ config: { rate: 2 } })))
afterAll(() => stage.strike())

const statuses = async (times: number, ask: () => PromiseLike<{ status: number }>) => {
  const all: number[] = []
  for (let n = 0; n < times; n += 1) all.push((await ask()).status)
  return Object.fromEntries([...new Set(all)].map((status) => [status, all.filter((one) => one === status).length]))
}

test('strangers are told to wait when they are too many; whoever is signed in, alerts and health are not', async () => {
  const guess = () => stage.nobody.get('/v1/me').set({ authorization: `Bearer fbk_${'A'.repeat(43)}` })
  const first = await statuses(60, guess)
  expect(first[401]).toBeGreaterThanOrEqual(20)
  expect(first[429]).toBeGreaterThan(0)
  const { body, headers } = await read(problem, stage.nobody.get('/v1/me').expect(429))
  expect(body).toMatchObject({ code: 'rate', detail: expect.stringContaining('not signed in') as string })
  expect(Number(headers['retry-after'])).toBeGreaterThan(0)

  await stage.as('hannah').get('/v1/me').expect(200)
  expect(await statuses(40, () => stage.nobody.get('/v1/health'))).toEqual({ 200: 40 })
  const alerts = await statuses(40, () => stage.alert(slowApi()))
  expect(alerts).toEqual({ 202: 40 })
  const nobodys = () => stage.nobody.post('/v1/alerts/alertmanager').send(slowApi())
  expect(await statuses(40, nobodys)).toEqual({ 401: 40 })

  stage.forward(60_000)
  await stage.nobody.get('/v1/me').expect(401)
})
