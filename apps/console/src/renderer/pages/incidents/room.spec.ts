import { describe, expect, test } from 'vitest'
import { readNotes } from '../../api/notes.js'
import type { Incident, Plan, Recipe, TimelineItem } from '../../api/view.js'
import { closest, helpedSays, needsForm, offersOf, shownOf, standing } from './offers.js'
import { ownersOf } from './owners.js'
import { storyOf } from './story.js'
import { neighbours } from './walk.js'
import { pathOf } from './words.js'

const plan = (id: string, recipe: string, state: Plan['state'] = 'proposed', more: Partial<Plan> = {}): Plan =>
  ({
    ...{ id, state, because: null, body: null, run: null, recipe: { id: recipe, title: recipe } },
    ...{ quorum: { given: 0, needed: 1 }, may: { approve: { ok: true } }, ...more },
  }) as Plan
const recipe = (id: string, page: Recipe['page'], tier: 'T0' | 'T1' = 'T1', title = id): Recipe =>
  ({ id, title, page, meaning: '', approval: { tier }, params: {} }) as unknown as Recipe

describe('what is on offer', () => {
  const suggested = ['divert-ocr', 'restore-ocr', 'quarantine-input']

  test('is what the house suggests, in its order, and then what people asked for, whoever asks next', () => {
    const ids = (...plans: Plan[]) => offersOf({ suggested }, plans, undefined).map(({ id }) => id)
    expect(ids()).toEqual(suggested)
    expect(ids(plan('pln_2', 'scale-api'), plan('pln_1', 'restore-ocr'))).toEqual([...suggested, 'scale-api'])
    // A number that was chosen stays that number.
    expect(ids(plan('pln_3', 'pin-model'), plan('pln_2', 'scale-api'), plan('pln_1', 'divert-ocr'))).toEqual([...suggested, 'scale-api', 'pin-model']) // prettier-ignore
  })

  test('is the newest plan of a recipe; those before it are counted', () => {
    const [first] = offersOf({ suggested: ['a'] }, [plan('pln_2', 'a'), plan('pln_1', 'a', 'stale')], undefined)
    expect(first).toMatchObject({ plan: { id: 'pln_2' }, earlier: [{ id: 'pln_1' }] })
  })

  describe('and what of it is shown', () => {
    const shown = (plans: Plan[], more: Partial<Parameters<typeof shownOf>[1]> = {}) =>
      shownOf(offersOf({ suggested: [] }, plans, undefined), {
        ...{ chosen: null, before: null, mitigating: false, ...more },
      })?.plan?.id
    const [old, young] = [plan('pln_1', 'a'), plan('pln_2', 'b')]

    test('is the newest that can be decided about', () => {
      expect(shown([young, old])).toBe('pln_2')
      expect(shown([plan('pln_2', 'b', 'stopped'), old])).toBe('pln_1')
      expect(shown([plan('pln_2', 'b', 'stopped'), plan('pln_1', 'a', 'stale')])).toBe('pln_2')
      expect(shown([])).toBeUndefined()
    })

    test('is not taken from under anybody by one that comes later', () => {
      expect(shown([young, old], { before: 'a' })).toBe('pln_1')
      const used = plan('pln_1', 'a', 'used')
      expect(shown([young, used], { before: 'a', mitigating: true })).toBe('pln_1')
      expect(shown([young, used], { before: 'a' })).toBe('pln_2')
      expect(shown([young, plan('pln_1', 'a', 'expired')], { before: 'a' })).toBe('pln_2')
    })

    test('is what somebody chose, whatever became of it', () => {
      expect(shown([young, plan('pln_1', 'a', 'stopped')], { chosen: 'a' })).toBe('pln_1')
    })
  })

  test.each([
    [null, 'not planned yet', null],
    [plan('p', 'a'), 'ready', null],
    [plan('p', 'a', 'stopped', { because: 'It is fast.' }), 'stopped', 'It is fast.'],
    [plan('p', 'a', 'stale', { because: 'It moved.' }), 'stale', 'It moved.'],
    [
      plan('p', 'a', 'proposed', {
        may: { approve: { ok: false, code: 'frozen', reason: 'frz_1 holds it.' } } as never,
      }),
      ...(['held', 'Frozen: only two of Security lift it.'] as const),
    ],
    [
      plan('p', 'a', 'proposed', {
        ...{ body: { approval: { roles: ['sre', 'ml'] } } as never, quorum: { given: 1, needed: 2 } },
        ...{ may: { approve: { ok: false, code: 'own-plan' } } as never },
      }),
      ...(['waits for SRE or ML, 1 of 2', null] as const),
    ],
  ])('says how it stands (%#)', (plan, says, why) => {
    expect(standing({ plan })).toMatchObject({ says, why, good: says === 'ready' })
  })

  test('is not ready once the incident is over, and what is carried out still is', () => {
    expect(standing({ plan: plan('p', 'a') }, true)).toMatchObject({ good: false, why: 'The incident is over.' })
    expect(standing({ plan: plan('p', 'a', 'used') }, true).says).toBe('carried out')
  })

  test('is not ready while nothing answers, and what waits for others still does', () => {
    expect(standing({ plan: plan('p', 'a') }, false, true)).toEqual({ says: 'proposed', why: null, good: false })
    const others = plan('p', 'a', 'proposed', { may: { approve: { ok: false, code: 'own-plan' } } as never })
    expect(standing({ plan: others }, false, true).says).toMatch(/^waits for/)
  })

  test('is asked for by a form where it has to be told something', () => {
    expect(needsForm({ params: { required: ['queue'] } })).toBe(true)
    expect(needsForm({ params: { properties: {} } })).toBe(false)
    expect(helpedSays({ runs: 12, succeeded: 11 } as Recipe['record'])).toBe('helped 11 of 12 times')
    expect(helpedSays({ runs: 1, succeeded: 1 } as Recipe['record'])).toBe('helped 1 of 1 time')
  })
})

