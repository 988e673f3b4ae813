import { PortFailure, type Recipe } from '@firebreak/kit'
import { describe, expect, test } from 'vitest'
import { entry } from './audit.js'
import { LoanRequests } from './loan-wishes.js'
import type { Plan } from './rows.js'
import { addReplicas, scalingHouse } from './testing/scaling-house.js'
import { hannah, type House } from './testing/rehearse.js'

const replicas = (set: ReturnType<typeof scalingHouse>) => set.cluster.at('prod/api')?.replicas

async function runOf(house: House, plan: string) {
  const [run] = await house.ledger.read((books) => books.runs.where({ plan_id: plan }))
  const steps = await house.ledger.read((books) => books.steps.where({ run_id: run?.id ?? '' }))
  const loans = await house.ledger.read((books) => books.loans.where({ run_id: run?.id ?? '' }))
  return { run, steps, loans }
}

/** A worker whose process ends at the moment of an entry: before the commit that would carry it. */
async function dieAt(house: House, plan: string, type: string): Promise<void> {
  house.ledger.beforeCommit = (drafts) => {
    if (drafts.some((draft) => draft.type === type)) throw new Error(`killed at ${type}`)
  }
  await expect(house.worker('worker-1').runner.carryOut(plan)).rejects.toThrow(/killed/)
  house.ledger.beforeCommit = () => undefined
}

describe('a run', () => {
  test('carries out an approved plan, verifies it, and puts the change on loan', async () => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    expect(await set.house.worker().runner.carryOut(plan)).toBe('succeeded')

    expect(replicas(set)).toBe(5)
    const { run, steps, loans } = await runOf(set.house, plan)
    expect(run).toMatchObject({ state: 'succeeded', because: 'p95 is 120 ms.' })
    expect(steps).toMatchObject([{ state: 'done', before: { replicas: 2 }, after: { replicas: 5 }, attempt: 1 }])
    expect(loans).toMatchObject([{ state: 'out', target: 'deployment:prod/api', until: '2026-11-23T04:07:00.000Z' }])
    expect(await set.house.ledger.read((books) => books.targetLocks.where({}))).toEqual([])
    expect(set.house.story).toEqual([
      'plan.requested',
      'plan.proposed',
      'approval.given',
      'run.started',
      'step.planned',
      'target.locked',
      'plan.used',
      'step.intended',
      'step.done',
      'loan.out',
      'run.verifying',
      'run.succeeded',
      'target.freed',
    ])
  })

  test('is made once, however often it is rung for', async () => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    const outcomes = await Promise.all([1, 2, 3].map((n) => set.house.worker(`worker-${n}`).runner.carryOut(plan)))
    expect(outcomes.filter((outcome) => outcome === 'succeeded').length).toBeGreaterThanOrEqual(1)
    expect(await set.house.worker().runner.carryOut(plan)).toBe('succeeded')
    expect(set.cluster.effects).toHaveLength(1)
  })

  test('does not start without a yes for its digest', async () => {
    const set = scalingHouse()
    const request = await set.house.plans.request(hannah, {
      recipe: 'add-replicas',
      params: {},
      labels: {},
      reason: '',
    })
    await set.house.worker().planner.make(request.id)
    expect(await set.house.worker().runner.carryOut(request.id)).toBe('not-approved')
    expect(set.cluster.effects).toEqual([])
  })

  test('does not start when what the plan was built on has moved: the approvals are void', async () => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    set.cluster.elsewhere('prod/api', { replicas: 3 })
    expect(await set.house.worker().runner.carryOut(plan)).toBe('stale')
    const now = await set.house.ledger.read((books) => books.plans.get(plan))
    expect(now).toMatchObject({ state: 'stale', because: 'Since the plan was made: replicas was 2 and is 3.' })
    expect(set.cluster.effects).toEqual([])
  })

  test('does not start after its time', async () => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    set.house.clock.forward(31 * 60_000)
    expect(await set.house.worker().runner.carryOut(plan)).toBe('expired')
    expect(set.cluster.effects).toEqual([])
  })

  test('leaves a target alone that another run holds, and comes back for it', async () => {
    const set = scalingHouse()
    const first = await set.house.approved('add-replicas', {})
    const second = await set.house.approved('add-replicas', {})
    await dieAt(set.house, first, 'step.intended')
    expect(await set.house.worker().runner.carryOut(second)).toBe('locked')
    expect((await runOf(set.house, second)).run).toBeUndefined()
  })
})

