import { describe, expect, test } from 'vitest'
import type { Plan } from '../../api/view.js'
import { checksOf } from './checks.js'
import { endSays, isOpen, onOthers, trayOf, waitsOnMe } from './inbox.js'
import {
  armedSentence,
  either,
  environmentOf,
  gist,
  grantersOf,
  guardSays,
  overs,
  paceSays,
  passSays,
  placeOf,
  quorumSays,
  shortDigest,
  whyNotMinutes,
} from './words.js'

type Body = NonNullable<Plan['body']>
type Step = Body['steps'][number]

const step = (says: string, more: Partial<Step> = {}): Step => ({
  ...{ verb: 'scale-deployment', args: {}, says, targets: ['deployment:prod/api'], before: {}, after: {} },
  ...{ reversible: 'yes', undo: { says: 'back' }, loan_minutes: null },
  ...more,
})
const no = (code: string, reason = 'not now') => ({ ok: false, code, reason })

/** A T2 plan of sam's that waits, and that whoever looks at it may decide. */
function plan({
  id = 'pln_1',
  body,
  may,
  ...more
}: Partial<Omit<Plan, 'body' | 'may'>> & { body?: Partial<Body>; may?: Partial<Plan['may']> } = {}): Plan {
  // prettier-ignore
  const at = '2026-11-26T10:00:00.000Z'
  const until = '2026-11-26T10:30:00.000Z'
  return {
    ...{
      id,
      state: 'proposed',
      incident: null,
      requested_by: { id: 'sam', name: 'Sam' },
      requested_at: at,
      reason: '',
    },
    recipe: { id: 'scale-api', title: 'Scale', version: 1, meaning: '', impact: '' },
    ...{ digest: 'sha256:00', because: null, expires_at: until, approvals: [], quorum: { needed: 1, given: 0 } },
    ...{ to_type: null, run: null, reverts: null },
    body: {
      ...{ v: 1, id, recipe: { id: 'scale-api', version: 1, digest: '' }, params: {}, trigger: {}, incident: null },
      ...{ requested_by: 'sam', reason: '', reads: [], facts: {}, guards: [{ fact: 'a', same: true }] },
      ...{ steps: [step('Scale api from 2 to 5')], blast_radius: { targets: 1, steps: 1 } },
      ...{ verify: { within_s: 60, says: 'ok' }, made_at: at, expires_at: until },
      approval: { tier: 'T2', roles: ['sre', 'security'], people: 1 },
      ...body,
    },
    may: { approve: { ok: true }, refuse: { ok: true }, cancel: { ok: true }, break_glass: { ok: false }, ...may },
    ...more,
  }
}

describe('how far the approvals are', () => {
  test.each([
    [{ needed: 1, given: 0 }, 'proposed', '0 of 1 — needs one from SRE or Security'],
    [{ needed: 2, given: 1 }, 'proposed', '1 of 2 — needs one more from SRE or Security'],
    [{ needed: 3, given: 1 }, 'proposed', '1 of 3 — needs two more from SRE or Security'],
    [{ needed: 1, given: 1 }, 'proposed', '1 of 1 — has what it needs'],
    [{ needed: 2, given: 1 }, 'refused', '1 of 2'],
    [{ needed: 0, given: 0 }, 'proposed', 'needs nobody: it only reads'],
  ] as const)('%j, %s', (quorum, state, says) => {
    expect(quorumSays(plan({ quorum, state }))).toBe(says)
  })

  test('a role that the console does not know is said as it is, and a list of them with an or', () => {
    expect(quorumSays(plan({ body: { approval: { tier: 'T2', roles: ['dpo'], people: 1 } } }))).toContain('from dpo')
    expect(either(['a', 'b', 'c'])).toBe('a, b or c')
    expect(either([])).toBe('nobody')
  })
})

describe('where it happens', () => {
  test('is said by the facts of the plan, which its digest covers, before its incident', () => {
    const facts = { service: { environment: 'prod' }, queue: { environment: 'staging' }, environments: 'x' }
    expect(environmentOf(plan({ body: { facts } }), { environment: 'dev' })).toBe('PROD and STAGING')
    expect(environmentOf(plan(), { environment: 'prod' })).toBe('PROD')
    expect(environmentOf(plan({ body: { facts: { service: { environment: null } } } }))).toBe('')
    expect(placeOf(plan())).toBe('an unnamed environment')
  })

  test('stands in the sentence that is confirmed', () => {
    const steps = [step('Scale a', { loan_minutes: 60 }), step('Scale b', { loan_minutes: 30 }), step('Scale c', { loan_minutes: 60 })] // prettier-ignore
    expect(armedSentence(plan({ body: { steps } }), 'PROD')).toBe(
      'Scale a; then Scale b; then Scale c, in PROD, given back after 60 and 30 min',
    )
  })
})

