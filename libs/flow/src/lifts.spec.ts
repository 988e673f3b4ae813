import type { Role } from '@firebreak/kit'
import { describe, expect, test } from 'vitest'
import { processActor, type Actor } from './actor.js'
import { entry } from './audit.js'
import { Freezes } from './freezes.js'
import { anewOf, liftDigest, liftingOf, liftOf, Lifts } from './lifts.js'
import type { Refused } from './refused.js'
import type { Incident, Plan, Request, Run } from './rows.js'
import { addReplicas, addReplicasForGood, scalingHouse } from './testing/scaling-house.js'

type Set = ReturnType<typeof scalingHouse>
const DAY = 24 * 60 * 60_000
const worker = processActor('worker-1')
const actor = (id: string, roles: Role[] = ['security'], kind: Actor['kind'] = 'person'): Actor => ({
  ...{ kind, id, auth: 'session', roles },
})
const [theo, ines, viktor, vera] = ['theo', 'ines', 'viktor', 'vera'].map((id) => actor(id)) as [Actor, Actor, Actor, Actor] // prettier-ignore

/** Somebody with a role since so long before the story begins. */
async function holds({ house }: Set, id: string, role: Role, ago = 30 * DAY): Promise<void> {
  await house.ledger.write(async (books) => {
    await books.lock({ stream: [`person:${id}`] })
    const since = new Date(house.world.now().getTime() - ago).toISOString()
    if (!(await books.people.get(id))) {
      await books.people.add({ id, kind: role === 'service' ? 'service' : 'person', name: id } as never)
      books.audit.append(entry(processActor('api'), `person:${id}`, 'person.added', `person:${id}`))
    }
    await books.roleGrants.add({ id: `rol_${id}_${role}`, person_id: id, role, since, by: null, revoked_at: null, revoked_by: null }) // prettier-ignore
    books.audit.append(entry(processActor('api'), `person:${id}`, 'role.granted', `role_grant:rol_${id}_${role}`))
  })
}

async function frozen(scope = 'service:api') {
  const set = scalingHouse()
  for (const one of [theo, ines, viktor, vera]) await holds(set, one.id, 'security')
  const { id } = await new Freezes(set.house.world).declare(theo, { scopes: [scope], reason: 'data leaves at night' })
  const lifts = new Lifts(set.house.world)
  return { ...set, freeze: id, lifts, set }
}
type Frozen = Awaited<ReturnType<typeof frozen>>

const ask = ({ freeze, lifts }: Frozen, by = ines) => lifts.ask(by, freeze, { reason: 'it was a backup' })
async function lifting({ freeze, house }: Frozen) {
  return house.ledger.read(async (books) => liftingOf(books, (await books.freezes.get(freeze))!, house.world.now()))
}
async function decide(frozen: Frozen, by: Actor, decision: 'yes' | 'no' = 'yes') {
  const { request } = await lifting(frozen)
  const digest = request ? liftDigest(liftOf(request)) : `sha256:${'0'.repeat(64)}`
  return frozen.lifts.decide(by, frozen.freeze, { digest, decision, note: '' })
}
const codeOf = (work: Promise<unknown>) => work.then(() => 'done', (error: unknown) => (error as Refused).code) // prettier-ignore
const closed = async ({ house }: Frozen) => (await new Freezes(house.world).check('deployment:prod/api')) !== undefined

/** How far the lift has come when somebody votes. */
const states: Record<string, (frozen: Frozen) => Promise<unknown>> = {
  'nobody asked': async () => undefined,
  asked: (frozen) => ask(frozen),
  'one yes': (frozen) => ask(frozen).then(() => decide(frozen, vera)),
  approved: (frozen) => states['one yes']!(frozen).then(() => decide(frozen, theo)),
  refused: (frozen) => ask(frozen).then(() => decide(frozen, vera, 'no')),
  expired: (frozen) => ask(frozen).then(() => frozen.house.clock.forward(DAY)),
  void: (frozen) =>
    ask(frozen).then(() => new Freezes(frozen.house.world).declare(theo, { scopes: ['service:api'], reason: 'more' })),
  lifted: (frozen) => states['approved']!(frozen).then(() => frozen.lifts.carryOut(worker)),
}
/** As what somebody votes who has nothing to do with it. */
const roles: Record<string, { role: Role; ago?: number; kind?: Actor['kind']; revoked?: true }> = {
  security: { role: 'security' },
  'security of an hour': { role: 'security', ago: 60 * 60_000 },
  'formerly security': { role: 'security', revoked: true },
  'a service with the role': { role: 'security', kind: 'service' },
  ...{ sre: { role: 'sre' }, ml: { role: 'ml' }, auditor: { role: 'auditor' }, admin: { role: 'admin' } },
}
const voters = ['another', 'who asked', 'who voted'] as const

