import { PortFailure, type PortFailureKind } from '@firebreak/kit'
import { describe, expect, test } from 'vitest'
import { hannah, scalingHouse } from './testing/index.js'

/** A plan whose diagnosis fails so at first, so many times. */
async function planned(kind: PortFailureKind, times: number) {
  const { house, metrics } = scalingHouse()
  let asked = 0
  metrics.follow('p95', () => {
    if (asked++ < times) throw new PortFailure(kind, 'the metrics said no')
    return 2_400
  })
  const { id } = await house.plans.request(hannah, {
    ...{ recipe: 'add-replicas', params: {}, labels: {}, reason: 'a test' },
  })
  const { state, because } = (await house.worker().planner.make(id))!
  return { state, because, asked }
}

describe('what is away for a moment while it is looked at', () => {
  test.each(['unreachable', 'timeout', 'throttled'] as const)('%s is looked at once more', async (kind) => {
    expect(await planned(kind, 1)).toMatchObject({ state: 'proposed', asked: 2 })
    expect(await planned(kind, 9)).toEqual({
      state: 'failed',
      because: `The diagnosis failed: the metrics said no (${kind})`,
      asked: 2,
    })
  })

  test.each(['forbidden', 'not-found', 'invalid', 'conflict'] as const)('%s is an answer', async (kind) => {
    expect(await planned(kind, 1)).toMatchObject({ state: 'failed', asked: 1 })
  })
})
