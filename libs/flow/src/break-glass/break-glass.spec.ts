import type { Recipe } from '@firebreak/kit'
import { describe, expect, test } from 'vitest'
import type { Actor } from '../actor.js'
import { Freezes } from '../freezes.js'
import { Incidents } from '../incidents.js'
import { Refused } from '../refused.js'
import type { Incident } from '../rows.js'
import { QuietWindows } from '../quiet.js'
import { hannah, mira } from '../testing/rehearse.js'
import { addReplicas, scalingHouse } from '../testing/scaling-house.js'
import { BreakGlassAlarm } from './alarm.js'
import { BreakGlasses, passableOf, type PassWish } from './break-glass.js'
import { passesOf, passState } from './pass.js'

const person = (id: string, role: 'sre' | 'security' = 'security'): Actor => ({
  ...{ kind: 'person', id, auth: 'session', roles: [role] },
})
const [theo, ines, viktor] = [person('theo'), person('ines'), person('viktor')]
const [sam, noor] = [person('sam', 'sre'), person('noor', 'sre')]
const robot: Actor = { kind: 'service', id: 'robot', auth: 'api-key', roles: ['security'] }
const worker: Actor = { kind: 'process', id: 'worker-1', auth: 'process', roles: [] }
const MINUTE = 60_000
const HOUR = 60 * MINUTE

interface Scene {
  approval?: Partial<Recipe['approval']>
  security?: readonly Actor[]
  /** By default one that Sam acknowledged himself; as `state: 'open'` one that nobody did. */
  incident?: Partial<Incident>
  helps?: boolean
  asked_by?: Actor
}

/** A plan that somebody asked for; what holds it, and who is there to break the glass. */
async function scene({
  approval,
  asked_by = hannah,
  helps = true,
  incident,
  security = [theo, ines, viktor],
}: Scene = {}) {
  const recipe = { ...addReplicas, approval: { ...addReplicas.approval, ...approval } } as Recipe
  const set = scalingHouse({ recipes: [recipe], helps })
  const { house } = set
  house.knows(sam, noor, ...security)
  if (incident)
    house.ledger.put('incidents', {
      ...{
        id: 'inc_1',
        state: 'open',
        class: 'high-api-latency',
        severity: 'SEV2',
        title: 'slow',
        service: 'api',
      },
      ...{ environment: 'prod', group_key: 'g', owner: null, opened_at: '2026-11-23T03:00:00.000Z', resolved_at: null },
      ...{ version: 1, ...incident },
    })
  const incidents = new Incidents(house.world)
  for (const { id } of [sam, noor, theo]) house.ledger.put('people', { id, kind: 'person', name: id })
  if (incident && incident.state === undefined) await incidents.acknowledge(sam, 'inc_1')
  const assign = (owner: string, by = theo) => incidents.change(by, 'inc_1', { owner }, ['sre', 'ml', 'security'])
  const wish = {
    recipe: 'add-replicas',
    params: {},
    labels: {},
    reason: '',
    ...(incident ? { incident: 'inc_1' } : {}),
  }
  const { id } = await house.plans.request(asked_by, wish)
  const plan = (await house.worker().planner.make(id))!
  const digest = plan.digest!
  const freezes = new Freezes(house.world)
  const glass = new BreakGlasses(house.world, house.doorbell)
  const freeze = (scope = 'pipeline:ingest') =>
    freezes.declare(theo, { scopes: [scope], reason: 'data leaves at night' }).then((one) => one.id)
  const approve = (by: Actor) =>
    house.approvals.decide(by, id, { digest, decision: 'yes', note: '', typed: 'deployment:prod/api' })
  const ask = (over: PassWish['over'], by = theo, more: Partial<PassWish> = {}) =>
    glass.ask(by, { plan: id, digest, over, reason: 'it is what stops the leak', ...more })
  const decide = (pass: string, by: Actor, decision: 'yes' | 'no' = 'yes', more = {}) =>
    glass.decide(by, pass, { digest, decision, note: '', ...more })
  const passed = async (over: PassWish['over'], by: Actor = ines) => {
    const pass = await ask(over)
    await decide(pass.id, by)
    return pass.id
  }
  const run = (name?: string) => house.worker(name).runner.carryOut(id)
  const state = async (pass: string) => {
    const [found] = await house.ledger.read(async (books) => passesOf(books, [(await books.breakGlass.get(pass))!]))
    return passState(found!, house.clock.now())
  }
  return { ...set, house, plan, freezes, glass, incidents, assign, freeze, approve, ask, decide, passed, run, state }
}

