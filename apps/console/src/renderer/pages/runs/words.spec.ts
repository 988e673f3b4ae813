import { expect, test } from 'vitest'
import { parseRunFilter } from '../../api/runs.js'
import type { Run, RunStep } from '../../api/view.js'
import { filterSays, itemsSay, takesBack, targetsSay, took, unknownSteps, verdicts } from './words.js'

const step = (different: Partial<RunStep>) => ({ state: 'done', says: 'A', undo_says: null, ...different }) as RunStep

test('a filter in a URL is believed where it is one', () => {
  expect(parseRunFilter({ state: 'failed', recipe: 'scale-api', incident: 'inc_1', other: 1 })).toEqual({
    ...{ state: 'failed', recipe: 'scale-api', incident: 'inc_1' },
  })
  expect(parseRunFilter({ state: 'done', recipe: '', incident: ['x'] })).toEqual({})
  expect(parseRunFilter({ recipe: 'x'.repeat(101) })).toEqual({})
})

test('items are counted by state, and what the journal has no line for has not begun', () => {
  expect(itemsSay({ count: 8, states: { done: 2, failed: 1 }, named: [] })).toBe('2 done, 1 failed, 5 not begun of 8')
  expect(itemsSay({ count: 2, states: { done: 2 }, named: [] })).toBe('2 done of 2')
  expect(itemsSay({ count: 3, states: {}, named: [] })).toBe('3 not begun of 3')
})

test('what is there is asked for only where a step is unknown', () => {
  expect(verdicts(true).map(({ verdict }) => verdict.verdict)).toEqual([
    ...['in-place', 'in-place', 'not-in-place', 'look-again', 'put-right'],
  ])
  expect(verdicts(false).map(({ verdict }) => verdict.verdict)).toEqual(['look-again', 'put-right'])
  expect(unknownSteps({ steps: [step({}), step({ state: 'unknown', says: 'B' })] }).map(({ says }) => says)).toEqual([
    'B',
  ])
})

test('undo begins with the last step, names what has no undo, and leaves alone what has not begun', () => {
  const steps = [
    step({ undo_says: 'take A back' }),
    step({ says: 'B', state: 'intended' }),
    step({ says: 'C', state: 'pending', undo_says: 'take C back' }),
  ]
  expect(takesBack({ steps })).toBe('B stays: it has no undo; then take A back')
  expect(takesBack({ steps: [step({ state: 'pending' })] })).toBeNull()
})

test('a run takes as long as it goes, or went', () => {
  const started_at = '2026-11-26T03:00:00.000Z'
  const now = new Date('2026-11-26T03:01:00.000Z')
  expect(took({ started_at, ended_at: null }, now)).toBe(60_000)
  expect(took({ started_at, ended_at: '2026-11-26T03:00:07.000Z' }, now)).toBe(7_000)
})

test('a filter and targets are sentences', () => {
  expect(filterSays({ state: 'needs-a-person', recipe: 'scale-api' })).toBe(
    'is “needs a person” and is of recipe scale-api',
  )
  const run = { steps: [step({ targets: ['a', 'b'] }), step({ targets: ['a'] })] } as Pick<Run, 'steps'>
  expect(targetsSay(run)).toBe('a and 1 more')
  expect(targetsSay({ steps: [] })).toBe('–')
})
