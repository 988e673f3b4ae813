import type { FigureValue } from '@firebreak/flow'
import { aHouseOfThings, aService, FakeDirectory } from '@firebreak/kit/testing'
import { expect, test } from 'vitest'
import { aroundOf } from './around.js'
import { rankedChanges, type Effect, type Facts, type Remembered } from './changes.js'

const BEGAN = Date.UTC(2026, 10, 26, 3)
const at = (minutes: number) => new Date(BEGAN + minutes * 60_000).toISOString()
const directory = new FakeDirectory([aService()], aHouseOfThings())

const facts = (more: Partial<Facts>, service = 'api'): Facts => ({
  ...{ incident: 'inc_1', began_at: at(0), until: at(10), around: aroundOf(directory, service) },
  ...{ remembered: [], figures: [], effects: [] },
  ...more,
})
const changed = (
  target: string,
  minutes: number,
  ...what: [what: string, from: string | number, to: string | number][]
): Remembered => ({
  // prettier-ignore
  target,
  changes: [
    {
      ...{ at: at(minutes), after: at(minutes - 0.03), what: what.map(([what, from, to]) => ({ what, from, to })) },
      says: what.map((words) => `${words[0]} ${words[1]} → ${words[2]}`).join(', '),
    },
  ],
})
const image = (target: string, minutes: number) => changed(target, minutes, ['image', 'a:1', 'a:2'])
/** One point each 15 s over the hour before, and ten minutes behind it. */
const line = (
  target: string,
  name: string,
  value: (minutes: number) => number | null,
  more: Partial<FigureValue> = {},
) => ({
  // prettier-ignore
  target,
  value: {
    ...{ name, title: 'Requests', unit: '/s', threshold: null, query: 'q', step_s: 15, unavailable: null },
    points: Array.from({ length: 280 }, (_, nth): [number, number | null] => [
      BEGAN / 1_000 - 3_600 + nth * 15,
      value(nth / 4 - 60),
    ]),
    ...more,
  },
})
const ran = (more: Partial<Effect> = {}): Effect => ({
  ...{ run: 'run_1', recipe: 'scale-api', incident: 'inc_0', target: 'deployment:prod/api' },
  ...{ says: 'Scale it', from: at(-5), until: at(-4), returned: false, ...more },
})
const first = (more: Partial<Facts>, service?: string) => rankedChanges(facts(more, service))[0]
const inOrder = (more: Partial<Facts>, service?: string) => rankedChanges(facts(more, service)).map(({ target }) => target) // prettier-ignore

test('what happened right before it began ranks ahead of what happened long before, and both of what came after', () => {
  const remembered = [2, -300, -40, -3].map((minutes) => image('deployment:prod/api', minutes))
  const ranked = rankedChanges(facts({ remembered }))
  expect(ranked.map(({ at }) => (Date.parse(at) - BEGAN) / 60_000)).toEqual([-3, -40, 2, -300])
  expect(ranked.map(({ because }) => because)).toEqual([
    'the service’s own Deployment, 3 min before it began',
    'the service’s own Deployment, 40 min before it began',
    'the service’s own Deployment, 2 min after it began',
    'the service’s own Deployment, 5 h before it began',
  ])
})

test('of what changed at the same time, the service’s own ranks ahead of what it stands on, of a neighbour, of others', () => {
  const targets = ['deployment:else/other', 'deployment:prod/checkout', 'deployment:prod/model', 'deployment:prod/api']
  expect(inOrder({ remembered: targets.map((target) => image(target, -5)) })).toEqual(targets.toReversed())
  // What is a neighbour of one is the heart of another.
  expect(inOrder({ remembered: targets.map((target) => image(target, -5)) }, 'model')[0]).toBe('deployment:prod/model')
})

test('fewer replicas are likelier the cause than more; and what an autoscaler does follows the load', () => {
  const [down, up] = [changed('deployment:prod/api', -5, ['replicas', 5, 2]), changed('deployment:prod/api', -5, ['replicas', 2, 5])] // prettier-ignore
  expect(rankedChanges(facts({ remembered: [up, down] })).map(({ says }) => says)).toEqual(['replicas 5 → 2', 'replicas 2 → 5']) // prettier-ignore
  const scaled = { ...down, autoscaler: { min: 2, max: 6, current: 2 } }
  expect(first({ remembered: [scaled] })).toMatchObject({
    because: 'the service’s own Deployment, 5 min before it began, its autoscaler follows the load',
  })
  expect(first({ remembered: [scaled] })!.weight).toBeLessThan(first({ remembered: [down] })!.weight)
  // It was somebody else, where the autoscaler came afterwards.
  const came = { ...scaled, changes: [...changed('deployment:prod/api', -2, ['autoscaler', 'none', 'prod/api']).changes, ...scaled.changes] } // prettier-ignore
  expect(first({ remembered: [came] })).toMatchObject({ says: 'replicas 5 → 2', weight: first({ remembered: [down] })!.weight }) // prettier-ignore
})