const codeOf = async (work: Promise<unknown>) => {
  const error: unknown = await work.catch((error: unknown) => error)
  if (error instanceof Refused) return error.code
  if (error instanceof Error) throw error
  return undefined
}

describe('over a freeze', () => {
  test('one plan passes, once, and the log says by what', async () => {
    const { approve, freeze, house, passed, run, state } = await scene()
    const frozen = await freeze()
    expect(await codeOf(approve(hannah))).toBe('frozen')
    const pass = await passed({ freeze: frozen })
    expect(await state(pass)).toBe('granted')
    await approve(hannah)
    expect(await run()).toBe('succeeded')
    expect(await state(pass)).toBe('used')

    const { log } = house.ledger
    const of = (type: string) => log.find((entry) => entry.type === type)
    expect(of('approval.given')).toMatchObject({ freeze: { decision: 'passed', pass } })
    expect(of('run.started')).toMatchObject({ detail: { break_glass: pass, over: 'freeze' } })
    expect(of('step.intended')).toMatchObject({ freeze: { decision: 'passed', pass } })
    expect(of('break-glass.used')).toMatchObject({
      stream: of('plan.requested')!.stream,
      detail: { break_glass: pass, freeze: frozen, review_by: '2026-11-24T03:07:00.000Z' },
    })
    expect(house.doorbell.rings).toContainEqual({
      queue: 'run',
      id: of('plan.requested')!.stream.slice('plan:'.length),
    })
  })

  test('a yes and a start ask once each what is in the way, and for the pass', async () => {
    const { approve, freeze, house, passed, run } = await scene()
    await passed({ freeze: await freeze() })
    const asked: string[] = []
    const write = house.ledger.write.bind(house.ledger)
    house.ledger.write = (work) =>
      write((books) =>
        work({
          ...books,
          frozen: (scopes) => (asked.push('freezes'), books.frozen(scopes)),
          breakGlass: { ...books.breakGlass, where: (match) => (asked.push('passes'), books.breakGlass.where(match)) },
        }),
      )
    await approve(hannah)
    expect(asked).toEqual(['freezes', 'passes'])
    asked.length = 0
    expect(await run()).toBe('succeeded')
    expect(asked.filter((what) => what === 'passes')).toHaveLength(1)
  })

  test('a plan that was approved before the freeze starts when it is granted', async () => {
    const { approve, freeze, passed, run } = await scene()
    await approve(hannah)
    const frozen = await freeze()
    expect(await run()).toBe('frozen')
    await passed({ freeze: frozen })
    expect(await run()).toBe('succeeded')
  })

  test('another freeze over the same target holds still, before and at the claim', async () => {
    const { approve, freeze, passed, run } = await scene()
    const frozen = await freeze()
    await passed({ freeze: frozen })
    await freeze('service:api')
    expect(await codeOf(approve(hannah))).toBe('frozen')
    expect(await run()).toBe('not-approved')
  })

  test.each<[string, (set: Awaited<ReturnType<typeof scene>>) => Promise<unknown>, string]>([
    ['the stop switch', ({ freezes }) => freezes.stop(theo, true, 'stop'), 'halted'],
    [
      'a quiet window',
      ({ house }) =>
        new QuietWindows(house.world).declare(sam, {
          scopes: ['service:api'],
          ends_at: '2026-11-23T04:00:00Z',
          reason: 'x',
        }),
      'quiet',
    ],
    [
      'a lock on its target',
      async ({ house }) =>
        house.ledger.put('targetLocks', {
          id: 'deployment:prod/api',
          run_id: 'run_x',
          since: '2026-11-23T03:00:00.000Z',
        }),
      'locked',
    ],
  ])('%s holds it as ever', async (_, hold, carried) => {
    const set = await scene()
    await set.approve(hannah)
    const pass = await set.passed({ freeze: await set.freeze() })
    await hold(set)
    expect(await set.run()).toBe(carried)
    expect(await set.state(pass)).toBe('granted')
  })

  test('a plan that only contains needs none; a yes may be missing there, too', async () => {
    const { ask, freeze, house, plan } = await scene()
    house.ledger.put('plans', { ...plan, body: { ...plan.body!, contains: true } })
    expect(await codeOf(ask({ freeze: await freeze() }))).toBe('out-of-range')
    expect(await codeOf(ask('approval'))).toBeUndefined()
  })

  test('its time over, it lets nothing pass: not to be approved, not to start, and no further step', async () => {
    const { approve, cluster, freeze, house, passed, run, state } = await scene({ helps: false })
    const pass = await passed({ freeze: await freeze() })
    await approve(hannah)
    // It does not help, and by the time it is taken back the hour is over.
    const scale = cluster.hands.scale.bind(cluster.hands)
    cluster.hands.scale = (...args) => {
      house.clock.forward(HOUR)
      return scale(...args)
    }
    expect(await run()).toBe('frozen')
    expect(cluster.at('prod/api')?.replicas).toBe(5)
    expect(house.story.filter((type) => type === 'step.denied')).toHaveLength(1)
    expect(await state(pass)).toBe('used')

    const other = await scene()
    const late = await other.passed({ freeze: await other.freeze() })
    other.house.clock.forward(29 * MINUTE)
    await other.approve(hannah)
    const row = (await other.house.ledger.read((books) => books.breakGlassDecisions.get(late)))!
    other.house.ledger.put('breakGlassDecisions', { ...row, expires_at: other.house.clock.now().toISOString() })
    expect(await other.state(late)).toBe('expired')
    expect(await other.run()).toBe('frozen')
    expect(other.cluster.effects).toEqual([])
  })

  test('while it lasts, what did not help is taken back under it', async () => {
    const { approve, cluster, freeze, house, passed, run } = await scene({ helps: false })
    const pass = await passed({ freeze: await freeze() })
    await approve(hannah)
    expect(await run()).toBe('undone')
    expect(cluster.at('prod/api')?.replicas).toBe(2)
    expect(house.ledger.log.find(({ type }) => type === 'step.undoing')).toMatchObject({
      freeze: { decision: 'passed', pass },
    })
  })

  test('a loan of its run does not come back under it: that is no part of the run', async () => {
    const { approve, freeze, house, passed, run } = await scene()
    await passed({ freeze: await freeze() })
    await approve(hannah)
    await run()
    house.clock.forward(61 * MINUTE)
    const [loan] = await house.ledger.read((books) => books.loans.where({}))
    expect(await house.worker().loans.giveBack(loan!.id)).toBe('frozen')
  })

  test('two workers that start at once use it once', async () => {
    const { approve, cluster, freeze, house, passed, run } = await scene()
    await passed({ freeze: await freeze() })
    await approve(hannah)
    const carried: string[] = await Promise.all([run('worker-1'), run('worker-2')])
    expect(carried).toContain('succeeded')
    expect(house.story.filter((type) => type === 'break-glass.used')).toHaveLength(1)
    expect(cluster.effects).toHaveLength(1)
  })
})

