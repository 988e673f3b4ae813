import { beforeEach, describe, expect, test } from 'vitest'
import type { PastRuns } from '../ports.js'
import type { JsonObject } from '../verb.js'

/** One world to hold a memory of runs to its contract in. */
export interface PastRunsWorld {
  past: PastRuns
  /** A run of this recipe that has ended, with these facts in its plan; it began after those before it. */
  ran(run: {
    id: string
    recipe: string
    facts: JsonObject
    state: 'succeeded' | 'failed'
    ended_minutes_ago: number
  }): Promise<void>
  /** One that goes on. */
  isRunning(run: { id: string; recipe: string; facts: JsonObject }): Promise<void>
}

/** What every memory of runs keeps. */
export function pastRunsContract(name: string, open: () => Promise<PastRunsWorld>): void {
  describe(`${name} keeps the contract of past runs`, () => {
    let world: PastRunsWorld
    beforeEach(async () => void (world = await open()))
    const facts = (suite: string, count = 1): JsonObject => ({ suite: { name: suite }, when: 'before', count })
    const latest = (suite: string, within = 60) =>
      world.past.latest('smoke-test', { 'suite.name': suite, when: 'before' }, within)
    const old = { recipe: 'smoke-test', state: 'succeeded', ended_minutes_ago: 30 } as const

    test('the one that began last is found, with the facts of its plan', async () => {
      await world.ran({ ...old, id: '1', facts: facts('model') })
      await world.ran({ ...old, id: '2', facts: facts('model', 2), state: 'failed', ended_minutes_ago: 20 })
      const found = await latest('model')
      expect(found).toMatchObject({ state: 'failed', facts: facts('model', 2) })
      expect(found!.run).toContain('2')
      expect(found!.plan).toContain('2')
      expect(found!.made_at).toMatch(/^20\d\d-.*Z$/)
    })

    test('others, and those with other facts, are not', async () => {
      await world.ran({ ...old, id: '1', facts: facts('model') })
      await world.ran({ ...old, id: '2', facts: facts('ocr') })
      await world.ran({ ...old, id: '3', recipe: 'scale-api', facts: facts('model', 3) })
      await world.ran({ ...old, id: '4', facts: { ...facts('model', 4), when: 'after' } })
      await world.ran({ ...old, id: '5', facts: { suite: 'model', when: 'before' } })
      expect((await latest('model'))?.facts).toEqual(facts('model'))
      expect(await latest('api')).toBeUndefined()
    })

    test('what ended too long ago, or goes on, is not', async () => {
      await world.ran({ ...old, id: '1', facts: facts('model'), ended_minutes_ago: 61 })
      await world.isRunning({ id: '2', recipe: 'smoke-test', facts: facts('model') })
      expect(await latest('model')).toBeUndefined()
      expect((await latest('model', 120))?.facts).toEqual(facts('model'))
    })
  })
}