test('guards are sentences; one of a kind that is not known is shown as it is', () => {
  expect(guardSays({ fact: 'a', same: true })).toBe('must stay the same')
  expect(guardSays({ fact: 'a', at_least: 1, at_most: 3 })).toBe('must be at least 1 and at most 3')
  expect(guardSays({ fact: 'a', matches: 'x' })).toBe('{"fact":"a","matches":"x"}')
})

test('a step over many says how it goes through them', () => {
  const pace = { first: 1, most: 50, pause_s: 10, stop_above_percent: 5, within_s: 600 }
  expect(paceSays(pace)).toBe(
    '1 first, then more, at most 50 at a time, 10 s between; it stops when more than 5 % fail',
  )
  expect(paceSays({ ...pace, most: 1 })).toMatch(/^1 at a time, /)
})

test('a digest is short to the eye', () => {
  expect(shortDigest(`sha256:${'9c41e2'.padEnd(58, '0')}f0a1b2`)).toBe('sha256:9c41e2…f0a1b2')
})

describe('what a row says that a plan is about', () => {
  test.each([
    [plan(), 'Scale api from 2 to 5'],
    [plan({ body: { steps: [step('One'), step('Two'), step('Three')] } }), 'One, and 2 more'],
    [plan({ body: { steps: [], findings: [{ says: 'A slow database', suggests: null }] } }), 'A slow database'],
    [plan({ body: { steps: [] } }), 'It changes nothing.'],
    [{ ...plan({ state: 'requested' }), body: null }, 'The worker is looking at the systems.'],
    [{ ...plan({ state: 'stopped', because: 'An autoscaler owns it.' }), body: null }, 'An autoscaler owns it.'],
  ])('%#', (one, says) => {
    expect(gist(one)).toBe(says)
  })
})

describe('the three trays', () => {
  const mine = plan({ id: 'pln_5', may: { approve: no('own-plan'), refuse: no('own-plan') }, requested_by: { id: 'me', name: 'Me' } }) // prettier-ignore
  const soon = plan({ id: 'pln_4', expires_at: '2026-11-26T10:05:00.000Z' })
  const late = plan({ id: 'pln_6' })
  const frozen = plan({ id: 'pln_7', may: { approve: no('frozen') } })
  const others = plan({ id: 'pln_3', may: { approve: no('not-your-role'), refuse: no('not-your-role') } })
  const used = plan({ id: 'pln_2', state: 'used' })
  const stopped = plan({ id: 'pln_1', state: 'stopped' })
  const waiting = [frozen, late, mine, soon, others]
  const newest = [frozen, late, used, stopped]
  const ids = (plans: Plan[]) => plans.map(({ id }) => id)

  test('what waits on me: what ends first is first, and what must wait is still mine to decide', () => {
    expect(ids(trayOf('waiting', waiting, newest, 'me'))).toEqual(['pln_4', 'pln_6', 'pln_7'])
  })
  test('what I asked for, whatever became of it', () => {
    expect(ids(trayOf('asked', waiting, newest, 'me'))).toEqual(['pln_5'])
    expect(ids(trayOf('asked', [], [used], 'sam'))).toEqual(['pln_2'])
  })
  test('what people or time have decided; what was never put to anybody is not', () => {
    expect(ids(trayOf('decided', waiting, newest, 'me'))).toEqual(['pln_2'])
  })
  test('and what waits on others, so that an empty table is no quiet house', () => {
    expect(ids(onOthers(waiting))).toEqual(['pln_5', 'pln_3'])
  })
  test('one that I have decided, or that has ended, waits on me no more', () => {
    expect(waitsOnMe(plan({ may: { approve: no('already-decided'), refuse: no('already-decided') } }))).toBe(false)
    expect(waitsOnMe(plan({ state: 'approved' }))).toBe(false)
    expect(['requested', 'approved', 'used', 'stale'].map((state) => isOpen({ state: state as Plan['state'] }))).toEqual([true, true, false, false]) // prettier-ignore
  })
})

describe('how a plan ended', () => {
  const vote = (decision: 'yes' | 'no', name: string, note = '') => ({ id: name, by: { id: name, name }, decision, digest: '', note, at: '' }) // prettier-ignore
  test.each([
    [plan({ state: 'used', approvals: [vote('yes', 'Ana'), vote('yes', 'Bo')] }), 'approved by Ana and Bo'],
    [plan({ state: 'used' }), 'approved in advance'],
    [plan({ state: 'refused', approvals: [vote('yes', 'Ana'), vote('no', 'Bo', 'too wide')] }), 'Bo said no: too wide'],
    [plan({ state: 'refused', approvals: [vote('no', 'Bo')] }), 'Bo said no'],
    [plan({ state: 'stale', because: 'replicas moved' }), 'replicas moved'],
    [plan({ state: 'expired' }), ''],
  ])('%#', (one, says) => {
    expect(endSays(one)).toBe(says)
  })
})

