import { describe, expect, test } from 'vitest'
import type { Verb } from '@firebreak/kit'
import type { Draft } from './audit.js'
import { placeOf } from './chain.js'
import { brokenLink, scalingHouse } from './testing/index.js'

const log = ({ house }: Set) => house.ledger.log
type Set = ReturnType<typeof scalingHouse>

/** A run that scaled from two to five, on loan. */
async function scaled(set = scalingHouse()): Promise<Set & { loan: string }> {
  const plan = await set.house.approved('add-replicas', {})
  expect(await set.house.worker().runner.carryOut(plan)).toBe('succeeded')
  const loans = await set.house.ledger.read((books) => books.loans.where({ state: 'out' }))
  return { ...set, loan: loans.at(-1)!.id }
}

/** What a later run, or the loan on its way back, says of how the target was found. */
const movedIn = (set: Set) =>
  log(set)
    .filter(({ type }) => type === 'target.moved')
    .map(({ before, after }) => [before?.summary, after?.summary])

async function givenBack(set: Set & { loan: string }): Promise<string> {
  set.house.clock.forward(3_600_000)
  return set.house.worker().loans.giveBack(set.loan)
}

describe('each target is found as it was left', () => {
  test('from the run to the loan that is given back', async () => {
    const set = await scaled()
    expect(await givenBack(set)).toBe('returned')
    const states = log(set).flatMap(({ type, before, after }) =>
      before || after ? [[type, before?.summary['replicas'], after?.summary['replicas']]] : [],
    )
    expect(states).toEqual([
      ['step.intended', 2, undefined],
      ['step.done', 2, 5],
      ['loan.returning', 5, undefined],
      ['loan.returned', undefined, 2],
    ])
    expect(brokenLink(log(set))).toBeUndefined()
  })

  test('and by the next run', async () => {
    const set = await scaled()
    await givenBack(set)
    set.metrics.follow('p95', () => ((set.cluster.at('prod/api')?.ready ?? 0) >= 5 ? 120 : 2_400))
    await scaled(set)
    expect(movedIn(set)).toEqual([])
    expect(brokenLink(log(set))).toBeUndefined()
  })
})

test('taking back what was busy at first does not say that somebody moved the target', async () => {
  const set = scalingHouse({ helps: false })
  const plan = await set.house.approved('add-replicas', {})
  set.house.ledger.beforeCommit = (drafts) => {
    if (drafts.some(({ type }) => type === 'step.undoing') && undoing++ === 0) set.cluster.failNext('throttled')
  }
  let undoing = 0
  expect(await set.house.worker().runner.carryOut(plan)).toBe('undone')
  expect(undoing).toBe(2)
  expect(movedIn(set)).toEqual([])
  expect(brokenLink(log(set))).toBeUndefined()
})

describe('a target that somebody else changed in between', () => {
  test('is said to have moved before the loan is given back', async () => {
    const set = await scaled()
    set.cluster.elsewhere('prod/api', { replicas: 7 })
    expect(await givenBack(set)).toBe('overdue')
    expect(movedIn(set)).toEqual([[{ replicas: 5 }, { replicas: 7 }]])
    expect(brokenLink(log(set))).toBeUndefined()
  })

  test('is said to have moved before the next run touches it', async () => {
    const set = await scaled()
    await givenBack(set)
    set.cluster.elsewhere('prod/api', { replicas: 3 })
    await scaled(set)
    expect(movedIn(set)).toEqual([[{ replicas: 2 }, { replicas: 3 }]])
    expect(brokenLink(log(set))).toBeUndefined()
  })

  test('is said to have moved before it is taken back', async () => {
    const set = scalingHouse({ helps: false })
    const plan = await set.house.approved('add-replicas', {})
    set.house.clock.onSleep = () => {
      if (set.cluster.at('prod/api')?.replicas === 5) set.cluster.elsewhere('prod/api', { replicas: 6 })
    }
    await set.house.worker().runner.carryOut(plan)
    expect(movedIn(set)).toEqual([[{ replicas: 5 }, { replicas: 6 }]])
    expect(brokenLink(log(set))).toBeUndefined()
  })
})

describe('the check finds', () => {
  /** A run, its loan given back, another run. */
  async function twoRuns(): Promise<Draft[]> {
    const set = await scaled()
    await givenBack(set)
    await scaled(set)
    return log(set)
  }

  test('each entry about an effect that was left out, but for those that only repeat what others say', async () => {
    const all = await twoRuns()
    const needed = all.flatMap((entry, at) =>
      brokenLink(all.toSpliced(at, 1)) === undefined ? [] : [[entry.type, entry.after?.summary['replicas']]],
    )
    // Of the last run nothing is found yet: whoever comes next finds it.
    expect(needed).toEqual([
      ['step.done', 5],
      ['loan.returned', 2],
    ])
  })

  test('all entries of a run, as soon as another one finds its target moved', async () => {
    const set = await scaled()
    set.cluster.elsewhere('prod/api', { replicas: 7 })
    await givenBack(set)
    const without = log(set).filter(({ type }) => !type.startsWith('step.'))
    expect(brokenLink(without)).toMatch(/\(target.moved\) says how deployment:prod\/api had been left, and no entry/)
  })

  test('a state before that was made up', async () => {
    const all = await twoRuns()
    const made = { digest: `sha256:${'e'.repeat(64)}`, summary: { replicas: 4 } }
    for (const [at, entry] of all.entries()) {
      if (!entry.before || at === all.findIndex(({ before }) => before)) continue
      expect(brokenLink(all.with(at, { ...entry, before: made })), entry.type).toMatch(
        /otherwise than entry \d+ had left/,
      )
    }
  })

  test('an effect that no entry tells of', async () => {
    const all = await twoRuns()
    const at = all.findIndex(({ type }) => type === 'loan.returning')
    const changed = { digest: `sha256:${'e'.repeat(64)}`, summary: { replicas: 9 } }
    expect(brokenLink(all.with(at, { ...all[at]!, before: changed }))).toBe(
      `entry ${at} (loan.returning) found deployment:prod/api otherwise than entry ${all.findIndex(({ type }) => type === 'step.done')} had left it, and no entry says that it was changed in between`,
    )
  })
})

describe('a verb that changes a part of its target has a state for each part', () => {
  const verb = { targets: () => ['queue:batch'], part: ({ id }: { id: string }) => id } as unknown as Verb
  const reference = /^[a-z][a-z0-9_-]*:[!-~]{1,200}$/

  test('named after the target and the part', () => {
    expect(placeOf(verb, { id: 'job-1' })).toBe('queue:batch/job-1')
    expect(placeOf({ targets: verb.targets } as Verb, { id: 'job-1' })).toBe('queue:batch')
  })

  test('whatever it is called, the log can name it, and two parts are never one', () => {
    const names = ['a b', 'a/b', 'ünï', 'x'.repeat(500), `${'x'.repeat(499)}y`, 'a%20b']
    const places = names.map((id) => placeOf(verb, { id })!)
    for (const place of places) expect(place).toMatch(reference)
    expect(new Set(places).size).toBe(names.length)
  })
})