test('an autoscaler at its maximum is told with how long; at the first look already, at least so long', () => {
  const one = { target: 'deployment:prod/api', changes: [], autoscaler: { min: 2, max: 4, current: 4 } }
  expect(first({ remembered: [{ ...one, at_maximum_since: at(-6), watched_since: at(-600) }], until: at(0) })).toEqual({
    ...{ kind: 'at-maximum', target: 'deployment:prod/api', at: at(-6), after: null, weight: 0.98, run: null },
    says: 'Its autoscaler stands at its maximum, 4 of 4, for 6 min',
    because: 'the service’s own Deployment, and it can get no more pods',
  })
  expect(first({ remembered: [{ ...one, at_maximum_since: at(-6), watched_since: at(-6) }] })!.says).toMatch(/for at least 16 min$/) // prettier-ignore
  expect(first({ remembered: [{ ...one, at_maximum_since: null }] })).toBeUndefined()
})

test('traffic that rose is told with its levels, its share and its time; what only wavers is not', () => {
  const rises = line('service:api', 'requests_per_second', (minutes) =>
    minutes < -9 ? 200 + (minutes % 2) + 0.5 : 320,
  )
  expect(first({ figures: [rises] })).toEqual({
    ...{ kind: 'traffic', target: 'service:api', at: at(-9), after: at(-9.25), run: null, weight: 0.61 },
    says: 'Requests rose from 200 to 320 a second (+60 %)',
    because: 'the service itself, 9 min before it began',
  })
  const wavers = line('service:api', 'requests_per_second', (minutes) => 200 + 60 * Math.sin(minutes * 40))
  expect(first({ figures: [wavers] })).toBeUndefined()
})

test('a level that came after the alert did is hardly its cause, and a gap is no fall', () => {
  const late = line('service:api', 'requests_per_second', (minutes) => (minutes < 1.5 ? 200 : 320))
  expect(first({ figures: [late] })!.weight).toBeLessThan(0.2)
  const gone = line('service:api', 'requests_per_second', (minutes) => (minutes < -9 ? 200 : null))
  expect(first({ figures: [gone] })).toBeUndefined()
  // Between two points nobody knows: the alert fired in the middle of them.
  const between = line('service:api', 'requests_per_second', (minutes) => (minutes <= 0 ? 200 : 320))
  expect(first({ figures: [between] })).toMatchObject({ because: 'the service itself, as it began' })
})

test('what the alert goes by is no cause of it, but that of a thing nearby may be', () => {
  const rises = (target: string) => line(target, 'x', (minutes) => (minutes < -9 ? 1 : 30), { threshold: 10, title: 'Wrong answers', unit: '%' }) // prettier-ignore
  expect(first({ figures: [rises('service:api')] })).toBeUndefined()
  expect(first({ figures: [rises('model:invoice-classifier')] })).toMatchObject({
    says: 'Wrong answers rose from 1 to 30 %',
    because: 'a model that api loads, 9 min before it began',
  })
  expect(first({ figures: [rises('model:invoice-classifier')] }, 'model')).toBeUndefined()
})

test('pods that are gone rank high', () => {
  const pods = line('deployment:prod/api', 'ready', (minutes) => (minutes < -3 ? 4 : 2), { title: 'Ready pods', unit: 'pods' }) // prettier-ignore
  expect(
    first({ figures: [pods], remembered: [changed('deployment:prod/checkout', -3, ['max', 6, 4])] }),
  ).toMatchObject({ says: 'Ready pods fell from 4 to 2' })
})

test('pods that went because fewer were asked for are told once', () => {
  const figures = [line('deployment:prod/api', 'ready', (minutes) => (minutes < -3 ? 4 : 2), { title: 'Ready pods', unit: 'pods' })] // prettier-ignore
  const remembered = [changed('deployment:prod/api', -3.5, ['replicas', 4, 2])]
  expect(rankedChanges(facts({ figures, remembered })).map(({ says }) => says)).toEqual(['replicas 4 → 2'])
})

test('a run of ours that did it is named with it, once', () => {
  const remembered = [changed('deployment:prod/api', -4.5, ['replicas', 5, 2])]
  const effects = [ran({ returned: true }), ran({ run: 'run_2', target: 'model:other', says: 'Point it at 3' })]
  const ranked = rankedChanges(facts({ remembered, effects }))
  expect(ranked.map(({ kind, says, run }) => [kind, says, run])).toEqual([
    ['replicas', 'replicas 5 → 2, given back by a run of scale-api', 'run_1'],
    ['run', 'Point it at 3, by a run of scale-api', 'run_2'],
  ])
})

test('what was done for this incident ranks low, and is named as that', () => {
  const own = ran({ incident: 'inc_1', from: at(3), until: at(4) })
  const remembered = [changed('deployment:prod/api', 3.5, ['replicas', 2, 5]), image('deployment:prod/checkout', -60)]
  expect(rankedChanges(facts({ remembered, effects: [own] }))).toMatchObject([
    { target: 'deployment:prod/checkout' },
    { run: 'run_1', because: 'the service’s own Deployment, 3 min after it began, done for this incident' },
  ])
  // Given back before it began again, it may well be why.
  const back = ran({ incident: 'inc_1', from: at(-2), until: at(-1), returned: true })
  expect(
    first({ remembered: [changed('deployment:prod/api', -1.5, ['replicas', 5, 2])], effects: [back] }),
  ).toMatchObject({
    // prettier-ignore
    because: 'the service’s own Deployment, 2 min before it began',
    weight: 0.85,
  })
})

test('of a service that the house does not know nothing is near, and what changed is told all the same', () => {
  const remembered = [image('deployment:prod/api', -5)]
  expect(first({ remembered, figures: [line('service:api', 'x', () => 1)] }, 'mystery')).toMatchObject({
    because: 'elsewhere in the cluster, 5 min before it began',
  })
})
