import type { Recipe } from '@firebreak/kit'
import { expect, test } from 'vitest'
import { isApproved } from './approvals.js'
import { hannah } from './testing/rehearse.js'
import { addReplicas, scalingHouse } from './testing/scaling-house.js'

/** Reads, and tells what it found. */
const lookAround: Recipe = {
  ...addReplicas,
  id: 'look-around',
  approval: { tier: 'T0', roles: ['sre'], people: 0 },
  findings: ({ replicas }) => [
    { says: `There are ${JSON.stringify(replicas)} replicas`, suggests: 'add-replicas' },
    { says: 'A pod said \u0000\u001b[31mred', suggests: null },
  ],
  plan: () => [],
  verify: { ...addReplicas.verify, holds: () => Promise.resolve({ holds: true, says: 'Nothing was changed.' }) },
}

async function looked(recipe = lookAround, incident: string | null = 'inc_1') {
  const set = scalingHouse({ recipes: [recipe] })
  set.house.ledger.put('incidents', {
    ...{ id: 'inc_1', state: 'open', version: 1, class: 'high-api-latency', severity: 'SEV2', owner: null },
    ...{ service: 'api', environment: 'prod', title: 'slow', opened_at: '2026-11-23T03:00:00.000Z', resolved_at: null },
    ...{ dedup_group: 'g', group_key: 'g' },
  } as never)
  const wish = {
    recipe: recipe.id,
    params: {},
    reason: '',
    ...(incident === null ? { labels: {} } : { incident }),
  }
  const { id } = await set.house.plans.request(hannah, wish)
  const plan = (await set.house.worker().planner.make(id))!
  const notes = set.house.ledger.log.filter(({ type }) => type === 'note.added')
  return { ...set, id, plan, notes }
}

test('what a recipe found is a note of its incident, the most important first, with the digest of the plan', async () => {
  const { plan, notes } = await looked()
  expect(notes).toHaveLength(1)
  expect(notes[0]).toMatchObject({
    stream: 'incident:inc_1',
    about: 'incident:inc_1',
    recipe: { id: 'look-around' },
    detail: {
      incident: 'inc_1',
      digest: plan.digest,
      text: 'look-around:\n1. There are 2 replicas. Recipe: add-replicas.\n2. A pod said \ufffd\ufffd[31mred.',
    },
  })
  expect(plan.body?.findings).toHaveLength(2)
})

test('it needs nobody, runs at once, changes nothing and ends', async () => {
  const { house, cluster, id } = await looked()
  expect(house.doorbell.rings.at(-1)).toEqual({ queue: 'run', id })
  await house.worker().runner.carryOut(id)
  expect(house.story).toEqual(
    expect.arrayContaining(['plan.proposed', 'note.added', 'run.started', 'run.verifying', 'run.succeeded']),
  )
  expect(house.story.filter((type) => /^(approval|step|target|loan)/.test(type))).toEqual([])
  expect(cluster.effects).toEqual([])
  await house.worker().runner.carryOut(id)
  expect(house.story.filter((type) => type === 'run.started')).toHaveLength(1)
})

test('without an incident nothing is noted, and where nothing was found that is said', async () => {
  expect((await looked(lookAround, null)).notes).toEqual([])
  const { notes } = await looked({ ...lookAround, findings: () => [] })
  expect(notes[0]?.detail).toMatchObject({ text: 'look-around:\nNothing was found.' })
})

test('a recipe that stops notes nothing', async () => {
  const { plan, notes } = await looked({ ...lookAround, stopIf: [{ when: () => true, because: 'Enough.' }] })
  expect([plan.state, notes]).toEqual(['stopped', []])
})

test('what changes something never starts without a yes, whatever its recipe says', async () => {
  const { house, cluster, plan, id } = await looked({ ...lookAround, plan: addReplicas.plan })
  expect(plan).toMatchObject({ state: 'proposed', quorum: 0 })
  expect(isApproved(plan, [], [])).toBe(false)
  expect(isApproved({ ...plan, body: null }, [], [])).toBe(false)
  expect(house.doorbell.rings.some(({ queue }) => queue === 'run')).toBe(false)
  expect(await house.worker().runner.carryOut(id)).toBe('not-approved')
  expect(cluster.effects).toEqual([])
})