describe('over a missing approval', () => {
  test('it stands for one yes', async () => {
    const { house, passed, run, state } = await scene({ approval: { tier: 'T2' } })
    expect(await run()).toBe('not-approved')
    const pass = await passed('approval')
    expect(await run()).toBe('succeeded')
    expect(await state(pass)).toBe('used')
    expect(house.ledger.log.find(({ type }) => type === 'run.started')).toMatchObject({
      approvals: [],
      detail: { break_glass: pass, over: 'approval' },
    })
  })

  test('of two that cannot be taken back it is one: the other is somebody else’s than who granted it', async () => {
    const irreversible: Partial<Recipe['approval']> = { tier: 'T3', people: 2, roles: ['sre', 'security'] }
    const { approve, ask, decide, run } = await scene({ approval: irreversible })
    const { id } = await ask('approval')
    expect(await codeOf(decide(id, ines))).toBe('count-mismatch')
    await decide(id, ines, 'yes', { typed: 'deployment:prod/api' })
    expect(await run()).toBe('not-approved')
    await approve(ines)
    expect(await run()).toBe('not-approved')
    await approve(sam)
    expect(await run()).toBe('succeeded')
  })

  test('who has said yes to the plan does not grant the other yes as well', async () => {
    const irreversible: Partial<Recipe['approval']> = { tier: 'T3', people: 2, roles: ['sre', 'security'] }
    const { approve, ask, decide } = await scene({ approval: irreversible })
    await approve(ines)
    const { id } = await ask('approval')
    expect(await codeOf(decide(id, ines, 'yes', { typed: 'deployment:prod/api' }))).toBe('already-decided')
  })

  test('a freeze holds it still: one pass goes over one thing', async () => {
    const { ask, freeze, passed, run } = await scene()
    await passed('approval')
    const frozen = await freeze()
    expect(await run()).toBe('frozen')
    expect(await codeOf(ask({ freeze: frozen }))).toBe('in-progress')
  })

  test('a no is a no', async () => {
    const { house, passed, plan, run } = await scene()
    await passed('approval')
    await house.approvals.decide(sam, plan.id, { digest: plan.digest!, decision: 'no', note: '' })
    expect(await run()).toBe('not-approved')
  })

  test('where nothing is missing there is nothing to pass', async () => {
    const { approve, ask } = await scene()
    await approve(hannah)
    expect(await codeOf(ask('approval'))).toBe('out-of-range')
  })
})