const matrix = Object.keys(roles).flatMap((role) =>
  Object.keys(states).flatMap((state) => voters.map((voter) => ({ role, state, voter }))),
)

describe('who may approve a lift: role × state × voter', () => {
  test.each(matrix)('$role, $state, $voter', async ({ role, state, voter }) => {
    const story = await frozen()
    await states[state]!(story)
    const { ago, kind = 'person', revoked, role: held } = roles[role]!
    // Whoever asked or voted is of Security, or could not have: they vote again in the role that is asked about.
    const id = voter === 'another' ? 'kim' : voter === 'who asked' ? 'ines' : 'vera'
    if (voter !== 'another')
      await story.house.ledger.write(async (books) => {
        await books.lock({ stream: [`person:${id}`] })
        await books.roleGrants.change(`rol_${id}_security`, {
          revoked_at: '2026-11-23T00:00:00.000Z',
          revoked_by: 'ada',
        })
        books.audit.append(entry(actor('ada'), `person:${id}`, 'role.revoked', `role_grant:rol_${id}_security`))
        await books.roleGrants.remove(`rol_${id}_security`)
      })
    if (!revoked) await holds(story.set, id, held, ago ?? 30 * DAY + DAY)
    const before = (await lifting(story)).votes.length
    const found = await codeOf(decide(story, actor(id, [held], kind)))

    const isOpen = state === 'asked' || state === 'one yes'
    const may = role === 'security' && isOpen && (voter === 'another' || (voter === 'who voted' && state === 'asked'))
    // Who has said yes says it again: one decision.
    const again = voter === 'who voted' && ['one yes', 'approved', 'lifted'].includes(state)
    expect(found === 'done').toBe(may || again)
    expect((await lifting(story)).votes).toHaveLength(before + (may ? 1 : 0))
  })
})

describe('a lift', () => {
  test('is asked for by one, approved by two others, and done by the worker; until then the freeze holds', async () => {
    const story = await frozen()
    await ask(story)
    await decide(story, viktor)
    expect(await story.lifts.carryOut(worker)).toBe(0)
    expect(await closed(story)).toBe(true)
    await decide(story, theo)
    expect((await lifting(story)).state).toBe('approved')
    expect(await closed(story)).toBe(true)
    expect(await story.lifts.carryOut(worker)).toBe(1)
    expect((await lifting(story)).state).toBe('lifted')
    expect(await closed(story)).toBe(false)
    expect(await story.lifts.carryOut(worker)).toBe(0)
    expect(story.house.ledger.log.slice(-5).map(({ type }) => type)).toEqual([
      'freeze.lift-asked',
      'freeze.lift-approved',
      'freeze.lift-approved',
      'freeze.lifting',
      'freeze.lifted',
    ])
  })

  test('cannot be asked for twice, by another role, by a service, or of what is lifted', async () => {
    const story = await frozen()
    expect(await codeOf(ask(story, actor('hannah', ['sre'])))).toBe('not-your-role')
    expect(await codeOf(ask(story, actor('kim')))).toBe('not-your-role')
    expect(await codeOf(ask(story, actor('robot', ['security'], 'service')))).toBe('service-cannot-approve')
    await ask(story)
    expect(await codeOf(ask(story, viktor))).toBe('in-progress')
    const ready = await frozen()
    await states['approved']!(ready)
    expect(await codeOf(ask(ready, viktor))).toBe('in-progress')
    await decide(story, viktor)
    await decide(story, theo)
    await story.lifts.carryOut(worker)
    expect(await codeOf(ask(story))).toBe('already-decided')
  })

  test.each(['expired', 'refused', 'void'])(
    'that is %s lets a new one be asked for, of another digest',
    async (state) => {
      const story = await frozen()
      await states[state]!(story)
      const { request: before } = await lifting(story)
      const request = await ask(story, viktor)
      expect(liftDigest(liftOf(request))).not.toBe(liftDigest(liftOf(before!)))
      expect((await lifting(story)).state).toBe('asked')
    },
  )

  test.each([
    ['expires', (story: Frozen) => story.house.clock.forward(DAY)],
    ['is void by another freeze', (story: Frozen) => new Freezes(story.house.world).declare(theo, { scopes: ['service:api'], reason: 'more' })], // prettier-ignore
  ])('that %s after its yeses is not carried out', async (_, then) => {
    const story = await frozen()
    await states['approved']!(story)
    await Promise.resolve(then(story))
    expect(await story.lifts.carryOut(worker)).toBe(0)
    expect(await closed(story)).toBe(true)
  })

  test('that cannot be carried out keeps no other from it', async () => {
    const story = await frozen()
    const { id: other } = await new Freezes(story.house.world).declare(theo, {
      scopes: ['pipeline:ingest'],
      reason: 'x',
    })
    for (const one of [story, { ...story, freeze: other }]) await states['approved']!(one)
    story.house.ledger.beforeCommit = (drafts) => {
      if (drafts.some(({ stream, type }) => stream === `freeze:${story.freeze}` && type === 'freeze.lifting'))
        throw new Error('no room')
    }
    await expect(story.lifts.carryOut(worker)).rejects.toThrow(`lifting ${story.freeze}: no room`)
    expect((await lifting(story)).state).toBe('approved')
    expect((await lifting({ ...story, freeze: other })).state).toBe('lifted')
  })

  test('loses a yes with the role of who gave it', async () => {
    const story = await frozen()
    await states['approved']!(story)
    await story.house.ledger.write(async (books) => {
      await books.lock({ stream: ['person:vera'] })
      await books.roleGrants.change('rol_vera_security', { revoked_at: '2026-11-23T12:00:00.000Z', revoked_by: 'ada' })
      books.audit.append(entry(actor('ada'), 'person:vera', 'role.revoked', 'role_grant:rol_vera_security'))
    })
    expect((await lifting(story)).state).toBe('asked')
    expect(await story.lifts.carryOut(worker)).toBe(0)
  })

  test('is of the digest that was read, and expires within a week', async () => {
    const story = await frozen()
    const late = story.lifts.ask(ines, story.freeze, { reason: 'x', expires_at: '2027-01-01T00:00:00Z' })
    expect(await codeOf(late)).toBe('out-of-range')
    await ask(story)
    const stray = story.lifts.decide(viktor, story.freeze, { digest: `sha256:${'0'.repeat(64)}`, decision: 'yes', note: '' }) // prettier-ignore
    expect(await codeOf(stray)).toBe('stale')
    expect(await codeOf(story.lifts.ask(ines, 'frz_none', { reason: 'x' }))).toBe('not-found')
  })
})

