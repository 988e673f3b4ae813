import type { Shape } from '@firebreak/client'
import { describe, expect, test } from 'vitest'
import { Desk, json, problem } from '../testing/desk.js'
import { aPlan, DIGEST } from '../testing/plans.js'

/** Shows a plan, and takes decisions about it. `then`: what it is when it is looked at again. */
function desk(plan: Partial<Shape<'Plan'>> = {}, then: Partial<Shape<'Plan'>> = plan) {
  let looks = 0
  const at: Desk = new Desk((request) =>
    request.method === 'POST'
      ? json(aPlan({ ...plan, state: 'approved', quorum: { needed: 1, given: 1 } }))
      : json(aPlan(looks++ === 0 ? plan : then)),
  )
  return at
}
const sent = async ({ asked }: Desk) =>
  Promise.all(asked.filter(({ method }) => method === 'POST').map((request) => request.clone().json()))

describe('the way back of a run', () => {
  test('is asked for as a plan of its own, and shown', async () => {
    const at = desk({ state: 'proposed', reverts: 'run_1' })
    expect(await at.run('runs', 'revert', 'run_1', '--reason', 'the wrong file', '--wait')).toBe(0)
    expect(await sent(at)).toEqual([{ reverts: 'run_1', reason: 'the wrong file' }])
    expect(at.stdout).toContain('run_1')
    expect(await at.run('runs', 'revert', 'run_1')).toBe(2)
  })

  test('where nothing comes of it, says why and ends with 1', async () => {
    const at = new Desk(() => json(aPlan({ state: 'stopped', because: 'All of it is back already.' })))
    expect(await at.run('runs', 'revert', 'run_1', '--reason', 'x', '--wait')).toBe(1)
    expect(at.stdout).toContain('All of it is back already.')
    const no = new Desk(() => problem(409, 'in-progress', 'This run is running: cancel it with its undo instead.'))
    expect(await no.run('runs', 'revert', 'run_1', '--reason', 'x')).toBe(3)
    expect(no.stderr).toContain('cancel it with its undo')
  })
})

describe('approve', () => {
  test('shows the plan, arms, asks to confirm, and sends the digest that was shown', async () => {
    const at = desk()
    at.typed = ['arm', 'yes']
    expect(await at.run('approve', 'pln_1')).toBe(0)
    expect(at.stdout).toContain('1. Scale deployment prod/api from 2 to 5')
    expect(at.stdout).toContain('replicas  2 → 5')
    expect(at.stdout).not.toContain('paused')
    expect(at.stdout).toContain('yes to pln_1; it is approved')
    expect(await sent(at)).toEqual([{ digest: DIGEST, decision: 'yes', note: '' }])
  })

  test.each([[[]], [['yes']], [['arm']], [['arm', 'no']], [['arm', '']]])(
    'sends nothing when %j is typed',
    async (typed) => {
      const at = desk()
      at.typed = typed
      expect(await at.run('approve', 'pln_1')).toBe(1)
      expect(at.stderr).toContain('nothing was sent')
      expect(await sent(at)).toEqual([])
    },
  )

  test('of what cannot be taken back wants its target typed', async () => {
    const at = desk({ to_type: 'bucket:documents' })
    at.typed = ['arm', 'yes']
    expect(await at.run('approve', 'pln_1')).toBe(1)
    at.typed = ['arm', 'bucket:documents']
    expect(await at.run('approve', 'pln_1', '--note', 'seen')).toBe(0)
    expect(at.questions.at(-1)).toContain('cannot be taken back')
    expect(await sent(at)).toEqual([{ digest: DIGEST, decision: 'yes', note: 'seen', typed: 'bucket:documents' }])
    at.typed = undefined
    expect(await at.run('approve', 'pln_1', '--yes', '--digest', DIGEST)).toBe(2)
    expect(at.stderr).toContain('--typed must be exactly bucket:documents')
    expect(await at.run('approve', 'pln_1', '--yes', '--digest', DIGEST, '--typed', 'bucket:documents')).toBe(0)
  })

  test('of a plan that changed while it was armed sends nothing', async () => {
    for (const then of [{ state: 'stale' as const }, { digest: `sha256:${'0'.repeat(64)}` }]) {
      const at = desk({}, then)
      at.typed = ['arm', 'yes']
      expect(await at.run('approve', 'pln_1')).toBe(3)
      expect(at.stderr).toContain('stale')
      expect(at.questions).toHaveLength(1)
      expect(await sent(at)).toEqual([])
    }
  })

  test.each([
    [['--yes'], 2, '--yes needs --digest'],
    [[], 2, 'this is no terminal'],
    [['--yes', '--digest', 'ab'], 2, 'first 12'],
    [['--yes', '--digest', 'sha256:000000000000'], 3, 'Read it again'],
  ])('without a terminal, %j: %i', async (argv, exit, says) => {
    const at = desk()
    expect(await at.run('approve', 'pln_1', ...argv)).toBe(exit)
    expect(at.stderr).toContain(says)
    expect(await sent(at)).toEqual([])
  })

  test('with --yes shows it all the same, to scripts on stderr', async () => {
    const at = desk()
    expect(await at.run('approve', 'pln_1', '--yes', '--digest', DIGEST.slice(0, 19), '--json')).toBe(0)
    expect(at.stderr).toContain('Scale deployment prod/api from 2 to 5')
    expect(JSON.parse(at.stdout)).toMatchObject({ id: 'pln_1', state: 'approved' })
    expect(await sent(at)).toEqual([{ digest: DIGEST, decision: 'yes', note: '' }])
  })

  test('who may not is told why, before anything is sent', async () => {
    const may = { ok: false, code: 'own-plan', reason: 'You asked for it yourself.', who: ['sam'] }
    const at = desk({ may: { ...aPlan().may, approve: may } })
    expect(await at.run('approve', 'pln_1', '--yes', '--digest', DIGEST)).toBe(3)
    expect(at.stderr).toBe('firebreak: own-plan: You asked for it yourself.\n')
    expect(await sent(at)).toEqual([])
  })

  test('there is nothing to approve where the recipe said stop', async () => {
    const at = desk({ digest: null, body: null, state: 'stopped', because: 'It is fast again.' })
    expect(await at.run('approve', 'pln_1', '--yes', '--digest', DIGEST)).toBe(3)
    expect(at.stderr).toContain('It is fast again.')
  })
})

