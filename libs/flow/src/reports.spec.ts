import type { Recipe } from '@firebreak/kit'
import { scaleDeployment } from '@firebreak/kit/verbs'
import { expect, test } from 'vitest'
import { hannah } from './testing/rehearse.js'
import { addReplicas, scalingHouse } from './testing/scaling-house.js'

/** Tells whoever has the incident how it went. */
const telling: Recipe = {
  ...addReplicas,
  id: 'telling',
  report: ({ replicas }, { state, because }) =>
    `It had ${JSON.stringify(replicas)} replicas, and is ${state}: ${because}`,
}

async function ran({
  helps = true,
  owner = null as string | null,
  recipe = telling,
  incident = 'inc_1' as string | null,
}) {
  const set = scalingHouse({ helps, recipes: [recipe] })
  set.house.ledger.put('incidents', {
    ...{ id: 'inc_1', state: 'open', version: 1, class: 'high-api-latency', severity: 'SEV2', owner },
    ...{ service: 'api', environment: 'prod', title: 'slow', opened_at: '2026-11-23T03:00:00.000Z', resolved_at: null },
    ...{ group_key: 'g' },
  } as never)
  const asked = { recipe: recipe.id, params: {}, reason: '', ...(incident === null ? { labels: {} } : { incident }) }
  const { id } = await set.house.plans.request(hannah, asked)
  const { planner, runner } = set.house.worker()
  const plan = (await planner.make(id))!
  await set.house.approvals.decide(hannah, id, { digest: plan.digest!, decision: 'yes', note: '' })
  const outcome = await runner.carryOut(id)
  return { plan, outcome, notes: set.house.ledger.log.filter(({ type }) => type === 'note.added') }
}

test('when its run has ended the owner of the incident is told, once, with the plan that it was', async () => {
  const { plan, outcome, notes } = await ran({ owner: 'hannah' })
  expect(outcome).toBe('succeeded')
  expect(notes).toMatchObject([
    {
      stream: 'incident:inc_1',
      about: 'incident:inc_1',
      actor: { kind: 'process' },
      recipe: { id: 'telling' },
      plan_digest: plan.digest,
      detail: {
        incident: 'inc_1',
        digest: plan.digest,
        text: 'For hannah: It had 2 replicas, and is succeeded: p95 is 120 ms.',
      },
    },
  ])
})

test('where it did not help, it is told after it was taken back; and of an incident without an owner that it has none', async () => {
  const { outcome, notes } = await ran({ helps: false })
  expect(outcome).toBe('undone')
  expect(notes.map(({ detail }) => detail?.['text'])).toEqual([
    'For whoever is on call, for nobody has taken this incident: It had 2 replicas, and is undone: ' +
      'Not verified within 60 s: p95 is 2400 ms. Everything that the run had changed was taken back.',
  ])
})

test('a run that failed in the middle is told of when it is over, and not before', async () => {
  const gone = scaleDeployment({ deployment: 'prod/gone', uid: 'u', from: 1, to: 2 })
  const recipe: Recipe = { ...telling, plan: (facts, params) => [...telling.plan(facts, params), gone] }
  const { outcome, notes } = await ran({ recipe, owner: 'hannah' })
  expect(outcome).toBe('undone')
  expect(notes.map(({ detail }) => detail?.['text'])).toEqual([
    expect.stringMatching(
      /^For hannah: It had 2 replicas, and is undone: Step 2 failed: .*prod\/gone.* was taken back\.$/s,
    ),
  ])
})

test('a report that fails keeps no run from ending, and says so', async () => {
  const report = () => {
    throw new Error('no such fact')
  }
  const { outcome, notes } = await ran({ recipe: { ...telling, report } })
  expect(outcome).toBe('succeeded')
  expect(notes[0]!.detail?.['text']).toMatch(
    /telling ended as succeeded, and its report could not be written: no such fact/,
  )
})

test('without an incident, or without something to say, nothing is noted', async () => {
  expect(await ran({ incident: null })).toMatchObject({ outcome: 'succeeded', notes: [] })
  expect(await ran({ recipe: { ...addReplicas } })).toMatchObject({ outcome: 'succeeded', notes: [] })
})