/** Carries a plan out, and declares a freeze as soon as this is in the log. Answers the freeze. */
async function frozenAt(house: Set['house'], entry: string, plan: string): Promise<string> {
  const write = house.ledger.write.bind(house.ledger)
  let freeze = ''
  house.ledger.write = async (work) => {
    const before = house.ledger.log.length
    const result = await write(work)
    if (freeze === '' && house.ledger.log.slice(before).some(({ type }) => type === entry))
      freeze = (await new Freezes(house.world).declare(theo, { scopes: ['service:api'], reason: 'x' })).id
    return result
  }
  expect(await house.worker().runner.carryOut(plan)).toBe('frozen')
  return freeze
}

test('a run that a freeze stopped on its way back gets a plan that takes back what is left, whatever became of its incident', async () => {
  const set = scalingHouse({ helps: false, recipes: [addReplicasForGood] })
  for (const one of [theo, ines, viktor]) await holds(set, one.id, 'security')
  const { cluster, house } = set
  house.ledger.put('people', { id: 'hannah', kind: 'person', name: 'Hannah' })
  const plan = await house.approved('add-replicas', {})
  const freeze = await frozenAt(house, 'run.undoing', plan)
  const [run] = await house.ledger.read((books) => books.runs.where({ plan_id: plan }))
  expect(run).toMatchObject({ state: 'frozen', frozen_by: freeze, frozen_undoing: true })
  expect(cluster.at('prod/api')?.replicas).toBe(5)
  const over = { id: 'inc_1', state: 'resolved', version: 1 } as Incident
  house.ledger.put('incidents', over)
  house.ledger.put('runs', { ...run!, incident_id: over.id })

  const story = { ...set, set, freeze, lifts: new Lifts(house.world) }
  await ask(story)
  await decide(story, viktor)
  await decide(story, theo)
  await story.lifts.carryOut(worker)
  expect(await story.lifts.planAnew(processActor('api'))).toBe(1)
  expect(await story.lifts.planAnew(processActor('api'))).toBe(0)
  const again = anewOf(run!.id)
  const back = await house.worker().planner.make(again)
  expect(back).toMatchObject({
    state: 'proposed',
    incident_id: null,
    requested_by: 'hannah',
    body: { reverts: run!.id },
  })
  await house.approvals.decide(actor('hannah', ['sre']), again, { digest: back!.digest!, decision: 'yes', note: '' })
  expect(await house.worker().runner.carryOut(again)).toBe('succeeded')
  expect(cluster.at('prod/api')?.replicas).toBe(2)
})