describe('a worker that dies', () => {
  test.each([
    ['before the effect', 'step.intended', 1, 'worker-1 never began'],
    ['between the effect and its record', 'step.done', 1, 'the probe finds it in place'],
    ['before the verification', 'run.verifying', 1, ''],
    ['after the verification', 'run.succeeded', 1, ''],
  ])('%s: the next one goes on, and nothing is done twice', async (_, moment, effects) => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    await dieAt(set.house, plan, moment)
    expect(await set.house.worker('worker-2').runner.carryOut(plan)).toBe('elsewhere')

    set.house.clock.forward(5_000)
    expect(await set.house.worker('worker-2').runner.carryOut(plan)).toBe('succeeded')
    expect(set.cluster.effects).toHaveLength(effects)
    expect(replicas(set)).toBe(5)
    expect(set.house.story).toContain('run.taken-over')
  })

  test('between the effect and its record: the journal says that it was found', async () => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    await dieAt(set.house, plan, 'step.done')
    expect((await runOf(set.house, plan)).steps).toMatchObject([{ state: 'intended' }])
    set.house.clock.forward(5_000)
    await set.house.worker('worker-2').runner.carryOut(plan)
    expect((await runOf(set.house, plan)).steps).toMatchObject([
      { state: 'done', because: 'Found in place.', fence: 1 },
    ])
  })

  test('and comes back to life: its fence is void and it touches nothing more', async () => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    // The first worker sleeps past its tenure in the middle of the verification, while a second one takes over.
    set.metrics.follow('p95', () => 2_400)
    let second: Promise<unknown> | undefined
    set.house.clock.onSleep = () => {
      if (second) return
      set.house.clock.forward(5_000)
      second = set.house.worker('worker-2').runner.carryOut(plan)
      set.metrics.set('p95', 120)
    }
    expect(await set.house.worker('worker-1').runner.carryOut(plan)).toBe('elsewhere')
    expect(await second).toBe('succeeded')
    expect(set.house.story.filter((type) => type === 'run.succeeded')).toHaveLength(1)
  })
})

describe('an effect', () => {
  test('whose answer is lost is looked for before it is made again', async () => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    set.cluster.failNext('timeout', { afterEffect: true })
    expect(await set.house.worker().runner.carryOut(plan)).toBe('succeeded')
    expect(set.cluster.effects).toHaveLength(1)
  })

  test('that a busy cluster turns away is made again', async () => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    set.cluster.failNext('throttled')
    expect(await set.house.worker().runner.carryOut(plan)).toBe('succeeded')
    expect((await runOf(set.house, plan)).steps).toMatchObject([{ state: 'done', attempt: 2 }])
  })

  test('whose first call comes through late, behind the probe, is found and not denied', async () => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    const scale = set.cluster.hands.scale.bind(set.cluster.hands)
    let calls = 0
    set.cluster.hands.scale = async (...args) => {
      if ((calls += 1) > 1) return scale(...args)
      throw new PortFailure('timeout', 'no answer yet')
    }
    // The answer is lost and the probe finds nothing; while the retry waits, the call takes effect after all.
    set.house.clock.onSleep = () => {
      if (calls === 1) set.cluster.elsewhere('prod/api', { replicas: 5, ready: 5 })
    }
    expect(await set.house.worker().runner.carryOut(plan)).toBe('succeeded')
    expect((await runOf(set.house, plan)).steps).toMatchObject([{ state: 'done', because: 'Found in place.' }])
    expect((await runOf(set.house, plan)).loans).toMatchObject([{ state: 'out' }])
  })

  test('that is forbidden fails the run, which changed nothing and frees its target', async () => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    set.cluster.failNext('forbidden')
    expect(await set.house.worker().runner.carryOut(plan)).toBe('failed')
    expect(replicas(set)).toBe(2)
    expect(await set.house.ledger.read((books) => books.targetLocks.where({}))).toEqual([])
  })

  test('of which nobody can tell whether it is there waits for a person', async () => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    set.cluster.failNext('timeout', { afterEffect: true })
    set.house.ledger.beforeCommit = (drafts) => {
      if (drafts.some(({ type }) => type === 'step.intended')) set.house.ledger.beforeCommit = () => undefined
    }
    const carried = set.house.worker().runner
    set.cluster.hands.scale = async () => {
      set.cluster.elsewhere('prod/api', { replicas: 4 })
      throw new PortFailure('timeout', 'no answer')
    }
    expect(await carried.carryOut(plan)).toBe('needs-a-person')
    expect((await runOf(set.house, plan)).steps).toMatchObject([{ state: 'unknown' }])
  })

  test('is looked for again when the look finds nobody either: a cluster that was away for a moment needs no person', async () => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    const scale = set.cluster.hands.scale.bind(set.cluster.hands)
    set.cluster.hands.scale = async (...args) => {
      await scale(...args)
      for (let look = 0; look < 2; look++) set.cluster.failNext('unreachable', { of: 'reader' })
      throw new PortFailure('unreachable', 'ECONNRESET')
    }
    expect(await set.house.worker().runner.carryOut(plan)).toBe('succeeded')
    expect((await runOf(set.house, plan)).steps).toMatchObject([{ state: 'done', because: 'Found in place.' }])
    expect(set.cluster.effects).toHaveLength(1)
  })

  test('on a target that cannot be read is not made', async () => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    const read = set.cluster.reader.deployment.bind(set.cluster.reader)
    let reads = 0
    set.cluster.reader.deployment = async (ref) => {
      if ((reads += 1) === 2) throw new PortFailure('forbidden', 'no')
      return read(ref)
    }
    expect(await set.house.worker().runner.carryOut(plan)).toBe('failed')
    expect(set.cluster.effects).toEqual([])
  })
})