describe('who', () => {
  const young: Actor & { since: string } = { ...person('kim'), since: '2026-11-22T04:00:00.000Z' }

  test.each<[Actor, string | undefined]>([
    [theo, undefined],
    [hannah, 'not-your-role'],
    [robot, 'service-cannot-approve'],
    [young, 'role-too-young'],
    // Says so, and the record does not.
    [person('oscar'), 'not-your-role'],
  ])('$id asks: %s', async (by, code) => {
    const { ask, house } = await scene()
    house.knows(young)
    expect(await codeOf(ask('approval', by))).toBe(code)
  })

  test.each<[Actor, string | undefined]>([
    [ines, undefined],
    [theo, 'own-plan'],
    [sam, 'not-your-role'],
    [robot, 'service-cannot-approve'],
    [young, 'role-too-young'],
  ])('$id decides about what theo asked for: %s', async (by, code) => {
    const { ask, decide, house } = await scene()
    house.knows(young)
    const { id } = await ask('approval')
    expect(await codeOf(decide(id, by))).toBe(code)
    expect(house.story.includes('break-glass.granted')).toBe(code === undefined)
  })

  test('asked for a T2 plan does not let it pass', async () => {
    const { ask, decide } = await scene({ asked_by: ines, approval: { tier: 'T2' } })
    expect(await codeOf(decide((await ask('approval')).id, ines))).toBe('own-plan')
  })

  test.each<[string, Scene, Actor, string | undefined]>([
    ['the lead, where Security has one besides who asked', { security: [theo, ines], incident: {} }, sam, undefined],
    ['the lead, where it has two besides', { incident: {} }, sam, 'not-your-role'],
    ['another of the role', { security: [theo, ines], incident: {} }, noor, 'not-your-role'],
    [
      'an owner who never said so',
      { security: [theo], incident: { state: 'open', owner: 'sam' } },
      sam,
      'not-your-role',
    ],
    ['somebody of a plan for no incident', { security: [theo] }, sam, 'not-your-role'],
  ])('stands in where Security is too few: %s', async (_, set, by, code) => {
    const { ask, decide, house } = await scene(set)
    const { id } = await ask('approval')
    expect(await codeOf(decide(id, by))).toBe(code)
    if (code === undefined)
      expect(house.ledger.log.at(-1)).toMatchObject({ type: 'break-glass.granted', detail: { voice: 'on-call-lead' } })
  })

  test('the lead is who acknowledged the incident, and not whom who asks gives it to', async () => {
    const { assign, ask, decide, incidents } = await scene({ security: [theo, ines], incident: {} })
    const { id } = await ask('approval')
    expect(await assign('noor')).toMatchObject({ owner: 'noor', state: 'acknowledged' })
    await expect(decide(id, noor)).rejects.toThrow('who acknowledged the incident themselves may, too: sam')
    // Once she has said herself that she has it, it is hers to grant, and no longer Sam's; said twice it is once.
    expect(await incidents.acknowledge(noor, 'inc_1')).toEqual(await incidents.acknowledge(noor, 'inc_1'))
    expect(await codeOf(decide(id, sam))).toBe('not-your-role')
    expect(await decide(id, noor)).toMatchObject({ voice: 'on-call-lead' })
  })

  test('of an incident that is closed there is no lead', async () => {
    const { ask, decide, house } = await scene({ security: [theo, ines], incident: {} })
    const { id } = await ask('approval')
    const incident = (await house.ledger.read((books) => books.incidents.get('inc_1')))!
    house.ledger.put('incidents', { ...incident, state: 'closed' })
    expect(await codeOf(decide(id, sam))).toBe('not-your-role')
  })

  test('who asks does not grant it as lead', async () => {
    const { ask, assign, decide, incidents } = await scene({ security: [theo], incident: { state: 'open' } })
    await assign('theo')
    expect(await incidents.acknowledge(theo, 'inc_1')).toMatchObject({ owner: 'theo' })
    expect(await codeOf(decide((await ask('approval')).id, theo))).toBe('own-plan')
  })

  test('of Security whose role is young is not one who could be reached', async () => {
    const { ask, decide, house } = await scene({ security: [theo, ines], incident: {} })
    house.knows(young)
    expect(await codeOf(decide((await ask('approval')).id, sam))).toBeUndefined()
  })

  test.each<[Actor, string | undefined]>([
    [viktor, undefined],
    [theo, 'own-plan'],
    [ines, 'own-plan'],
    [sam, 'not-your-role'],
    [robot, 'service-cannot-approve'],
    [young, 'role-too-young'],
  ])('$id reviews it: %s', async (by, code) => {
    const { glass, house, passed, run } = await scene()
    house.knows(young)
    const pass = await passed('approval')
    await run()
    expect(await codeOf(glass.review(by, pass, { verdict: 'justified', note: 'it was' }))).toBe(code)
  })
})

