import { afterAll, beforeAll, expect, test } from 'vitest'
import { problem } from '../src/http/view.js'
import { AlertPage } from '../src/incidents/incidents.schema.js'
import { read, slowApi, Stage } from './stage.js'

let stage: Stage
beforeAll(async () => void (stage = await Stage.set()))
afterAll(() => stage.strike())

const alerts = (...numbers: number[]) =>
  stage
    .alert({
      ...slowApi(),
      alerts: numbers.flatMap((n) => slowApi({ fingerprint: `${n}`.padStart(16, '0'), labels: { pod: `api-${n}` } }).alerts), // prettier-ignore
    })
    .expect(202)
const page = async (query: string) => {
  const { body } = await read(AlertPage, stage.as('hannah').get(`/v1/alerts?limit=3${query}`).expect(200))
  return { next: body.next, seen: body.items.map(({ fingerprint }) => Number(fingerprint)) }
}

test('who turns the pages while alerts come and go sees each that was there once, newest first', async () => {
  for (const n of [1, 2, 3, 4, 5, 6, 7]) await alerts(n)
  const first = await page('')
  await alerts(8, 9)
  const second = await page(`&after=${first.next}`)
  // The row that the cursor was made from changes, and so does one that is still to come.
  await stage.alert(slowApi({ status: 'resolved', fingerprint: '4'.padStart(16, '0') })).expect(202)
  await stage.alert(slowApi({ status: 'resolved', fingerprint: '1'.padStart(16, '0') })).expect(202)
  const third = await page(`&after=${second.next}`)
  expect([first, second, third].map(({ seen }) => seen)).toEqual([[7, 6, 5], [4, 3, 2], [1]])
  expect(third.next).toBeNull()
})

test('a cursor of one’s own making is refused by its place', async () => {
  const { body } = await read(problem, stage.as('hannah').get('/v1/runs?after=run_1').expect(400))
  expect(body).toMatchObject({ code: 'malformed', errors: [{ pointer: '/after' }] })
})

test('no list answers more than 200 rows at once; of incidents, which are scrolled through, a thousand', async () => {
  await stage.as('hannah').get('/v1/incidents?limit=1001').expect(400)
  for (const route of [
    'alerts',
    'plans',
    'runs',
    'loans',
    'targets',
    'freezes',
    'audit/exports',
    'audit/successor',
    'api-keys',
  ])
    // prettier-ignore
    await stage.as('hannah').get(`/v1/${route}?limit=201`).expect(400)
})
