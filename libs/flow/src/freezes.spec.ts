import { PortFailure } from '@firebreak/kit'
import { describe, expect, test } from 'vitest'
import type { Actor } from './actor.js'
import { Freezes } from './freezes.js'
import type { Run } from './rows.js'
import { addReplicas, scalingHouse } from './testing/scaling-house.js'
import { hannah, type House } from './testing/rehearse.js'

type Set = ReturnType<typeof scalingHouse>
const theo: Actor = { kind: 'person', id: 'theo', auth: 'session', roles: ['security'] }
const replicas = (set: Set) => set.cluster.at('prod/api')?.replicas
const freezes = (house: House) => new Freezes(house.world)
const freeze = (house: House, scope = 'pipeline:ingest') =>
  freezes(house).declare(theo, { scopes: [scope], reason: 'data leaves at night' })

async function stateOf(house: House, plan: string) {
  const [run] = await house.ledger.read((books) => books.runs.where({ plan_id: plan }))
  const steps = await house.ledger.read((books) => books.steps.where({ run_id: run?.id ?? '' }))
  const loans = await house.ledger.read((books) => books.loans.where({ run_id: run?.id ?? '' }))
  return { run: run as Run, steps, loans }
}

/** Freezes right after the transaction that commits an entry of this type. */
function freezeAfter({ ledger, ...house }: House, type: string): void {
  const write = ledger.write.bind(ledger)
  ledger.write = async (work) => {
    const before = ledger.log.length
    const result = await write(work)
    if (ledger.log.slice(before).some((entry) => entry.type === type)) {
      ledger.write = write
      await freeze({ ledger, ...house } as House)
    }
    return result
  }
}

describe('what is frozen', () => {
  test.each(['deployment:prod/api', 'pipeline:ingest', 'service:api', 'environment:prod', 'house:everything'])(
    '%s: the approval is refused with 423, by whom and how it ends',
    async (scope) => {
      const set = scalingHouse()
      await freeze(set.house, scope)
      // Planning only reads: it is allowed, and a person may look at what would be done.
      await expect(set.house.approved('add-replicas', {})).rejects.toMatchObject({
        code: 'frozen',
        message: expect.stringMatching(/by theo: data leaves at night .*Only two of Security lift it/) as string,
      })
      expect(set.house.story).not.toContain('approval.given')
    },
  )

  test('elsewhere nothing is held', async () => {
    const set = scalingHouse()
    await freeze(set.house, 'queue:batch')
    const plan = await set.house.approved('add-replicas', {})
    expect(await set.house.worker().runner.carryOut(plan)).toBe('succeeded')
  })

  test('an approved plan does not start, and starts by itself when the freeze is lifted', async () => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    const { id } = await freeze(set.house)
    expect(await set.house.worker().runner.carryOut(plan)).toBe('frozen')
    expect((await stateOf(set.house, plan)).run).toBeUndefined()
    await lifted(set.house, id)
    expect(await set.house.worker().runner.carryOut(plan)).toBe('succeeded')
  })

  test('a "no" is always taken', async () => {
    const set = scalingHouse()
    const request = await set.house.plans.request(hannah, {
      recipe: 'add-replicas',
      params: {},
      labels: {},
      reason: '',
    })
    const plan = await set.house.worker().planner.make(request.id)
    await freeze(set.house)
    await set.house.approvals.decide(hannah, request.id, { digest: plan!.digest!, decision: 'no', note: '' })
    expect(set.house.story).toContain('approval.refused')
  })

  test('a recipe that contains passes', async () => {
    const contain = { ...addReplicas, id: 'contain', contains: true }
    const set = scalingHouse({ recipes: [contain] })
    await freeze(set.house)
    const plan = await set.house.approved('contain', {})
    expect(await set.house.worker().runner.carryOut(plan)).toBe('succeeded')
  })
})