test('the closest recipes are those of its class, then those that name its service; what only looks stands apart', () => {
  const recipes = [
    recipe('other', 'storage-errors', 'T1', 'Something of storage'),
    recipe('warm-churn', 'batch-failures', 'T1', 'Warm the churn model'),
    recipe('roll-back', 'model-error-rate'),
    recipe('look', 'model-error-rate', 'T0'),
    recipe('offered', 'model-error-rate'),
  ]
  const incident = { class: 'model-error-rate', service: 'churn', title: 'Errors of it' } as Incident
  const offers = offersOf({ suggested: ['offered'] }, [], recipes)
  const { repairs, looks } = closest(incident, recipes, offers)
  expect(repairs.map(({ id }) => id)).toEqual(['roll-back', 'warm-churn'])
  expect(looks.map(({ id }) => id)).toEqual(['look'])
})

test('a story leaves out what no report would tell, counts it, and keeps whatever went wrong', () => {
  const lines = [
    ...['alert.fired', 'incident.opened', 'alert.fired', 'plan.requested', 'plan.proposed', 'note.added', 'step.intended'], // prettier-ignore
    ...['step.done', 'run.verifying', 'run.succeeded', 'a.newer-type'],
  ].map((type, at) => ({ entry: String(at), type, outcome: 'ok' }) as TimelineItem)
  const wrong = { entry: 'x', type: 'step.unknown', outcome: 'unknown' } as TimelineItem
  const { items, hidden } = storyOf([...lines, wrong])
  expect(items.map(({ type }) => type)).toEqual([
    ...['alert.fired', 'incident.opened', 'plan.proposed', 'note.added', 'step.done', 'run.succeeded', 'step.unknown'],
  ])
  expect(hidden).toBe(5)
})

test('the path says what was, where it is and what is ahead; what was passed over is not said to have been', () => {
  const path = (state: Incident['state'], phase: Incident['phase'] = 'none', owner: Incident['owner'] = null) =>
    pathOf({ state, phase, owner }).map(({ is }) => is)
  const sam = { id: 'sam', name: 'Sam' }
  expect(path('open')).toEqual(['now', 'ahead', 'ahead', 'ahead'])
  expect(path('acknowledged', 'none', sam)).toEqual(['been', 'now', 'ahead', 'ahead'])
  expect(path('open', 'mitigating')).toEqual(['been', 'ahead', 'now', 'ahead'])
  expect(path('resolved', 'mitigated')).toEqual(['been', 'ahead', 'been', 'now'])
  expect(path('closed', 'none', sam)).toEqual(['been', 'been', 'ahead', 'now'])
})

test('before and behind an incident, in a list that has it', () => {
  expect(neighbours(['a', 'b', 'c'], 'b')).toEqual({ before: 'a', behind: 'c', at: 2, of: 3 })
  expect(neighbours(['a', 'b', 'c'], 'a')).toMatchObject({ before: null, behind: 'b' })
  expect(neighbours(['a'], 'x')).toBeNull()
})

test('an incident is given to who can do something: oneself first, whoever has it last', () => {
  const person = (id: string, role: string, kind: 'person' | 'service' = 'person') =>
    ({ id, name: id, kind, roles: [{ role }] }) as never
  const people = [person('ann', 'sre'), person('me', 'ml'), person('bob', 'security'), person('audrey', 'auditor'), person('bot', 'sre', 'service')] // prettier-ignore
  expect(ownersOf(people, 'me', 'ann').map(({ id }) => id)).toEqual(['me', 'bob', 'ann'])
})

describe('a note that was kept', () => {
  const sending = { key: 'k', text: 'cold', at: '2026-11-23T03:00:00.000Z' }

  test('is there again; one that was under way says that nobody knows of it', () => {
    const kept = readNotes(JSON.stringify({ draft: 'half', sending: [{ ...sending, because: null }] }))
    expect(kept).toMatchObject({
      draft: 'half',
      sending: [{ ...sending, because: expect.stringContaining('left before') as string }],
    })
    const refused = readNotes(JSON.stringify({ draft: '', sending: [{ ...sending, because: 'No.' }] }))
    expect(refused.sending[0]?.because).toBe('No.')
  })

  test.each([null, '', '{', '7', '{"draft":1}', '{"draft":"","sending":{}}'])('that is none is none: %s', (text) => {
    expect(readNotes(text)).toEqual({ draft: '', sending: [] })
  })

  test('in part is taken in part', () => {
    expect(readNotes(JSON.stringify({ draft: 'x', sending: [null, 7, { key: 1 }] }))).toEqual({
      draft: 'x',
      sending: [],
    })
  })
})
