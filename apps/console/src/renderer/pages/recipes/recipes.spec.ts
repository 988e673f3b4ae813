import { describe, expect, test } from 'vitest'
import type { Plan, Recipe } from '../../api/view.js'
import { byPage, isWanted, parseLook, whyNobody } from './catalogue.js'
import { whyNotThis } from './form/wish.js'
import { recordSays, versionSays } from './words.js'

const recipe = (more: Partial<Recipe> = {}) =>
  ({
    ...{
      id: 'scale-api',
      title: 'Scale a service',
      page: 'high-api-latency',
      meaning: 'It is slow',
      impact: 'Users wait',
    },
    ...{ approval: { tier: 'T1', roles: ['sre'], people: 1 }, may: { plan: { ok: true } }, ...more },
  }) as Recipe

describe('what is looked for', () => {
  test.each([
    [{}, true],
    [{ q: 'SCALE slow' }, true],
    [{ q: 'users latency' }, true],
    [{ q: 'scale requeue' }, false],
    [{ tier: 'T1' }, true],
    [{ tier: 'T2' }, false],
    [{ role: 'sre', tier: 'T1' }, true],
    [{ role: 'ml' }, false],
  ] as const)('%j: %s', (look, wanted) => {
    expect(isWanted(recipe(), look)).toBe(wanted)
  })

  test('is in the address; what is no question means none', () => {
    expect(parseLook({ q: 'scale', tier: 'T2', role: 'ml' })).toEqual({ q: 'scale', tier: 'T2', role: 'ml' })
    for (const odd of [{ q: 7, tier: 't1', role: 'auditor' }, { q: '', tier: ['T1'] }, {}]) expect(parseLook(odd)).toEqual({}) // prettier-ignore
    expect(parseLook({ q: 'x'.repeat(500) }).q).toHaveLength(100)
  })

  test('stands by what it is for, then by name', () => {
    const all = [recipe({ page: 'ocr-failures', title: 'A' }), recipe({ title: 'Z' }), recipe({ title: 'B' })]
    expect(all.sort(byPage).map(({ title }) => title)).toEqual(['B', 'Z', 'A'])
  })
})

test('why somebody may ask for none is said once, and only when it is one reason', () => {
  const no = (reason: string) => recipe({ may: { plan: { ok: false, reason }, approve_in_advance: { ok: false } } })
  expect(whyNobody([no('an auditor reads'), no('an auditor reads')])).toBe('an auditor reads')
  expect(whyNobody([no('an auditor reads'), no('stopped')])).toBeUndefined()
  expect(whyNobody([no('an auditor reads'), recipe()])).toBeUndefined()
  expect(whyNobody([])).toBeUndefined()
})

describe('what came of a recipe', () => {
  const record = (runs: number, succeeded: number, needed_a_person = 0) => ({ plans: runs, runs, succeeded, needed_a_person, last_run_at: null }) // prettier-ignore
  test.each([
    [record(0, 0), 'never run'],
    [record(1, 1), '1 run, 1 verified'],
    [record(6, 5, 1), '6 runs, 5 verified, 1 needed a person'],
    [record(412, 404), '412 runs, 98 % verified'],
    // Never rounded up: not every one was.
    [record(1_000, 999), '1000 runs, 99 % verified'],
  ])('%#', (one, says) => {
    expect(recordSays(one)).toBe(says)
  })

  test('and of its version', () => {
    const counts = {
      watched: 1,
      stopped: 2,
      proposed: 3,
      refused: 1,
      runs: 2,
      succeeded: 1,
      undone: 1,
      needed_a_person: 0,
    }
    expect(versionSays(counts)).toEqual([
      'looked 1 time and would have done something',
      'said stop 2 times',
      '3 plans, 1 refused',
      '2 runs: 1 verified, 1 undone',
    ])
    expect(versionSays({ ...counts, watched: 0, stopped: 0, refused: 0, runs: 0 })).toEqual(['3 plans', 'no run'])
  })
})

describe('the plan beside the form', () => {
  const plan = (params: Record<string, unknown> | null, incident: string | null = null, trigger = {}) =>
    ({
      recipe: { id: 'scale-api' },
      incident,
      reason: '',
      body: params === null ? null : { params, trigger },
    }) as unknown as Plan
  const wish = { recipe: 'scale-api', params: { replicas: 8, jobs: ['a', 'b'] }, reason: '' }

  test('is of what the form says, whatever the order of the record', () => {
    expect(whyNotThis(plan({ jobs: ['a', 'b'], replicas: 8 }), wish)).toBeNull()
    expect(whyNotThis(plan(null), wish)).toBeNull()
  })

  test('is of the service that the form names, where no incident says it', () => {
    const params = { jobs: ['a', 'b'], replicas: 8 }
    const other = 'The form names another service now: ask for a plan again.'
    expect(whyNotThis(plan(params, null, { service: 'api' }), { ...wish, service: 'api' })).toBeNull()
    expect(whyNotThis(plan(params, null, { service: 'api' }), wish)).toBe(other)
    expect(whyNotThis(plan(params), { ...wish, service: 'api' })).toBe(other)
    expect(whyNotThis(plan(params, 'inc_1', { service: 'api' }), { ...wish, incident: 'inc_1' })).toBeNull()
  })

  test.each([
    [plan({ replicas: 9, jobs: ['a', 'b'] }), 'The form says something else now: ask for a plan again.'],
    [plan({ replicas: 8, jobs: ['b', 'a'] }), 'The form says something else now: ask for a plan again.'],
    [plan({ replicas: 8, jobs: ['a', 'b'], more: 1 }), 'The form says something else now: ask for a plan again.'],
    [plan({ replicas: 8 }), 'The form says something else now: ask for a plan again.'],
    [plan({ replicas: 8, jobs: ['a', 'b'] }, 'inc_1'), 'The form names another incident now: ask for a plan again.'],
    [{ ...plan({}), recipe: { ...plan({}).recipe, id: 'other' } }, 'It is a plan of another recipe.'],
  ])('is not when it differs: %#', (one, why) => {
    expect(whyNotThis(one, wish)).toBe(why)
  })
})
