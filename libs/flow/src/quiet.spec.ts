import { describe, expect, test } from 'vitest'
import type { Recipe } from '@firebreak/kit'
import { entry } from './audit.js'
import { QuietWindows } from './quiet.js'
import { hannah, mira, type House } from './testing/rehearse.js'
import { addReplicas, scalingHouse } from './testing/scaling-house.js'

const windows = ({ world }: House) => new QuietWindows(world)
/** The clock of a house begins at 03:07. */
const at = (clock: string) => `2026-11-23T${clock}:00.000Z`
const holidays = { scopes: ['environment:prod'], ends_at: at('05:00'), reason: 'the holidays' }

async function anIncident({ ledger }: House): Promise<string> {
  await ledger.write(async (books) => {
    await books.lock({ stream: ['incident:inc_1'] })
    await books.incidents.add({
      ...{ id: 'inc_1', state: 'open', class: 'high-api-latency', severity: 'SEV2', title: 'Slow', service: 'api' },
      ...{ environment: 'prod', group_key: 'g', owner: null, opened_at: at('03:07'), resolved_at: null, version: 1 },
    })
    books.audit.append(entry(hannah, 'incident:inc_1', 'incident.opened', 'incident:inc_1'))
  })
  return 'inc_1'
}

async function planned(house: House, incident?: string, recipe = 'add-replicas') {
  const { id } = await house.plans.request(hannah, { recipe, params: {}, incident, labels: {}, reason: '' })
  return (await house.worker().planner.make(id))!
}
const yes = (house: House, { id, digest }: { id: string; digest: string | null }, by = hannah) =>
  house.approvals.decide(by, id, { digest: digest!, decision: 'yes', note: '' })

describe('while a quiet window is open', () => {
  test('a plan that belongs to no incident takes no yes, and starts when it is over if it had one', async () => {
    const { house } = scalingHouse()
    const approved = await house.approved('add-replicas', {})
    await windows(house).declare(hannah, { ...holidays, ends_at: at('03:20') })
    await expect(yes(house, await planned(house))).rejects.toMatchObject({
      code: 'quiet',
      message: expect.stringContaining(`Quiet until ${at('03:20')}: the holidays`) as string,
    })
    expect(await house.worker().runner.carryOut(approved)).toBe('quiet')
    house.clock.forward(13 * 60_000)
    expect(await house.worker().runner.carryOut(approved)).toBe('succeeded')
  })

  test('an incident’s plan passes one tier higher: whoever asked for it does not approve it alone any more', async () => {
    const { house } = scalingHouse()
    const incident = await anIncident(house)
    await windows(house).declare(hannah, holidays)
    const plan = await planned(house, incident)
    expect(plan).toMatchObject({ tier: 'T2', quorum: 1, body: { approval: { tier: 'T2', raised_from: 'T1' } } })
    await expect(yes(house, plan)).rejects.toMatchObject({ code: 'own-plan' })
    const sam = { ...hannah, id: 'sam' }
    house.knows(sam)
    await yes(house, plan, sam)
    expect(await house.worker().runner.carryOut(plan.id)).toBe('succeeded')
  })

  test('T2 becomes two people who type what it is about, and nothing is above T3', async () => {
    const wide: Recipe = { ...addReplicas, id: 'wide', approval: { ...addReplicas.approval, tier: 'T2' } }
    const final: Recipe = { ...addReplicas, id: 'final', approval: { ...addReplicas.approval, tier: 'T3', people: 2 } }
    const { house } = scalingHouse({ recipes: [wide, final] })
    const incident = await anIncident(house)
    await windows(house).declare(hannah, holidays)
    expect(await planned(house, incident, 'wide')).toMatchObject({ tier: 'T3', quorum: 2 })
    expect(await planned(house, incident, 'final')).toMatchObject({ tier: 'T3', quorum: 2 })
  })

  test('an incident’s plan that was made before is not raised any more: it waits, and a new one goes', async () => {
    const { house } = scalingHouse()
    const plan = await planned(house, await anIncident(house))
    await windows(house).declare(hannah, holidays)
    await expect(yes(house, plan)).rejects.toMatchObject({
      code: 'quiet',
      message: expect.stringContaining('ask for a new one') as string,
    })
  })

  test('what only contains is not asked, and elsewhere it is as ever', async () => {
    const contain: Recipe = { ...addReplicas, id: 'contain', contains: true }
    const { house } = scalingHouse({ recipes: [contain, addReplicas] })
    await windows(house).declare(hannah, { ...holidays, scopes: ['queue:batch'] })
    await yes(house, await planned(house))
    await windows(house).declare(hannah, holidays)
    const plan = await planned(house, undefined, 'contain')
    await yes(house, plan)
    expect(await house.worker().runner.carryOut(plan.id)).toBe('succeeded')
  })
})

test('a window that is planned holds nothing yet, and can be cancelled once; one that is open ends by itself', async () => {
  const { house } = scalingHouse()
  const window = await windows(house).declare(hannah, { ...holidays, starts_at: at('04:00') })
  await yes(house, await planned(house))
  const cancelled = await windows(house).cancel(mira, window.id, 'not this year')
  expect(cancelled).toMatchObject({ cancelled_by: 'mira', cancelled_because: 'not this year' })
  expect(await windows(house).cancel(hannah, window.id, 'me too')).toEqual(cancelled)
  house.clock.forward(60 * 60_000)
  await yes(house, await planned(house))

  const open = await windows(house).declare(hannah, holidays)
  await expect(windows(house).cancel(hannah, open.id, 'enough')).rejects.toMatchObject({
    code: 'superseded',
    message: `It is open, and ends by itself at ${at('05:00')}.`,
  })
  await expect(windows(house).cancel(hannah, 'qwi_none', 'no')).rejects.toMatchObject({ code: 'not-found' })
})

test.each([
  ['nothing', { scopes: [] }, 'empty-selection'],
  ['what the house does not have', { scopes: ['service:apy'] }, 'out-of-scope'],
  ['a time that is over', { ends_at: at('03:00') }, 'out-of-range'],
  ['an end before its beginning', { starts_at: at('06:00') }, 'out-of-range'],
  ['more than a month', { ends_at: '2026-12-25T00:00:00.000Z' }, 'out-of-range'],
])('nobody declares one over %s', async (_, different, code) => {
  const { house } = scalingHouse()
  await expect(windows(house).declare(hannah, { ...holidays, ...different })).rejects.toMatchObject({ code })
})
