import {
  Approvals,
  Interventions,
  Planner,
  Plans,
  Runner,
  noLimits,
  Scopes,
  Tenures,
  type Actor,
  type Doorbell,
  type World,
} from '@firebreak/flow'
import { FakeDoorbell, hannah, manyHouse, TestClock } from '@firebreak/flow/testing'
import type { DataSource } from 'typeorm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { v7 as uuidv7 } from 'uuid'
import { PostgresBacklog } from './postgres-backlog.js'
import { openStore, PostgresLedger } from './postgres-ledger.js'
import { freshDatabase, type TestDatabase } from './testing/database.js'

let database: TestDatabase
const sources: DataSource[] = []
const open = async (role: 'fb_api' | 'fb_worker') => {
  const source = await openStore(database.url(role), { applicationName: 'test' }).initialize()
  sources.push(source)
  return source
}

beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(async () => {
  for (const source of sources) await source.destroy()
  await database.stop()
})

test('a step over four items runs in waves on the record; the sweep finds it when its pause is over, what it lent comes back with it, and afterwards they rest', async () => {
  const clock = new TestClock()
  const { recipe, readers, hands, cluster } = manyHouse(4, { ramp: { most: 2, pause_s: 60 }, loan_minutes: 60 })
  const world = (source: DataSource): World => ({
    ledger: new PostgresLedger(source, { now: clock.now }),
    now: clock.now,
    newId: (prefix) => `${prefix}_${uuidv7()}`,
    scopes: new Scopes([], []),
    limits: { ...noLimits, cooldown_minutes: 10 },
  })
  const [api, worker] = [world(await open('fb_api')), world(await open('fb_worker'))]
  const recipes = new Map([[recipe.id, recipe]])
  const bell: Doorbell = new FakeDoorbell()
  const me: Actor = { kind: 'process', id: 'worker-1', auth: 'process', roles: [] }
  const tenures = new Tenures(worker, me.id, { seconds: 4 })
  const woken: Date[] = []
  const runner = new Runner(worker, recipes, readers, hands, tenures, clock.timers, me, {
    ...{ verifyEveryMs: 1_000, attempts: 3 },
    wake: (_, at) => woken.push(at),
  })
  await api.ledger.write(async (books) => {
    await books.lock({ stream: ['person:hannah'] })
    await books.people.add({ id: 'hannah', kind: 'person', name: 'Hannah' })
    await books.roleGrants.add({ id: 'rol_1', person_id: 'hannah', role: 'sre', since: '2026-01-01T00:00:00.000Z' })
    for (const [type, about] of [
      ['person.added', 'person:hannah'],
      ['role.granted', 'role_grant:rol_1'],
    ] as const)
      books.audit.append({ stream: 'person:hannah', type, about, actor: { ...me, roles: [] } })
  })
  const wish = { recipe: recipe.id, params: {}, labels: {}, reason: 'a test' }
  const { id } = await new Plans(api, recipes, bell).request(hannah, wish)
  const plan = (await new Planner(worker, recipes, readers, me, { planExpiresMinutes: 30 }, bell).make(id))!
  expect(plan).toMatchObject({ state: 'proposed' })
  await new Approvals(api, bell).decide(hannah, id, { digest: plan.digest!, decision: 'yes', note: '' })

  const backlog = new PostgresBacklog(sources[1]!)
  const rung = async () =>
    (await backlog.find(clock.now())).some(({ queue, id: about }) => queue === 'run' && about === id)
  expect(await runner.carryOut(id)).toBe('waiting')
  expect(woken.map((at) => at.getTime() - clock.now().getTime())).toEqual([60_000])
  expect(await rung()).toBe(false)
  clock.forward(60_000)
  expect(await rung()).toBe(true)
  expect(await runner.carryOut(id)).toBe('waiting')

  const [run] = await api.ledger.read((books) => books.runs.where({ plan_id: id }))
  const loans = () => api.ledger.read((books) => books.loans.where({ run_id: run!.id }))
  expect((await loans()).map(({ state }) => state)).toEqual(['out', 'out', 'out'])
  expect(await rung()).toBe(false)
  await new Interventions(api, bell).cancel(hannah, run!.id, { undo: true, reason: 'the wrong ones' })
  expect(await rung()).toBe(true)
  expect(await runner.carryOut(id)).toBe('undone')
  expect(cluster.effects).toHaveLength(6)
  expect((await loans()).map(({ state }) => state)).toEqual(['returned', 'returned', 'returned'])
  const [step] = await api.ledger.read((books) => books.steps.where({ run_id: run!.id }))
  const items = await api.ledger.read((books) => books.stepItems.where({ step_id: step!.id }))
  expect(step).toMatchObject({ state: 'undone', items: 4, items_done: 0, pace: { first: 1, most: 2 } })
  expect(items.map(({ state }) => state)).toEqual(['undone', 'undone', 'undone', 'skipped'])

  const next = await new Plans(api, recipes, bell).request(hannah, wish)
  const { digest } = (await new Planner(worker, recipes, readers, me, { planExpiresMinutes: 30 }, bell).make(next.id))!
  const yes = () => new Approvals(api, bell).decide(hannah, next.id, { digest: digest!, decision: 'yes', note: '' })
  await expect(yes()).rejects.toMatchObject({ code: 'cooldown', message: expect.stringContaining(run!.id) as string })
  clock.forward(10 * 60_000)
  await expect(yes()).resolves.toMatchObject({ decision: 'yes' })
})