describe('a run that is under way', () => {
  test('claims no further step: it stands still and frees its target', async () => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    freezeAfter(set.house, 'run.started')
    expect(await set.house.worker().runner.carryOut(plan)).toBe('frozen')
    const { run, steps } = await stateOf(set.house, plan)
    expect(run).toMatchObject({ state: 'frozen', because: expect.stringContaining('data leaves at night') as string })
    expect(run.ended_at).not.toBeNull()
    expect(steps).toMatchObject([{ state: 'pending' }])
    expect(set.cluster.effects).toEqual([])
    expect(await set.house.ledger.read((books) => books.targetLocks.where({}))).toEqual([])
    expect(set.house.story.slice(-3)).toEqual(['step.denied', 'run.frozen', 'target.freed'])
  })

  test('does not begin the effect of a step that was claimed just before', async () => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    freezeAfter(set.house, 'step.intended')
    expect(await set.house.worker().runner.carryOut(plan)).toBe('frozen')
    expect((await stateOf(set.house, plan)).steps).toMatchObject([{ state: 'failed' }])
    expect(set.cluster.effects).toEqual([])
  })

  test('finishes the effect that it is in, and then stands still', async () => {
    const set = scalingHouse({ helps: false })
    const plan = await set.house.approved('add-replicas', {})
    const scale = set.cluster.hands.scale.bind(set.cluster.hands)
    set.cluster.hands.scale = async (...args) => {
      set.cluster.hands.scale = scale
      await freeze(set.house)
      return scale(...args)
    }
    // It does not help, so it is taken back; and that is a change too.
    expect(await set.house.worker().runner.carryOut(plan)).toBe('frozen')
    const { steps, loans } = await stateOf(set.house, plan)
    expect(steps).toMatchObject([{ state: 'done' }])
    expect(loans).toMatchObject([{ state: 'overdue', held_by: expect.stringMatching(/^frz_/) as string }])
    expect(replicas(set)).toBe(5)
  })

  test('is not tried again, and what an earlier try may have done is looked for', async () => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    const scale = set.cluster.hands.scale.bind(set.cluster.hands)
    set.cluster.hands.scale = async () => {
      throw new PortFailure('timeout', 'no answer')
    }
    set.house.clock.onSleep = () => {
      set.house.clock.onSleep = () => undefined
      // The first call comes through after all, and the freeze comes before the second.
      void scale('prod/api', 5, set.cluster.at('prod/api')!.resource_version)
      void freeze(set.house)
    }
    expect(await set.house.worker().runner.carryOut(plan)).toBe('succeeded')
    expect((await stateOf(set.house, plan)).steps).toMatchObject([{ state: 'done', because: 'Found in place.' }])
  })

  test('while it is taken back: what is not taken back yet stays, and is overdue', async () => {
    const set = scalingHouse({ helps: false })
    const plan = await set.house.approved('add-replicas', {})
    freezeAfter(set.house, 'step.undoing')
    expect(await set.house.worker().runner.carryOut(plan)).toBe('frozen')
    const { steps, loans } = await stateOf(set.house, plan)
    expect(steps).toMatchObject([{ state: 'done' }])
    expect(loans).toMatchObject([{ state: 'overdue', held_by: expect.stringMatching(/^frz_/) as string }])
    expect(replicas(set)).toBe(5)
  })
})

