import type { Recipe } from '@firebreak/kit'
import { noLimits, Planner, Plans, Runner, Scopes, Tenures, type Actor, type World } from '@firebreak/flow'
import { addReplicas, FakeDoorbell, hannah, scalingHouse, TestClock } from '@firebreak/flow/testing'
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

const looks: Recipe = {
  ...addReplicas,
  id: 'look-around',
  approval: { tier: 'T0', roles: ['sre'], people: 0 },
  findings: () => [{ says: 'There are two', suggests: null }],
  plan: () => [],
  verify: { ...addReplicas.verify, holds: () => Promise.resolve({ holds: true, says: 'Nothing was changed.' }) },
}
/** Says that it needs nobody, and changes something. */
const lies: Recipe = { ...looks, id: 'lie', plan: addReplicas.plan }

test('a plan that changes nothing is found by the sweep and runs on the record without a yes; one that changes something does not', async () => {
  const clock = new TestClock()
  const { house } = scalingHouse()
  const { readers, hands } = house
  const world = (source: DataSource): World => ({
    ledger: new PostgresLedger(source, { now: clock.now }),
    now: clock.now,
    newId: (prefix) => `${prefix}_${uuidv7()}`,
    scopes: new Scopes([], []),
    limits: noLimits,
  })
  const [api, worker] = [world(await open('fb_api')), world(await open('fb_worker'))]
  const recipes = new Map([looks, lies].map((recipe) => [recipe.id, recipe]))
  const me: Actor = { kind: 'process', id: 'worker-1', auth: 'process', roles: [] }
  const bell = new FakeDoorbell()
  const tenures = new Tenures(worker, me.id, { seconds: 4 })
  const timing = { verifyEveryMs: 1_000, attempts: 3 }
  const runner = new Runner(worker, recipes, readers, hands, tenures, clock.timers, me, timing)
  const planner = new Planner(worker, recipes, readers, me, { planExpiresMinutes: 30 }, bell)
  const backlog = new PostgresBacklog(sources[1]!)
  const planned = async (recipe: string) => {
    const { id } = await new Plans(api, recipes, bell).request(hannah, { recipe, params: {}, labels: {}, reason: '' })
    expect(await planner.make(id)).toMatchObject({ state: 'proposed', quorum: 0 })
    return id
  }
  await api.ledger.write(async (books) => {
    await books.lock({ stream: ['person:hannah'] })
    await books.people.add({ id: 'hannah', kind: 'person', name: 'Hannah' })
    books.audit.append({
      stream: 'person:hannah',
      type: 'person.added',
      about: 'person:hannah',
      actor: { ...me, roles: [] },
    })
  })
  const [look, lie] = [await planned('look-around'), await planned('lie')]
  const waiting = (await backlog.find(clock.now())).filter(({ queue }) => queue === 'run').map(({ id }) => id)
  expect(waiting).toEqual([look])
  expect(await runner.carryOut(look)).toBe('succeeded')
  expect(await runner.carryOut(lie)).toBe('not-approved')
  expect(await worker.ledger.read((books) => books.runs.where({ plan_id: [look, lie] }))).toMatchObject([
    { plan_id: look, state: 'succeeded' },
  ])
})
