import { testLog } from '@firebreak/audit-store/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Health } from '../src/health/health.schema.js'
import { TargetPage } from '../src/runs/runs.schema.js'
import { read, Stage } from './stage.js'

let stage: Stage
beforeAll(async () => void (stage = await Stage.set()))
afterAll(() => stage.strike())

async function dependencies() {
  const { body } = await read(Health, stage.nobody.get('/v1/health').expect(200))
  return Object.fromEntries(body.dependencies.map(({ name, ...how }) => [name, how]))
}
/** As the worker does: a sign of itself, or what it saw of a target. */
const seen = (id: string, secondsAgo = 0) =>
  stage.queryAs(
    'fb_worker',
    `insert into flow.observation (id, value, at) values ($1, '{}', now() - make_interval(secs => $2))
     on conflict (id) do update set at = excluded.at`,
    [id, secondsAgo],
  )

test('what was never there is told as that', async () => {
  expect(await dependencies()).toMatchObject({
    postgres: { ok: true, age_ms: 0 },
    redis: { ok: true, age_ms: 0 },
    log: { ok: false, age_ms: null },
    sequencer: { ok: false, age_ms: null },
    notary: { ok: false, age_ms: null },
    worker: { ok: false, age_ms: null },
    observers: { ok: false, age_ms: null },
  })
})

test('a worker that sees nothing is another trouble than none', async () => {
  await seen('process:worker')
  expect(await dependencies()).toMatchObject({ worker: { ok: true }, observers: { ok: false, age_ms: null } })
  await seen('deployment:prod/api', 45)
  const { worker, observers } = await dependencies()
  expect(worker!.ok).toBe(true)
  expect(observers!.ok).toBe(false)
  expect(observers!.age_ms).toBeGreaterThanOrEqual(45_000)
  expect(observers!.says).toMatch(/^a target was last seen 4\d s ago$/)
  await seen('deployment:prod/api')
  expect((await dependencies())['observers']!.ok).toBe(true)
  // Of ourselves, and no target.
  const { body } = await read(TargetPage, stage.as('hannah').get('/v1/targets').expect(200))
  expect(body.items.map(({ target }) => target)).toEqual(['deployment:prod/api'])
  await stage.as('hannah').get('/v1/targets/process:worker').expect(404)
})

test('sequencer and notary are well by what they last did; of a notary that nobody asks nothing is known', async () => {
  await testLog().sequenceAll(stage.database.url('fb_sequencer'))
  expect(await dependencies()).toMatchObject({ log: { ok: true }, sequencer: { ok: true }, notary: { ok: true } })
  stage.forward(125_000)
  const late = await dependencies()
  expect(late).toMatchObject({ log: { ok: false }, sequencer: { ok: false }, notary: { ok: false }, worker: { ok: false } }) // prettier-ignore
  expect(late['notary']!.says).toMatch(/no sequencer asks it$/)
  expect(late['sequencer']!.age_ms).toBeGreaterThanOrEqual(125_000)
})
