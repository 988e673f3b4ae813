import { PortFailure } from '@firebreak/kit'
import { describe, expect, test } from 'vitest'
import { Interventions, type Answer } from './interventions.js'
import type { Run } from './rows.js'
import { scalingHouse } from './testing/scaling-house.js'
import { hannah, type House } from './testing/rehearse.js'

type Set = ReturnType<typeof scalingHouse>
const replicas = (set: Set) => set.cluster.at('prod/api')?.replicas
const locks = (set: Set) => set.house.ledger.read((books) => books.targetLocks.where({}))
const interventions = (house: House) => new Interventions(house.world, house.doorbell)

async function stateOf(house: House, plan: string) {
  const [run] = await house.ledger.read((books) => books.runs.where({ plan_id: plan }))
  const steps = await house.ledger.read((books) => books.steps.where({ run_id: run?.id ?? '' }))
  const loans = await house.ledger.read((books) => books.loans.where({ run_id: run?.id ?? '' }))
  return { run: run as Run, steps, loans }
}

/** Does something at the first moment at which an entry of this type is about to be committed. */
function at(house: House, type: string, act: () => void): void {
  house.ledger.beforeCommit = (drafts) => {
    if (!drafts.some((draft) => draft.type === type)) return
    house.ledger.beforeCommit = () => undefined
    act()
  }
}

describe('cancelling', () => {
  async function cancelledAt(type: string, undo: boolean) {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    let asked: Promise<unknown> | undefined
    at(set.house, type, () => {
      asked = stateOf(set.house, plan).then(({ run }) =>
        interventions(set.house).cancel(hannah, run.id, { undo, reason: 'the wrong service' }),
      )
    })
    const ended = await set.house.worker().runner.carryOut(plan)
    await asked
    return { set, plan, ended }
  }

  test('stops before the next step: what was not begun is skipped, the target is free', async () => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    const stopped = { aborted: true }
    expect(await set.house.worker().runner.carryOut(plan, stopped)).toBe('handed-over')
    const { run } = await stateOf(set.house, plan)
    await interventions(set.house).cancel(hannah, run.id, { undo: false, reason: 'the wrong service' })
    expect(set.house.doorbell.rings.at(-1)).toEqual({ queue: 'run', id: plan })

    expect(await set.house.worker().runner.carryOut(plan)).toBe('cancelled')
    const after = await stateOf(set.house, plan)
    expect(after.run).toMatchObject({ state: 'cancelled', because: 'hannah cancelled it.' })
    expect(after.run.ended_at).not.toBeNull()
    expect(after.steps).toMatchObject([{ state: 'skipped' }])
    expect(set.cluster.effects).toEqual([])
    expect(await locks(set)).toEqual([])
    expect(set.house.story.slice(-6)).toEqual([
      'cancel.requested',
      'run.taken-over',
      'run.cancelling',
      'step.skipped',
      'run.cancelled',
      'target.freed',
    ])
  })

  test('waits for the effect in the air, and leaves what it changed on loan', async () => {
    const { set, plan, ended } = await cancelledAt('step.intended', false)
    expect(ended).toBe('cancelled')
    const { steps, loans } = await stateOf(set.house, plan)
    expect(steps).toMatchObject([{ state: 'done' }])
    expect(loans).toMatchObject([{ state: 'out' }])
    expect(replicas(set)).toBe(5)
    expect(await locks(set)).toEqual([])
  })

  test('takes back what it changed when that was asked for', async () => {
    const { set, plan, ended } = await cancelledAt('step.intended', true)
    expect(ended).toBe('undone')
    expect(replicas(set)).toBe(2)
    expect((await stateOf(set.house, plan)).loans).toMatchObject([{ state: 'returned' }])
  })

  test('ends a verification that is waiting', async () => {
    const set = scalingHouse({ helps: false })
    const plan = await set.house.approved('add-replicas', {})
    let asked: Promise<unknown> | undefined
    set.house.clock.onSleep = () => {
      asked ??= stateOf(set.house, plan).then(({ run }) =>
        interventions(set.house).cancel(hannah, run.id, { undo: false, reason: 'seen enough' }),
      )
    }
    expect(await set.house.worker().runner.carryOut(plan)).toBe('cancelled')
    expect((await stateOf(set.house, plan)).run.because).toBe('hannah cancelled it.')
  })

  test('is asked for once, and not of a run that is over', async () => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    await set.house.worker().runner.carryOut(plan, { aborted: true })
    const { run } = await stateOf(set.house, plan)
    const cancel = () => interventions(set.house).cancel(hannah, run.id, { undo: false, reason: 'no' })
    await cancel()
    await expect(cancel()).rejects.toMatchObject({ code: 'in-progress' })
    await set.house.worker().runner.carryOut(plan)
    await expect(cancel()).rejects.toMatchObject({ code: 'already-decided' })
    const none = interventions(set.house).cancel(hannah, 'run_none', { undo: false, reason: 'no' })
    await expect(none).rejects.toMatchObject({ code: 'not-found' })
  })

  test('by somebody while the worker is dead is carried out by the next one', async () => {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    at(set.house, 'step.done', () => {
      throw new Error('killed')
    })
    await expect(set.house.worker('worker-1').runner.carryOut(plan)).rejects.toThrow('killed')
    const { run } = await stateOf(set.house, plan)
    await interventions(set.house).cancel(hannah, run.id, { undo: true, reason: 'the wrong service' })
    set.house.clock.forward(5_000)
    // Found in place first, and only then taken back.
    expect(await set.house.worker('worker-2').runner.carryOut(plan)).toBe('undone')
    expect(set.cluster.effects).toHaveLength(2)
    expect(replicas(set)).toBe(2)
  })
})