describe('before somebody asks', () => {
  const found = async ({ house, plan }: Awaited<ReturnType<typeof scene>>, by = theo) => {
    const { freezes, lead, missing, security } = await house.ledger.read((books) =>
      passableOf(books, house.world, plan.id, by.id),
    )
    return { freezes: freezes.map(({ id }) => id), missing, security: security.sort(), lead }
  }

  test('it is said what holds the plan, and who could let it pass', async () => {
    const set = await scene({ incident: {} })
    expect(await found(set)).toEqual({ freezes: [], missing: true, security: ['ines', 'viktor'], lead: null })
    const frozen = [await set.freeze(), await set.freeze('service:api')]
    await set.freezes.declare(theo, { scopes: ['queue:batch'], reason: 'another thing' })
    expect(await found(set)).toMatchObject({ freezes: frozen })
    // Who looks on meanwhile is told who could decide about what theo asked for.
    const { id } = await set.ask({ freeze: frozen[0]! })
    expect(await found(set, hannah)).toMatchObject({ freezes: frozen, security: ['ines', 'viktor'] })
    // What is granted holds it no more, while that lasts.
    await set.decide(id, ines)
    expect(await found(set)).toMatchObject({ freezes: [frozen[1]] })
    set.house.clock.forward(HOUR)
    expect(await found(set)).toMatchObject({ freezes: frozen })
  })

  test('the lead is named where Security is too few, and a plan that has its yes misses none', async () => {
    const set = await scene({ security: [theo, ines], incident: {} })
    await set.approve(hannah)
    expect(await found(set)).toEqual({ freezes: [], missing: false, security: ['ines'], lead: 'sam' })
  })

  test('who asked for a wide plan could not', async () => {
    const set = await scene({ asked_by: ines, approval: { tier: 'T2' } })
    expect(await found(set)).toMatchObject({ security: ['viktor'] })
  })
})