test('who may not refuse is told why, before anything is sent', async () => {
  const may = { ok: false, code: 'not-your-role', reason: 'It is for sre.' }
  const at = desk({ may: { ...aPlan().may, refuse: may } })
  expect(await at.run('refuse', 'pln_1', '--note', 'no')).toBe(3)
  expect(at.stderr).toContain('not-your-role: It is for sre.')
  expect(await sent(at)).toEqual([])
})

test('refuse needs a note, and says no to what it read', async () => {
  const at = desk()
  expect(await at.run('refuse', 'pln_1')).toBe(2)
  expect(await at.run('refuse', 'pln_1', '--note', 'not now')).toBe(0)
  expect(await sent(at)).toEqual([{ digest: DIGEST, decision: 'no', note: 'not now' }])
})

describe('breaking the glass', () => {
  const pass = {
    ...{ id: 'bgl_1', state: 'asked', plan: 'pln_1', digest: DIGEST, incident: null, over: 'freeze', freeze: 'frz_1' },
    ...{ minutes: 60, reason: 'People wait.', by: { id: 'hannah', name: 'Hannah' }, at: '2026-11-23T03:00:00.000Z' },
    ...{ open_until: '2026-11-23T04:00:00.000Z', decision: null, expires_at: null, use: null, review: null },
    ...{ to_type: null, may: { decide: { ok: true }, review: { ok: true } } },
  }
  const at = () =>
    new Desk(({ method, url }) => json(url.includes('/plans/') ? aPlan() : method === 'GET' ? pass : { ...pass, state: 'granted' })) // prettier-ignore

  test('is asked for with the digest of the plan that was read, over one thing', async () => {
    const desk = at()
    const ask = ['break-glass', 'ask', 'pln_1', '--reason', 'x']
    expect(await desk.run(...ask, '--freeze', 'frz_1', '--minutes', '5', '--digest', DIGEST.slice(0, 30))).toBe(0)
    expect(await desk.run(...ask, '--approval', '--digest', DIGEST)).toBe(0)
    expect(await sent(desk)).toEqual([
      { plan: 'pln_1', digest: DIGEST, over: { freeze: 'frz_1' }, minutes: 5, reason: 'x' },
      { plan: 'pln_1', digest: DIGEST, over: 'approval', minutes: 60, reason: 'x' },
    ])
    for (const over of [[], ['--approval', '--freeze', 'frz_1']]) expect(await desk.run(...ask, ...over, '--digest', DIGEST)).toBe(2) // prettier-ignore
    expect(await desk.run(...ask, '--approval', '--digest', `sha256:${'0'.repeat(64)}`)).toBe(3)
    expect(await sent(desk)).toHaveLength(2)
  })

  test('is granted as a plan is approved: shown with its plan, armed, confirmed', async () => {
    const desk = at()
    desk.typed = ['arm', 'no']
    expect(await desk.run('break-glass', 'grant', 'bgl_1')).toBe(1)
    desk.typed = ['arm', 'yes']
    expect(await desk.run('break-glass', 'grant', 'bgl_1')).toBe(0)
    expect(desk.stdout).toContain('1. Scale deployment prod/api from 2 to 5')
    expect(desk.stdout).toContain('People wait.')
    desk.typed = undefined
    expect(await desk.run('break-glass', 'grant', 'bgl_1')).toBe(2)
    expect(await desk.run('break-glass', 'refuse', 'bgl_1', '--note', 'no')).toBe(0)
    expect(await desk.run('break-glass', 'review', 'bgl_1', '--verdict', 'justified', '--note', 'right')).toBe(0)
    expect(await sent(desk)).toEqual([
      { digest: DIGEST, decision: 'yes', note: '' },
      { digest: DIGEST, decision: 'no', note: 'no' },
      { verdict: 'justified', note: 'right' },
    ])
  })
})