describe('a run that did not help', () => {
  test('is taken back by itself, and its loan with it', async () => {
    const set = scalingHouse({ helps: false })
    const plan = await set.house.approved('add-replicas', {})
    expect(await set.house.worker().runner.carryOut(plan)).toBe('undone')
    expect(replicas(set)).toBe(2)
    const { run, steps, loans } = await runOf(set.house, plan)
    expect(run?.state).toBe('undone')
    expect(steps).toMatchObject([{ state: 'undone' }])
    expect(loans).toMatchObject([{ state: 'returned' }])
    expect(set.house.story.slice(-8)).toEqual([
      'run.failed',
      'run.undoing',
      'step.undoing',
      'loan.returning',
      'step.undone',
      'loan.returned',
      'run.undone',
      'target.freed',
    ])
  })

  test('is looked at for no longer than the watched systems take, whose clock may run faster', async () => {
    const set = scalingHouse({ helps: false })
    const plan = await set.house.approved('add-replicas', {})
    const began = set.house.clock.now().getTime()
    expect(await set.house.worker('worker-1', 5).runner.carryOut(plan)).toBe('undone')
    expect(set.house.clock.now().getTime() - began).toBe(12_000)
    expect(set.house.ledger.log.find(({ type }) => type === 'run.failed')?.detail).toMatchObject({
      because: 'Not verified within 60 s of the watched systems, whose clock runs 5 times as fast: p95 is 2400 ms.',
    })
  })

  test('is taken back with a patience of its own, however often its step was tried', async () => {
    const set = scalingHouse({ helps: false })
    const plan = await set.house.approved('add-replicas', {})
    set.cluster.failNext('throttled')
    set.cluster.failNext('throttled')
    let failed = false
    set.house.clock.onSleep = (ms) => {
      if (ms !== 1_000 || failed) return
      failed = true
      set.cluster.failNext('throttled')
    }
    expect(await set.house.worker().runner.carryOut(plan)).toBe('undone')
    expect(replicas(set)).toBe(2)
  })

  test('waits for a cluster that is away for a moment before it gives the way back up', async () => {
    const set = scalingHouse({ helps: false })
    const plan = await set.house.approved('add-replicas', {})
    set.house.ledger.beforeCommit = (drafts) => {
      if (drafts.some(({ type }) => type === 'run.undoing')) set.cluster.failNext('unreachable', { of: 'reader' })
    }
    expect(await set.house.worker().runner.carryOut(plan)).toBe('undone')
  })

  test('names what it could not take back', async () => {
    const set = scalingHouse({ helps: false })
    const plan = await set.house.approved('add-replicas', {})
    // Somebody else scales while the run verifies: taking back would undo their work.
    set.house.clock.onSleep = () => set.cluster.elsewhere('prod/api', { replicas: 7 })
    expect(await set.house.worker().runner.carryOut(plan)).toBe('needs-a-person')
    const { run, steps } = await runOf(set.house, plan)
    expect(steps).toMatchObject([{ state: 'kept' }])
    expect(run?.because).toMatch(/step 1 \(prod\/api has 7 replicas, not 5: somebody changed it/)
    expect(replicas(set)).toBe(7)
  })

  test('and whose worker dies while taking back is taken back once', async () => {
    const set = scalingHouse({ helps: false })
    const plan = await set.house.approved('add-replicas', {})
    await dieAt(set.house, plan, 'step.undone')
    set.house.clock.forward(5_000)
    expect(await set.house.worker('worker-2').runner.carryOut(plan)).toBe('undone')
    expect(replicas(set)).toBe(2)
    expect(set.cluster.effects).toHaveLength(2)
  })
})

describe('a loan', () => {
  async function lent() {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    await set.house.worker().runner.carryOut(plan)
    const { loans } = await runOf(set.house, plan)
    return { ...set, loan: loans[0]!.id }
  }

  test('is given back when it is due, and not before', async () => {
    const set = await lent()
    expect(await set.house.worker().loans.giveBack(set.loan)).toBe('not-due')
    set.house.clock.forward(61 * 60_000)
    expect(await set.house.worker().loans.giveBack(set.loan)).toBe('returned')
    expect(replicas(set)).toBe(2)
    expect(await set.house.worker().loans.giveBack(set.loan)).toBe('returned')
    expect(set.cluster.effects).toHaveLength(2)
  })

  test('is given back when the cluster was only busy', async () => {
    const set = await lent()
    set.cluster.failNext('throttled')
    set.house.clock.forward(61 * 60_000)
    expect(await set.house.worker().loans.giveBack(set.loan)).toBe('returned')
  })

  test('waits for a younger one on its target: what was borrowed last is given back first', async () => {
    const set = await lent()
    await set.house.ledger.write(async (books) => {
      const loan = (await books.loans.get(set.loan))!
      await books.lock({ stream: [`run:${loan.run_id}`] })
      await books.loans.add({
        ...loan,
        id: 'lon_younger',
        out_at: '2026-11-23T03:30:00.000Z',
        until: '2026-11-23T09:00:00.000Z',
      })
      books.audit.append(entry(hannah, `run:${loan.run_id}`, 'loan.out', 'loan:lon_younger'))
    })
    set.house.clock.forward(61 * 60_000)
    expect(await set.house.worker().loans.giveBack(set.loan)).toBe('not-due')
  })

  test('is overdue, and says why, when the target was changed by somebody else', async () => {
    const set = await lent()
    set.cluster.elsewhere('prod/api', { replicas: 9 })
    set.house.clock.forward(61 * 60_000)
    expect(await set.house.worker().loans.giveBack(set.loan)).toBe('overdue')
    expect(await set.house.ledger.read((books) => books.loans.get(set.loan))).toMatchObject({
      because: expect.stringContaining('9 replicas, not 5') as string,
    })
    // It is not tried again and again: a person decides.
    expect(await set.house.worker().loans.giveBack(set.loan)).toBe('not-due')
    expect(replicas(set)).toBe(9)
  })

  test('that is overdue and was given back after all is found in place when it is asked for', async () => {
    const set = await lent()
    set.cluster.elsewhere('prod/api', { replicas: 9 })
    set.house.clock.forward(61 * 60_000)
    expect(await set.house.worker().loans.giveBack(set.loan)).toBe('overdue')
    // By hand, or by our own call of which nobody heard how it ended.
    set.cluster.elsewhere('prod/api', { replicas: 2 })
    set.house.clock.forward(1_000)
    const requests = new LoanRequests(set.house.world, { ring: async () => undefined })
    await requests.askReturn(hannah, set.loan, 'It is as it was')
    expect(await set.house.worker().loans.giveBack(set.loan)).toBe('returned')
    expect(replicas(set)).toBe(2)
  })
})

test('a changed recipe makes the plans of the old one stale', async () => {
  const set = scalingHouse()
  const plan = await set.house.approved('add-replicas', {})
  const newer = { ...addReplicas, version: 2 } as Recipe
  ;(set.house.recipes as Map<string, Recipe>).set('add-replicas', newer)
  expect(await set.house.worker().runner.carryOut(plan)).toBe('stale')
})

test('a plan that was rewritten after its approval does not start', async () => {
  const set = scalingHouse()
  const plan = await set.house.approved('add-replicas', {})
  // Past every rule, as somebody with the database in hand could.
  const tables = (set.house.ledger as unknown as { tables: { plans: Map<string, Plan> } }).tables
  const row = tables.plans.get(plan)!
  row.body!.steps[0]!.args['to'] = 500
  expect(await set.house.worker().runner.carryOut(plan)).toBe('stale')
  expect(set.cluster.effects).toEqual([])
})

test('a run that no worker can carry out comes to a person in the end', async () => {
  const set = scalingHouse()
  const plan = await set.house.approved('add-replicas', {})
  await dieAt(set.house, plan, 'step.intended')
  let outcome: unknown
  for (let time = 0; time < 40 && outcome !== 'needs-a-person'; time++) {
    set.house.clock.forward(5_000)
    set.house.ledger.beforeCommit = (drafts) => {
      if (drafts.some(({ type }) => type === 'step.intended')) throw new Error('again')
    }
    outcome = await set.house
      .worker()
      .runner.carryOut(plan)
      .catch(() => 'again')
  }
  expect(outcome).toBe('needs-a-person')
  expect(set.cluster.effects).toEqual([])
})

test('a plan of a recipe that the worker does not know fails, and says so', async () => {
  const { house } = scalingHouse()
  const request = await house.plans.request(hannah, { recipe: 'add-replicas', params: {}, labels: {}, reason: '' })
  ;(house.recipes as Map<string, Recipe>).clear()
  expect(await house.worker().planner.make(request.id)).toMatchObject({
    state: 'failed',
    because: expect.stringContaining('does not know') as string,
  })
})