describe('a loan', () => {
  async function lent() {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    await set.house.worker().runner.carryOut(plan)
    const { loans } = await stateOf(set.house, plan)
    set.house.clock.forward(61 * 60_000)
    const giveBack = () => set.house.worker().loans.giveBack(loans[0]!.id)
    const loan = async () => (await stateOf(set.house, plan)).loans[0]
    return { set, giveBack, loan }
  }

  test('is not given back under a freeze: it is overdue, and comes back when the freeze is over', async () => {
    const { set, giveBack, loan } = await lent()
    const { id } = await freeze(set.house)
    expect(await giveBack()).toBe('frozen')
    expect(await loan()).toMatchObject({ state: 'overdue', held_by: id })
    expect(await giveBack()).toBe('frozen')
    expect(replicas(set)).toBe(5)
    await lifted(set.house, id)
    expect(await giveBack()).toBe('returned')
    expect(await loan()).toMatchObject({ state: 'returned', held_by: null })
    expect(replicas(set)).toBe(2)
  })

  /** Does something right after the loan was claimed, before anything is asked again. */
  function afterTheClaim({ house }: ReturnType<typeof scalingHouse>, act: () => Promise<unknown>): void {
    const { ledger } = house
    const read = ledger.read.bind(ledger)
    let acted: Promise<unknown> | undefined
    ledger.beforeCommit = (drafts) => {
      if (drafts.some(({ type }) => type === 'loan.returning')) acted ??= act()
    }
    ledger.read = async (work) => {
      await acted
      return read(work)
    }
  }

  test('is not given back either when the freeze comes between its claim and its effect', async () => {
    const { set, giveBack, loan } = await lent()
    afterTheClaim(set, () => freeze(set.house))
    expect(await giveBack()).toBe('frozen')
    expect(await loan()).toMatchObject({ state: 'overdue', held_by: expect.stringMatching(/^frz_/) as string })
    expect(replicas(set)).toBe(5)
    const { held_by } = (await loan())!
    await lifted(set.house, held_by!)
    expect(await giveBack()).toBe('returned')
    expect(replicas(set)).toBe(2)
  })

  test('stays on its way when the stop switch comes between, and goes on when it is let go', async () => {
    const { set, giveBack, loan } = await lent()
    afterTheClaim(set, () => freezes(set.house).stop(hannah, true, 'wait'))
    expect(await giveBack()).toBe('halted')
    expect(await loan()).toMatchObject({ state: 'returning' })
    expect(await giveBack()).toBe('halted')
    expect(replicas(set)).toBe(5)
    await freezes(set.house).stop(hannah, false, 'go on')
    expect(await giveBack()).toBe('returned')
    expect(replicas(set)).toBe(2)
  })

  test('waits while the stop switch is on, and nothing else happens to it', async () => {
    const { set, giveBack, loan } = await lent()
    await freezes(set.house).stop(hannah, true, 'the cluster behaves strangely')
    expect(await giveBack()).toBe('halted')
    expect(await loan()).toMatchObject({ state: 'out' })
    await freezes(set.house).stop(hannah, false, 'it was the monitoring')
    expect(await giveBack()).toBe('returned')
  })
})

test('the stop switch stops everything, containment too; pressing twice is pressing once', async () => {
  const contain = { ...addReplicas, id: 'contain', contains: true }
  const set = scalingHouse({ recipes: [contain] })
  const first = await freezes(set.house).stop(hannah, true, 'stop')
  expect(await freezes(set.house).stop(hannah, true, 'again')).toEqual(first)
  await expect(set.house.approved('contain', {})).rejects.toMatchObject({ code: 'halted' })
  await freezes(set.house).stop(hannah, false, 'go on')
  const plan = await set.house.approved('contain', {}).catch(() => undefined)
  expect(plan).toBeDefined()
})

describe('declaring one', () => {
  test.each([
    ['nothing', [], 'empty-selection'],
    ['a name that the house does not have', ['pipeline:injest'], 'out-of-scope'],
    ['a word without a kind', ['everything'], 'out-of-scope'],
  ])('of %s is refused, and says what there is', async (_, scopes, code) => {
    const { house } = scalingHouse()
    await expect(freezes(house).declare(theo, { scopes, reason: 'x' })).rejects.toMatchObject({ code })
    expect(house.story).toEqual([])
  })

  test('tells other tools: what, by whom, and how it ends', async () => {
    const { house } = scalingHouse()
    expect(await freezes(house).check('deployment:prod/api')).toBeUndefined()
    const { id } = await freeze(house)
    expect(await freezes(house).check('deployment:prod/api')).toMatchObject({ code: 'frozen', by: id })
    expect(await freezes(house).check('queue:other')).toBeUndefined()
    expect(() => freezes(house).check('the api')).toThrow(/kind:name/)
  })
})

/** What the lift of a freeze leaves in the record; who may do it is another story. */
async function lifted(house: House, freeze: string): Promise<void> {
  const tables = (house.ledger as unknown as { tables: { enforcements: Map<string, object> } }).tables
  tables.enforcements.set(freeze, { id: freeze, state: 'lifted', because: null, at: '2026-11-23T05:00:00.000Z' })
}