describe('what is asked for', () => {
  test('holds that very plan, as it was read', async () => {
    const { ask, freeze, freezes } = await scene()
    const frozen = await freeze()
    expect(await codeOf(ask({ freeze: frozen }, theo, { digest: `sha256:${'0'.repeat(64)}` }))).toBe('stale')
    expect(await codeOf(ask({ freeze: frozen }, theo, { plan: 'pln_none' }))).toBe('not-found')
    expect(await codeOf(ask({ freeze: 'frz_none' }))).toBe('not-found')
    const elsewhere = await freezes.declare(theo, { scopes: ['queue:batch'], reason: 'x' })
    expect(await codeOf(ask({ freeze: elsewhere.id }))).toBe('out-of-scope')
  })

  test.each([0, 61, 1.5])('is for 1 to 60 minutes, not %d', async (minutes) => {
    const { ask } = await scene()
    expect(await codeOf(ask('approval', theo, { minutes }))).toBe('out-of-range')
  })

  test('is one at a time, and again after a no or when its time is over', async () => {
    const { ask, decide, house, state } = await scene()
    const first = await ask('approval')
    expect(await codeOf(ask('approval', ines))).toBe('in-progress')
    await decide(first.id, viktor, 'no')
    expect(await state(first.id)).toBe('refused')
    const second = await ask('approval', ines, { minutes: 5 })
    await decide(second.id, theo)
    house.clock.forward(5 * MINUTE)
    expect(await state(second.id)).toBe('expired')
    await ask('approval', ines)
  })

  test('is decided once, and the same said twice is once', async () => {
    const { ask, decide, house } = await scene()
    const { id } = await ask('approval')
    expect(await decide(id, ines)).toEqual(await decide(id, ines))
    expect(await codeOf(decide(id, viktor))).toBe('already-decided')
    expect(await codeOf(decide(id, viktor, 'no'))).toBe('already-decided')
    expect(house.story.filter((type) => type.startsWith('break-glass'))).toEqual([
      'break-glass.asked',
      'break-glass.granted',
    ])
  })

  test('cannot be granted under another digest, or when its plan is over', async () => {
    const { ask, decide, house, plan } = await scene()
    const { id } = await ask('approval')
    expect(await codeOf(decide(id, ines, 'yes', { digest: `sha256:${'0'.repeat(64)}` }))).toBe('stale')
    await house.plans.cancel(hannah, plan.id, 'not needed')
    expect(await codeOf(decide(id, ines))).toBe('already-decided')
    const other = await scene()
    const asked = await other.ask('approval')
    other.house.clock.forward(HOUR)
    expect(await codeOf(other.decide(asked.id, ines))).toBe('expired')
  })
})