test('a run that a freeze stopped gets a new plan when it is lifted, once, and people decide about it', async () => {
  const set = scalingHouse()
  for (const one of [theo, ines, viktor]) await holds(set, one.id, 'security')
  const { house } = set
  house.ledger.put('people', { id: 'hannah', kind: 'person', name: 'Hannah' })
  const plan = await house.approved('add-replicas', {})
  const freeze = await frozenAt(house, 'run.started', plan)
  const [run] = await house.ledger.read((books) => books.runs.where({ plan_id: plan }))
  expect(run).toMatchObject({ state: 'frozen', frozen_by: freeze })

  const story = { ...set, set, freeze, lifts: new Lifts(house.world) }
  expect(await story.lifts.planAnew(processActor('api'))).toBe(0)
  await ask(story)
  await decide(story, viktor)
  await decide(story, theo)
  await story.lifts.carryOut(worker)
  expect(await story.lifts.planAnew(processActor('api'))).toBe(1)
  expect(await story.lifts.planAnew(processActor('api'))).toBe(0)

  const again = `pln_${run!.id.slice(run!.id.indexOf('_') + 1)}`
  const asked = await house.ledger.read(async (books) => [
    await books.requests.get(plan),
    await books.requests.get(again),
  ])
  expect(asked[1]).toMatchObject({ subject: addReplicas.id, by: asked[0]!.by, body: asked[0]!.body })
  // The log alone must say whose plan it is: a process asked for it.
  expect(house.ledger.log.findLast(({ type }) => type === 'plan.requested')).toMatchObject({
    ...{ stream: `plan:${again}`, actor: { kind: 'process', id: 'api' } },
    detail: { asker: { id: asked[0]!.by, kind: 'person' } },
  })
  expect(await house.worker().planner.make(again)).toMatchObject({ state: 'proposed' })
  expect(await house.worker().runner.carryOut(again)).toBe('not-approved')
})

describe('runs that a freeze stopped, of one recipe and incident,', () => {
  /** Two of them, whose freeze is over. */
  async function stopped(state: Incident['state'] = 'acknowledged', reverts?: string) {
    const { house } = scalingHouse()
    const at = '2026-11-23T03:00:00.000Z'
    const incident: Incident = {
      ...{ id: 'inc_1', state, class: 'high-api-latency', severity: 'SEV2', title: 'slow', service: 'api' },
      ...{ environment: 'prod', group_key: 'g', owner: null, opened_at: at, resolved_at: null, version: 1 },
    }
    house.ledger.put('incidents', incident)
    house.ledger.put('enforcements', { id: 'frz_1', state: 'lifted', because: null, at, lift: null })
    for (const n of [1, 2]) {
      const run = { id: `run_${n}`, plan_id: `pln_of_${n}`, recipe_id: 'add-replicas', state: 'frozen', incident_id: 'inc_1', frozen_by: 'frz_1' } // prettier-ignore
      house.ledger.put('runs', run as Run)
      const before: Request = { id: `pln_of_${n}`, kind: 'plan', subject: 'add-replicas', body: { params: {}, trigger: {}, ...(reverts ? { reverts } : {}) }, incident_id: 'inc_1', by: 'hannah', reason: '', at } // prettier-ignore
      house.ledger.put('requests', before)
      house.ledger.put('plans', { id: before.id, state: 'used', incident_id: 'inc_1' } as Plan)
    }
    const lifts = new Lifts(house.world)
    const anew = () => lifts.planAnew(processActor('api'))
    const asked = () => house.ledger.read((books) => books.requests.where({ kind: 'plan', incident_id: 'inc_1' }))
    return { anew, asked, house }
  }

  test('get one open plan, and the number is of those that were asked for', async () => {
    const { anew, asked } = await stopped()
    expect(await anew()).toBe(1)
    expect(await anew()).toBe(0)
    expect((await asked()).map(({ id }) => id)).toEqual(['pln_1', 'pln_of_1', 'pln_of_2'])
  })

  test('of no incident that take the same run back get one open plan', async () => {
    const { anew, house } = await stopped('acknowledged', 'run_0')
    for (const run of await house.ledger.read((books) => books.runs.where({})))
      house.ledger.put('runs', { ...run, incident_id: null })
    expect(await anew()).toBe(1)
    const asked = await house.ledger.read((books) => books.revertsOf('run_0'))
    expect(asked.map(({ id }) => id)).toEqual(['pln_of_1', 'pln_of_2', 'pln_1'])
  })

  test('do without a plan that cannot be asked for, and the next one is', async () => {
    const { anew, asked, house } = await stopped()
    house.ledger.beforeCommit = (drafts) => {
      if (drafts.some(({ stream }) => stream === 'plan:pln_1')) throw new Error('no room')
    }
    await expect(anew()).rejects.toThrow('planning run_1 anew: no room')
    expect((await asked()).map(({ id }) => id)).toEqual(['pln_2', 'pln_of_1', 'pln_of_2'])
  })

  test.each(['resolved', 'closed'] as const)('get none when it is %s behind the lock', async (state) => {
    const { anew, asked } = await stopped(state)
    expect(await anew()).toBe(0)
    expect(await asked()).toHaveLength(2)
  })
})