describe('what stands for and against it', () => {
  const now = new Date('2026-11-26T10:10:00.000Z')
  const said = (one: Plan) => checksOf(one, now).map(({ is, says }) => `${is}: ${says}`)

  test('a plan with nothing in its way', () => {
    expect(said(plan())).toEqual([
      'good: Nothing is in its way: no freeze, no quiet window, no rest to keep',
      'good: Not expired',
      'good: Every step can be undone',
      'good: One fact is looked at again when it starts',
    ])
  })

  test('what the API has not said is not known, and never a yes', () => {
    const [first] = checksOf(plan({ may: { approve: no('not-your-role'), refuse: no('not-your-role') } }), now)
    expect(first?.is).toBe('unknown')
    const [own] = checksOf(plan({ may: { approve: no('own-plan'), refuse: no('own-plan') } }), now)
    expect(own?.is).toBe('unknown')
  })

  test.each([
    ['frozen', 'Frozen: the freeze frz_1'],
    ['quiet', 'In a quiet window: the freeze frz_1'],
    ['cooldown', 'Too soon after the last change: the freeze frz_1'],
    ['out-of-range', 'More than the house lets one plan touch: the freeze frz_1'],
  ])('%s is in its way', (code, says) => {
    expect(checksOf(plan({ may: { approve: no(code, 'the freeze frz_1') } }), now)[0]).toEqual({ is: 'bad', says })
  })

  test.each([
    ['frozen', 'Frozen: the freeze is named below'],
    ['not-your-role', 'Frozen: the freeze is named below'],
    ['halted', 'Stopped: the stop switch is on'],
  ])(
    'a freeze that stands named is pointed at, also for who may not say yes; what is before it is said (%s)',
    (code, says) => {
      const freezes = [
        { id: 'frz_1', scopes: [], reason: 'x', by: { id: 'v', name: 'V' }, at: '2026-11-26T10:00:00.000Z' },
      ]
      const one = plan({ may: { approve: no(code, 'the stop switch is on') } })
      expect(checksOf(one, now, { freezes })[0]).toEqual({ is: 'bad', says })
    },
  )

  test('what cannot be undone, was raised, or has expired', () => {
    const fixed = step('Delete', { undo: { none: 'it is gone' }, reversible: 'no' })
    expect(said(plan({ body: { steps: [fixed] } }))).toContain('bad: No step can be undone')
    expect(said(plan({ body: { steps: [fixed, step('x')] } }))).toContain('bad: 1 of 2 steps cannot be undone')
    expect(said(plan({ body: { approval: { tier: 'T2', roles: [], people: 1, raised_from: 'T1' } } }))).toContain(
      'bad: Raised from T1 to T2: it was made for an incident in a quiet window',
    )
    expect(said(plan({ expires_at: now.toISOString() }))).toContain('bad: Expired: ask for a new one')
  })

  test('a plan that nobody decides about any more has none', () => {
    expect(checksOf(plan({ state: 'used' }), now)).toEqual([])
  })
})

describe('breaking the glass', () => {
  const theo = { id: 'theo', name: 'Theo' }
  const freeze = { id: 'frz_1', scopes: ['service:api'], reason: 'x', by: theo, at: '2026-11-23T03:00:00Z' }

  test.each(['0', '61', '1.5', '-5', '1e1', '', 'an hour', '0x10'])('holds not for %j minutes', (minutes) => {
    expect(whyNotMinutes(minutes)).toBe('For 1 to 60 minutes, in whole minutes.')
  })
  test.each(['1', '30', ' 60 '])('holds for %j minutes', (minutes) => {
    expect(whyNotMinutes(minutes)).toBeNull()
  })

  test('goes over one freeze, or one yes that is missing, and that comes last', () => {
    expect(overs({ approval_missing: true, freezes: [freeze] })).toEqual([freeze, 'approval'])
    expect(overs({ approval_missing: false, freezes: [] })).toEqual([])
  })

  test('is not granted by whose yes is there already, where a yes is missing', () => {
    const [ines, sam] = [{ id: 'ines', name: 'Inês' }, { id: 'sam', name: 'Sam' }] // prettier-ignore
    const granters = { security: [ines], lead: sam }
    const yes = (by: typeof ines) => ({ id: 'apr_1', by, decision: 'yes', digest: 'd', note: '', at: '' }) as const
    expect(grantersOf({ granters }, 'approval', { approvals: [yes(ines), yes(sam)] })).toEqual({ security: [], lead: null }) // prettier-ignore
    expect(grantersOf({ granters }, freeze, { approvals: [yes(ines), yes(sam)] })).toEqual(granters)
  })

  test('says whether nobody decided in time, or nobody used it', () => {
    expect(passSays({ state: 'expired', decision: null })).toBe('not decided in time')
    const decision = { by: theo, decision: 'granted', voice: 'security', note: '', at: '' } as const
    expect(passSays({ state: 'expired', decision })).toBe('not used in time')
  })
})
