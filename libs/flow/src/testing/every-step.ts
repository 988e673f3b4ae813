import type { JsonObject, PortFailureKind } from '@firebreak/kit'
import { verbs } from '@firebreak/kit/verbs'
import { expect, test } from 'vitest'
import { withGiven } from '../given.js'
import { brokenLink } from './links.js'
import { effectsOf, rehearse, type Mishap, type Played, type PlayOptions, type Stage } from './play.js'

/*
 * What must be true of every recipe, TypeScript or YAML, said once. Its spec makes a stage and calls these, a line each:
 *
 *   everyStepTwice(stage)
 *   everyStepCanFail(stage)
 *   everyStepCanDie(stage)
 *
 * Where a step can be struck is not listed by hand: a first play without a mishap counts every call of the hands and
 * every commit, and each of them is struck once, in a world of its own.
 */

/** Nothing happens twice: not when several workers hear the bell, and not when a step that is done is done again. */
export function everyStepTwice(make: () => Stage): void {
  test('every step twice: no effect is doubled', async () => expect(await faultsWhenTwice(make)).toEqual([]))
}

/** Each call of the hands fails, in every way: the run is taken back to a clean slate, or names what was kept. */
export function everyStepCanFail(make: () => Stage): void {
  test('every step can fail: a clean slate, or what was kept is named', async () =>
    expect(await faultsWhenFailing(make)).toEqual([]))
}

/**
 * The worker dies before and after every effect and every commit, and another one goes on: nothing is doubled, nothing
 * is lost, or the run says that it needs a person, and why.
 */
export function everyStepCanDie(make: () => Stage): void {
  test('every step can die: the next worker doubles nothing and loses nothing', async () =>
    expect(await faultsWhenDying(make)).toEqual([]))
}

/** @internal The sentences that `everyStepTwice` wants none of. */
export async function faultsWhenTwice(make: () => Stage): Promise<string[]> {
  const faults: string[] = []
  for (const helps of [true, false]) {
    const stage = make()
    const asked = await reference(make, { helps })
    const played = await rehearse(stage, { helps, workers: 3 })
    const say = (what: string) => faults.push(`${helps ? 'helping' : 'taken back'}: ${what}`)
    if (played.effects.length !== asked.effects.length)
      say(`three workers made ${played.effects.length} effects where one makes ${asked.effects.length}`)
    if (!same(played.after, asked.after))
      say(`three workers left ${text(played.after)} where one leaves ${text(asked.after)}`)

    const asks = withGiven(played.plan.body, played.steps).flatMap((step, index) =>
      effectsOf({ ...played.plan.body!.steps[index]!, args: step.args }).map((effect) => ({ index, ...effect })),
    )
    for (const { index, verb: id, args, item } of asks) {
      const verb = verbs.get(id)!
      const effect = helps || 'none' in verb.undo ? verb : verb.undo
      if (!helps && effect === verb) continue
      const step = `step ${index + 1}${item ? `, item ${item}` : ''} (${id})${helps ? '' : ', back'}`
      const left = item ? (played.after[index]?.[item] as JsonObject) : played.after[index]
      // Steps that share a target move on from each other: only what is still there can be asked for again.
      const before = stage.effects().length
      const probe = await effect.probe(stage.readers, args)
      if (probe === 'not-in-place' && same(left, helps ? verb.after(args) : verb.before(args)))
        say(`${step} is done, and its probe says that it is not: whoever takes the run over does it again`)
      if (stage.without_precondition?.includes(id)) continue
      await effect.do(stage.hands, stage.readers, args).catch(() => undefined)
      if (stage.effects().length > before) say(`${step} can be done again: ${text(stage.effects().at(-1))}`)
    }
  }
  return faults
}

/** @internal The sentences that `everyStepCanFail` wants none of. */
export async function faultsWhenFailing(make: () => Stage): Promise<string[]> {
  const ways: { how: PortFailureKind; afterEffect?: boolean; forGood?: boolean }[] = [
    { how: 'forbidden' },
    { how: 'forbidden', forGood: true },
    { how: 'throttled' },
    { how: 'timeout' },
    { how: 'timeout', afterEffect: true },
    { how: 'unreachable', forGood: true },
  ]
  return strike(make, ({ calls }) =>
    calls.flatMap((_, index) => ways.map((way): Mishap => ({ at: 'call', nth: index + 1, ...way }))),
  )
}

/** @internal The sentences that `everyStepCanDie` wants none of. */
export async function faultsWhenDying(make: () => Stage): Promise<string[]> {
  const deaths = (at: 'call' | 'commit', places: readonly string[]): Mishap[] =>
    places.flatMap((_, index) =>
      (['dies before', 'dies after'] as const).map((how): Mishap => ({ at, nth: index + 1, how })),
    )
  return strike(
    make,
    ({ calls, commits }) => [...deaths('call', calls), ...deaths('commit', commits)],
    // A death is nobody's failure: the run ends as it would have, or a person is asked.
    ({ outcome }, asked) =>
      outcome === asked.outcome || outcome === 'needs-a-person'
        ? []
        : [`the run is ${outcome} where it would have been ${asked.outcome}`],
  )
}

