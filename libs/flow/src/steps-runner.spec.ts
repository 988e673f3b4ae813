import { PortFailure, type Recipe, type WorkloadRef } from '@firebreak/kit'
import { scaleDeployment } from '@firebreak/kit/verbs'
import { describe, expect, test } from 'vitest'
import type { Actor } from './actor.js'
import { Freezes } from './freezes.js'
import { Interventions } from './interventions.js'
import { brokenLink, scalingHouse } from './testing/index.js'
import { addReplicas } from './testing/scaling-house.js'
import { hannah } from './testing/rehearse.js'

const theo: Actor = { kind: 'person', id: 'theo', auth: 'session', roles: ['security'] }

/** Scales two deployments, one after the other; or the same one twice. */
const twoSteps = (second: 'prod/web' | 'prod/api'): Recipe => (({
  ...addReplicas,
  id: 'two-steps',
  plan: ({ uid }: { uid: string }) => [
    scaleDeployment({ deployment: 'prod/api', uid, from: 2, to: 5 }),
    second === 'prod/api'
      ? scaleDeployment({ deployment: 'prod/api', uid, from: 5, to: 7 })
      : scaleDeployment({ deployment: 'prod/web', uid: webUid, from: 2, to: 5 }),
  ],
})) // prettier-ignore
let webUid = ''

async function house({
  helps = true,
  second = 'prod/web',
}: { helps?: boolean; second?: 'prod/web' | 'prod/api' } = {}) {
  const set = scalingHouse({ helps, recipes: [twoSteps(second)] })
  set.cluster.deploy('prod/web', { replicas: 2 })
  webUid = set.cluster.at('prod/web')!.uid
  const plan = await set.house.approved('two-steps', {})
  const commits: string[][] = []
  let at: { type: string; act: () => void } | undefined
  set.house.ledger.beforeCommit = (drafts) => {
    commits.push(drafts.map(({ type }) => type))
    if (!at || !drafts.some(({ type }) => type === at!.type)) return
    const { act } = at
    at = undefined
    act()
  }
  const steps = async () => {
    const [run] = await set.house.ledger.read((books) => books.runs.where({ plan_id: plan }))
    const found = await set.house.ledger.read((books) => books.steps.where({ run_id: run!.id }))
    return { run: run!, states: found.map(({ state }) => state), because: found.map(({ because }) => because) }
  }
  return {
    ...set,
    commits,
    steps,
    carryOut: (worker = 'worker-1') => set.house.worker(worker).runner.carryOut(plan),
    /** Does something at the first commit with an entry of this type. */
    at: (type: string, act: () => void) => void (at = { type, act }),
  }
}

const scaled = ({ cluster }: { cluster: { effects: { args: unknown[] }[] } }) =>
  cluster.effects.map(({ args }) => `${String(args[0])} ${String(args[1])}`)

describe('how a step ended', () => {
  test('is committed together with the claim of the next, and the last one together with the verification', async () => {
    const set = await house()
    expect(await set.carryOut()).toBe('succeeded')
    expect(set.commits.slice(1)).toEqual([
      ['step.intended'],
      ['step.done', 'step.intended'],
      ['step.done', 'run.verifying'],
      ['run.succeeded', 'target.freed', 'target.freed'],
    ])
  })

  test('and so on the way back', async () => {
    const set = await house({ helps: false })
    expect(await set.carryOut()).toBe('undone')
    expect(set.commits).toContainEqual(['step.undone', 'step.undoing'])
    expect(scaled(set)).toEqual(['prod/api 5', 'prod/web 5', 'prod/web 2', 'prod/api 2'])
  })

  test('is committed alone where somebody cancelled the run meanwhile', async () => {
    const set = await house()
    const scale = set.cluster.hands.scale.bind(set.cluster.hands)
    set.cluster.hands.scale = async (...args) => {
      const { run } = await set.steps()
      const wish = { undo: false, reason: 'enough' }
      await new Interventions(set.house.world, set.house.doorbell).cancel(hannah, run.id, wish)
      return scale(...args)
    }
    expect(await set.carryOut()).toBe('cancelled')
    expect((await set.steps()).states).toEqual(['done', 'skipped'])
    expect(set.commits).toContainEqual(['step.done'])
    expect(scaled(set)).toEqual(['prod/api 5'])
  })

  test('is committed alone where the next one was frozen meanwhile, and the run stands still', async () => {
    const set = await house()
    const scale = set.cluster.hands.scale.bind(set.cluster.hands)
    set.cluster.hands.scale = async (...args) => {
      const over = { scopes: ['deployment:prod/web'], reason: 'data leaves at night' }
      await new Freezes(set.house.world).declare(theo, over)
      return scale(...args)
    }
    expect(await set.carryOut()).toBe('frozen')
    expect((await set.steps()).states).toEqual(['done', 'pending'])
    expect(set.commits.filter((types) => types.length > 0).slice(-3)).toEqual([
      ['freeze.declared'],
      ['step.done'],
      ['step.denied', 'run.frozen', 'target.freed', 'target.freed'],
    ])
    expect(scaled(set)).toEqual(['prod/api 5'])
  })

  test('does not wait for a next target that cannot be read: that one has a turn of its own, with patience', async () => {
    const set = await house()
    const read = set.cluster.reader.deployment.bind(set.cluster.reader)
    let failing = 2
    set.cluster.reader.deployment = async (ref: WorkloadRef) => {
      if (ref === 'prod/web' && failing-- > 0) throw new PortFailure('unreachable', 'away for a moment')
      return read(ref)
    }
    expect(await set.carryOut()).toBe('succeeded')
    expect(set.commits.slice(1, 4)).toEqual([['step.intended'], ['step.done'], ['step.intended']])
  })

  test('when its worker dies before that commit, the next worker finds it in place and claims the second step once', async () => {
    const set = await house()
    set.at('step.done', () => {
      throw new Error('killed')
    })
    await expect(set.carryOut()).rejects.toThrow('killed')
    expect((await set.steps()).states).toEqual(['intended', 'pending'])
    set.house.clock.forward(5_000)
    expect(await set.carryOut('worker-2')).toBe('succeeded')
    expect((await set.steps()).because).toEqual(['Found in place.', null])
    expect(scaled(set)).toEqual(['prod/api 5', 'prod/web 5'])
  })

  test('of two steps on one target, the second finds it as the first has left it', async () => {
    const set = await house({ second: 'prod/api' })
    expect(await set.carryOut()).toBe('succeeded')
    expect(set.house.story).not.toContain('target.moved')
    expect(brokenLink(set.house.ledger.log)).toBeUndefined()
    expect(scaled(set)).toEqual(['prod/api 5', 'prod/api 7'])
  })
})
