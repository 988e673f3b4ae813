import type { Doorbell, Timers } from '@firebreak/flow'
import { expect, test } from 'vitest'
import type { Observer } from './remediation/observer.js'
import { Rounds } from './rounds.js'

/** The rounds with parts that note their turn; those that are named here fail. */
function rounds(...failing: string[]) {
  const turns: string[] = []
  const turn = (name: string) => async () => {
    turns.push(name)
    if (failing.includes(name)) throw new Error(`${name} is broken`)
    return []
  }
  const works: (() => Promise<void>)[] = []
  const timers: Timers = {
    sleep: async () => undefined,
    every: (_, work) => {
      works.push(work)
      return () => undefined
    },
  }
  const doorbell = {} as Doorbell
  const observer = { look: turn('look') } as unknown as Observer
  new Rounds(
    timers,
    { find: turn('sweep') },
    doorbell,
    observer,
    { schedule: turn('checks') as never },
    { tellOver: turn('budgets') },
    { tell: turn('alarms') },
    { carryOut: turn('lifts') },
    async () => undefined,
    { sweepMs: 1, observeMs: 1, clearMs: 1 },
  ).onApplicationBootstrap()
  return { sweepOnce: works[0]!, turns }
}
const ALL = ['sweep', 'checks', 'budgets', 'alarms', 'lifts']

test.each(ALL)('trouble with %s is told of, and everything else has its turn', async (part) => {
  const { sweepOnce, turns } = rounds(part)
  await expect(sweepOnce()).rejects.toThrow(`${part} is broken`)
  expect(turns).toEqual(ALL)
})

test('a round without trouble says nothing', async () => {
  const { sweepOnce, turns } = rounds()
  await sweepOnce()
  expect(turns).toEqual(ALL)
})
