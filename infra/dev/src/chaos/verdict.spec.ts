import { describe, expect, test } from 'vitest'
import { judgeChaos, type Chaos } from './verdict.js'

const args = { deployment: 'chaos/lane-1-a', uid: 'u', from: 1, to: 11 }
const there = { deployment: args.deployment, from: 1, to: 11 }
const back = { deployment: args.deployment, from: 11, to: 1 }
const line = (type: string, actor = 'worker@one:1') => ({ stream: 'run:r', type, actor })

/** One run whose loan came back, as everything should be. */
const good = (): Chaos => ({
  approved: ['p'],
  plans: [{ id: 'p', state: 'used', because: null }],
  runs: [{ id: 'r', plan_id: 'p', state: 'succeeded', ended_at: '2026-01-01T00:00:00Z', because: 'ready' }],
  steps: [{ id: 's', run_id: 'r', number: 1, state: 'done', args }],
  loans: [{ step_id: 's', state: 'returned' }],
  changes: [there, back],
  lines: ['run.started', 'step.intended', 'step.done', 'run.verifying', 'run.succeeded'].map((type) => line(type)),
})

const failing = (chaos: Chaos) =>
  judgeChaos(chaos)
    .filter(({ ok }) => !ok)
    .map(({ what, says }) => `${what}: ${says}`)

test('a run that was had once and given back once passes', () => {
  expect(failing(good())).toEqual([])
})

describe('each check fails where it must:', () => {
  const step = (state: Chaos['steps'][number]['state']) => [{ id: 's', run_id: 'r', number: 1, state, args }]
  test.each<[string, Partial<Chaos>, RegExp]>([
    ['an effect that was had again', { changes: [there, back, there] }, /^no effect was had twice: 1 keys more/],
    ['a way back that was gone twice', { changes: [there, back, back] }, /^no effect was had twice/],
    ['a way back without a loan', { loans: [] }, /^no effect was had twice.*11 → 1 1 times/],
    ['an effect of a step that failed', { steps: step('failed'), loans: [], changes: [there] }, /^no effect was had twice/],
    ['a change that no step speaks of', { changes: [there, back, { ...there, to: 12 }] }, /^no effect was had twice/],
    ['a cluster in which nothing happened', { steps: [], loans: [], changes: [] }, /^no effect was had twice/],
    ['an effect that is in the journal alone', { changes: [back] }, /^no effect is missing: 1 keys less/],
    ['a loan that never came back', { changes: [there] }, /^no effect is missing/],
    ['an approved plan without a run', { runs: [] }, /^no approved plan lost its run: 1 lost/],
    ['a run that did not end', { runs: [{ ...good().runs[0]!, state: 'running', ended_at: null }] }, /r is running/],
    ['two runs of one plan', { runs: [good().runs[0]!, { ...good().runs[0]!, id: 'q' }] }, /p has 2 runs/],
    ['a line by somebody who had lost the run', { lines: [line('run.started'), line('run.taken-over', 'worker@two:2'), line('step.done')] }, /^every run had one owner/],
    ['a line after the end by another', { lines: [...good().lines, line('step.undone', 'worker@two:2')] }, /^every run had one owner/],
  ])('%s', (_, wrong, says) => {
    const said = failing({ ...good(), ...wrong })
    expect(said).toHaveLength(1)
    expect(said[0]).toMatch(says)
  }) // prettier-ignore
})

test('what is not wrong: a plan that went stale, a run that asks and says why, an answer that another one carries out', () => {
  expect(
    failing({
      ...good(),
      approved: ['p', 'q'],
      plans: [...good().plans, { id: 'q', state: 'stale', because: 'a.replicas moved' }],
    }),
  ).toEqual([])
  expect(
    failing({
      ...good(),
      runs: [{ id: 'r', plan_id: 'p', state: 'needs-a-person', ended_at: null, because: 'nobody can tell' }],
      steps: [{ id: 's', run_id: 'r', number: 1, state: 'unknown', args }],
      loans: [],
      changes: [there],
    }),
  ).toEqual([])
  const lines = [line('run.started'), line('run.needs-a-person'), line('run.running', 'worker@two:2'), line('step.done', 'worker@two:2')] // prettier-ignore
  expect(failing({ ...good(), lines })).toEqual([])
})