describe('a run that asks a person', () => {
  /** The call got no answer, and the target has four replicas: neither the two of before nor the five that were wanted. */
  async function asking() {
    const set = scalingHouse()
    const plan = await set.house.approved('add-replicas', {})
    const scale = set.cluster.hands.scale.bind(set.cluster.hands)
    set.cluster.hands.scale = async () => {
      set.cluster.elsewhere('prod/api', { replicas: 4 })
      set.cluster.hands.scale = scale
      throw new PortFailure('timeout', 'no answer')
    }
    expect(await set.house.worker().runner.carryOut(plan)).toBe('needs-a-person')
    const { run } = await stateOf(set.house, plan)
    const answer = (given: Answer) => interventions(set.house).answer(hannah, run.id, given, 'I looked')
    const carry = () => set.house.worker().runner.carryOut(plan)
    return { set, plan, run, answer, carry }
  }

  test('goes on when the effect is there', async () => {
    const { set, plan, answer, carry } = await asking()
    set.cluster.elsewhere('prod/api', { replicas: 5, ready: 5 })
    await answer({ verdict: 'in-place', then: 'go-on' })
    expect(await carry()).toBe('succeeded')
    const { steps, loans } = await stateOf(set.house, plan)
    expect(steps).toMatchObject([{ state: 'done', because: 'hannah answered "in-place".' }])
    // What a person found is as temporary as what the worker did.
    expect(loans).toMatchObject([{ state: 'out' }])
  })

  test('is taken back when the person wants that', async () => {
    const { set, answer, carry } = await asking()
    set.cluster.elsewhere('prod/api', { replicas: 5, ready: 5 })
    await answer({ verdict: 'in-place', then: 'take-back' })
    expect(await carry()).toBe('undone')
    expect(replicas(set)).toBe(2)
  })

  test('has failed when the effect is not there, and frees its target', async () => {
    const { set, answer, carry } = await asking()
    await answer({ verdict: 'not-in-place' })
    expect(await carry()).toBe('failed')
    expect(replicas(set)).toBe(4)
    expect(await locks(set)).toEqual([])
  })

  test('looks again, and goes on from what it finds', async () => {
    const { set, answer, carry } = await asking()
    set.cluster.elsewhere('prod/api', { replicas: 5, ready: 5 })
    await answer({ verdict: 'look-again' })
    expect(await carry()).toBe('succeeded')
    expect(set.cluster.effects).toEqual([])
  })

  test('asks once more when looking again tells no more', async () => {
    const { answer, carry } = await asking()
    await answer({ verdict: 'look-again' })
    expect(await carry()).toBe('needs-a-person')
    await answer({ verdict: 'put-right' })
    expect(await carry()).toBe('failed')
  })

  test('ends when the person put it right by hand: nothing more is touched', async () => {
    const { set, answer, carry } = await asking()
    await answer({ verdict: 'put-right' })
    expect(await carry()).toBe('failed')
    expect(await carry()).toBe('failed')
    expect(replicas(set)).toBe(4)
    expect(await locks(set)).toEqual([])
  })

  test('is answered once: by two workers, one acts on it', async () => {
    const { set, plan, answer } = await asking()
    await answer({ verdict: 'not-in-place' })
    await expect(answer({ verdict: 'look-again' })).rejects.toMatchObject({ code: 'in-progress' })
    await Promise.all(['a', 'b', 'c'].map((name) => set.house.worker(name).runner.carryOut(plan)))
    expect(set.house.story.filter((type) => type === 'run.failed')).toHaveLength(1)
    await expect(answer({ verdict: 'look-again' })).rejects.toMatchObject({ code: 'superseded' })
  })

  test('cannot be cancelled, and a run that asks nobody cannot be answered', async () => {
    const { set, run } = await asking()
    const cancel = interventions(set.house).cancel(hannah, run.id, { undo: false, reason: 'no' })
    await expect(cancel).rejects.toMatchObject({ code: 'superseded' })
  })
})

test('a run that could not take something back is closed by the person who did', async () => {
  const set = scalingHouse({ helps: false })
  const plan = await set.house.approved('add-replicas', {})
  set.house.clock.onSleep = () => set.cluster.elsewhere('prod/api', { replicas: 7 })
  expect(await set.house.worker().runner.carryOut(plan)).toBe('needs-a-person')
  const { run } = await stateOf(set.house, plan)
  const wrong = interventions(set.house).answer(hannah, run.id, { verdict: 'not-in-place' }, '')
  await expect(wrong).rejects.toMatchObject({ code: 'superseded' })
  await interventions(set.house).answer(hannah, run.id, { verdict: 'put-right' }, 'scaled it down by hand')
  expect(await set.house.worker().runner.carryOut(plan)).toBe('failed')
  expect(await locks(set)).toEqual([])
  expect((await stateOf(set.house, plan)).steps).toMatchObject([{ state: 'kept' }])
})