describe('afterwards', () => {
  const alerts = async ({ house }: Pick<Awaited<ReturnType<typeof scene>>, 'house'>) =>
    (await house.ledger.read((books) => books.deliveries.where({ source: 'firebreak' }))).map(({ body }) => {
      const [one] = (JSON.parse(new TextDecoder().decode(body)) as { alerts: Record<string, string>[] }).alerts
      return `${one!['alertname']} ${one!['status']}`
    })

  test('everybody is told at once, and that it is over when somebody else has reviewed it', async () => {
    const set = await scene()
    const pass = await set.passed('approval')
    await set.run()
    expect(await alerts(set)).toEqual(['BreakGlassUsed firing'])
    const alarm = new BreakGlassAlarm(set.house.world, worker)
    expect(await alarm.tell()).toBe(0)
    await set.glass.review(viktor, pass, { verdict: 'not-justified', note: 'a restart would have done' })
    expect(await set.state(pass)).toBe('reviewed')
    expect(await codeOf(set.glass.review(viktor, pass, { verdict: 'justified', note: 'x' }))).toBe('already-decided')
    expect(await alarm.tell()).toBe(1)
    expect(await alarm.tell()).toBe(0)
    expect(await alerts(set)).toEqual(['BreakGlassUsed firing', 'BreakGlassUsed resolved'])
  })

  test('a review that is not there after a day has an alert of its own, once, until it is', async () => {
    const set = await scene()
    const pass = await set.passed('approval')
    await set.run()
    const alarm = new BreakGlassAlarm(set.house.world, worker)
    set.house.clock.forward(24 * HOUR - MINUTE)
    expect(await alarm.tell()).toBe(0)
    set.house.clock.forward(MINUTE)
    expect(await set.state(pass)).toBe('overdue')
    expect((await Promise.all([alarm.tell(), alarm.tell()])).sort()).toEqual([0, 1])
    expect((await alerts(set)).at(-1)).toBe('BreakGlassReviewOverdue firing')
    expect(set.house.story.at(-1)).toBe('break-glass.overdue')
    await set.glass.review(viktor, pass, { verdict: 'justified', note: 'it was' })
    expect(set.house.ledger.log.at(-1)).toMatchObject({ detail: { late: true, verdict: 'justified' } })
    expect(await alarm.tell()).toBe(1)
    expect((await alerts(set)).slice(-2)).toEqual(['BreakGlassUsed resolved', 'BreakGlassReviewOverdue resolved'])
  })

  test('one that cannot be told of keeps no other alarm from being heard', async () => {
    const set = await scene()
    const pass = await set.passed('approval')
    await set.run()
    // An older use, of a plan like this one, whose alarm cannot be written.
    const [wish, use, decision] = await set.house.ledger.read((books) =>
      Promise.all([books.breakGlass.get(pass), books.breakGlassUses.get(pass), books.breakGlassDecisions.get(pass)]),
    )
    set.house.ledger.put('breakGlass', { ...wish!, id: 'bgl_0' })
    set.house.ledger.put('breakGlassDecisions', { ...decision!, id: 'bgl_0' })
    set.house.ledger.put('breakGlassUses', { ...use!, id: 'bgl_0' })
    set.house.ledger.beforeCommit = (drafts) => {
      if (drafts.some(({ about }) => about === 'break_glass_use:bgl_0')) throw new Error('no room')
    }
    set.house.clock.forward(24 * HOUR)
    const alarm = new BreakGlassAlarm(set.house.world, worker)
    await expect(alarm.tell()).rejects.toThrow('telling of bgl_0: no room')
    expect((await alerts(set)).at(-1)).toBe('BreakGlassReviewOverdue firing')
  })

  test('what was not used is not reviewed', async () => {
    const { glass, passed } = await scene()
    expect(await codeOf(glass.review(viktor, await passed('approval'), { verdict: 'justified', note: 'x' }))).toBe(
      'superseded',
    )
    expect(await codeOf(glass.review(mira, 'bgl_none', { verdict: 'justified', note: 'x' }))).toBe('not-found')
  })
})