/** Plays every mishap that the play without one has room for: when it helps, and when it is taken back. */
async function strike(
  make: () => Stage,
  mishaps: (asked: Played) => Mishap[],
  besides: (played: Played, asked: Played) => string[] = () => [],
): Promise<string[]> {
  const faults: string[] = []
  for (const helps of [true, false]) {
    const asked = await reference(make, { helps })
    for (const mishap of mishaps(asked)) {
      const played = await rehearse(make(), { helps, mishap })
      for (const what of [...wrongWith(played, asked), ...besides(played, asked)])
        faults.push(`${helps ? 'helping' : 'taken back'}, ${inWords(mishap, asked)}: ${what}`)
    }
  }
  return faults
}

/** The play without a mishap. A stage on which it does not end as it should would prove nothing. */
async function reference(make: () => Stage, options: PlayOptions): Promise<Played> {
  const played = await rehearse(make(), options)
  const { outcome, run, plan, effects } = played
  const back = options.helps === false
  const fine = back ? ['undone', 'needs-a-person', 'failed'].includes(outcome) : outcome === 'succeeded'
  if (!fine)
    throw new Error(`this stage proves nothing: without a mishap the run is ${outcome} (${run?.because ?? 'no run'})`)
  if (plan.body!.steps.length > 0 && effects.length === 0)
    throw new Error('this stage proves nothing: the plan has steps, and `effects` counts none of what they do')
  const wrong = wrongWith(played, played)
  if (wrong.length > 0) throw new Error(`without a mishap already: ${wrong.join('; ')}`)
  return played
}

/** What may be asked of every end, whatever happened on the way. */
function wrongWith(played: Played, asked: Played): string[] {
  const { outcome, run, steps, items, effects, before, after, log } = played
  const wrong: string[] = []
  const link = brokenLink(log)
  if (link !== undefined) wrong.push(`an auditor would find that ${link}`)
  const most = outcome === 'succeeded' ? asked.effects.length : Math.max(asked.effects.length, told(played, asked))
  if (effects.length > most) wrong.push(`${effects.length} effects where ${most} were asked for`)
  const changed = after.flatMap((state, index) => (same(state, before[index]) ? [] : [index + 1]))
  switch (outcome) {
    case 'succeeded':
      // A step over many that bears failures names them, and is done without these.
      if (items.some(({ state }) => state === 'failed')) {
        for (const { number, step_id } of items.filter(({ state }) => state === 'failed')) {
          const at = steps.findIndex(({ id }) => id === step_id)
          if (!new RegExp(`item ${number}\\b`).test(steps[at]?.because ?? ''))
            wrong.push(`item ${number} failed, and its step does not name it`)
          if (text(after[at]?.[number]) !== text(before[at]?.[number]))
            wrong.push(`item ${number} failed and was changed`)
        }
        break
      }
      if (asked.outcome === 'succeeded' && effects.length < asked.effects.length)
        wrong.push(`it succeeded with ${effects.length} of ${asked.effects.length} effects: one is lost`)
      if (asked.outcome === 'succeeded' && !same(after, asked.after))
        wrong.push(`it succeeded and left ${text(after)} instead of ${text(asked.after)}`)
      break
    case 'undone':
    case 'failed':
      for (const number of changed)
        wrong.push(`the run is ${outcome}, and step ${number} left ${text(after[number - 1])} behind`)
      break
    case 'needs-a-person': {
      const because = run?.because ?? ''
      if (because === '') wrong.push('it needs a person and does not say why')
      const told = steps.filter(({ state }) => state === 'kept' || state === 'unknown')
      for (const { number, state } of told)
        if (!new RegExp(`step ${number}\\b`, 'i').test(because))
          wrong.push(`step ${number} is ${state}, and the run does not name it (${because})`)
      for (const number of changed)
        if (!['done', 'kept', 'unknown'].includes(steps[number - 1]?.state ?? '') && !steps[number - 1]?.items_done)
          wrong.push(`step ${number} left ${text(after[number - 1])} behind and is ${steps[number - 1]?.state}`)
      break
    }
    default:
      wrong.push(`the run never came to an end: it is ${outcome}`)
  }
  return wrong
}

/** How many effects there are by the log: what was done until something went wrong, and taken back. */
function told(played: Played, asked: Played): number {
  const doings = ({ log }: Played) =>
    log.filter(
      ({ type, detail }) =>
        /^item\.(done|undone)$/.test(type) || (/^step\.(done|undone)$/.test(type) && detail?.['items'] === undefined),
    ).length
  return Math.ceil((doings(played) * asked.effects.length) / Math.max(doings(asked), 1))
}

function inWords(mishap: Mishap, asked: Played): string {
  const place =
    mishap.at === 'call'
      ? `call ${mishap.nth} (${asked.calls[mishap.nth - 1]})`
      : `commit ${mishap.nth} (${asked.commits[mishap.nth - 1]})`
  const more =
    'forGood' in mishap && mishap.forGood ? ' from then on' : 'afterEffect' in mishap ? ' after the effect' : ''
  return `${place} ${mishap.how}${more}`
}

const text = (value: unknown): string => JSON.stringify(value) ?? 'nothing'
const same = (a: JsonObject | JsonObject[] | undefined, b: JsonObject | JsonObject[] | undefined): boolean =>
  text(a) === text(b)