test('a parameter goes as the recipe’s schema wants it', async () => {
  const recipe = {
    id: 'scale-api',
    params: { properties: { replicas: { type: 'integer' }, name: { type: 'string' } } },
  }
  const at = new Desk(({ method }) => (method === 'GET' ? json(recipe) : json(aPlan(), 202)))
  expect(
    await at.run('plans', 'create', 'scale-api', '--param', 'replicas=5', '--param', 'name=5', '--label', 'a=b=c'),
  ).toBe(0)
  expect(await sent(at)).toEqual([
    { recipe: 'scale-api', params: { replicas: 5, name: '5' }, labels: { a: 'b=c' }, reason: '' },
  ])
  for (const [param, says] of [
    ['replicas=many', 'is integer'],
    ['size=1', 'has no parameter size. It has: replicas, name'],
    ['x', 'name=value'],
  ]) {
    expect(await at.run('plans', 'create', 'scale-api', '--param', param!)).toBe(2)
    expect(at.stderr).toContain(says)
  }
})

test('--wait of a plan that is never made ends in time, and says that nothing was taken back', async () => {
  const at = new Desk(({ url }) =>
    url.includes('recipes')
      ? json({ id: 'x', params: {} })
      : json(aPlan({ state: 'requested', digest: null, body: null })),
  )
  expect(await at.run('plans', 'create', 'x', '--wait', '--timeout', '60')).toBe(6)
  expect(at.stderr.split('\n')[0]).toBe('pln_1 is requested')
  expect(at.stderr).toContain('goes on without us')
})

test('a list goes page by page as far as was asked, one line an item', async () => {
  const at = new Desk(({ url }) => {
    const { searchParams } = new URL(url)
    const from = Number(searchParams.get('after') ?? 0)
    const many = Math.min(Number(searchParams.get('limit')), 450 - from)
    const items = Array.from({ length: many }, (_, n) => aPlan({ id: `pln_${from + n}` }))
    return json({ items, next: from + many < 450 ? String(from + many) : null })
  })
  for (const [argv, many, calls] of [
    [['--all'], 450, 3],
    [['--limit', '7'], 7, 1],
    [[], 20, 1],
  ] as const) {
    at.asked.length = 0
    expect(await at.run('plans', 'list', '--json', ...argv)).toBe(0)
    const ids = at.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id)
    expect(ids).toEqual(Array.from({ length: many }, (_, n) => `pln_${n}`))
    expect(at.asked).toHaveLength(calls)
  }
  expect(await new Desk(() => problem(400, 'malformed', 'x')).run('plans', 'list', '--limit', 'no')).toBe(2)
})

test('a plan that only looks is shown as one that nobody has to approve', async () => {
  const { body } = aPlan()
  const looks = { ...body!, approval: { ...body!.approval, tier: 'T0' as const, people: 0 } }
  const at = desk({ body: looks, quorum: { needed: 0, given: 0 } })
  expect(await at.run('plans', 'show', 'pln_1')).toBe(0)
  expect(at.stdout).toContain('T0: nobody has to')
  expect(at.stdout).not.toMatch(/^approve/m)
})
