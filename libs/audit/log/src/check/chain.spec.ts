import { expect, test } from 'vitest'
import { stateDigest } from '../entry.js'
import { told, watched, type Told } from '../testing/index.js'
import { chain } from './chain.js'

const state = (replicas: number) => ({ digest: stateDigest({ replicas }), summary: { replicas } })
const about = (
  type: 'step.intended' | 'step.done' | 'step.failed' | 'step.unknown' | 'target.moved' | 'loan.returned',
  before: number | undefined,
  after?: number,
  rest: object = {},
): Told => ({
  stream: 'run:r1',
  type,
  target: 'deployment:prod/api',
  ...(before === undefined ? {} : { before: state(before) }),
  ...(after === undefined ? {} : { after: state(after) }),
  detail: { verb: 'scale-deployment' },
  ...rest,
})
const look = (...all: Told[]) => watched(chain, told(all))
const run = [about('step.intended', 2), about('step.done', 2, 5)]

test('a target that is found as it was left, by whichever run comes next', async () => {
  const next = [about('step.intended', 5, undefined, { stream: 'run:r2' }), about('step.done', 5, 7)]
  expect(await look(...run, ...next)).toEqual({
    state: 'passed',
    found: '1 target; 0 times one had changed in between',
  })
})

test('a target that was found moved, and said so', async () => {
  expect(await look(...run, about('target.moved', 5, 6), about('step.intended', 6))).toEqual({
    state: 'passed',
    found: '1 target; 1 time one had changed in between',
  })
})

test('two verbs look at two sides of one thing', async () => {
  expect(await look(...run, about('step.intended', 9, undefined, { detail: { verb: 'raise-autoscaler-floor' } }))).toMatchObject({ state: 'passed' }) // prettier-ignore
})

test('an effect that nobody could see the end of begins anew', async () => {
  for (const type of ['step.unknown', 'step.failed', 'step.done', 'loan.returned'] as const)
    expect(await look(...run, about(type, undefined), about('step.intended', 3)), type).toMatchObject({
      state: 'passed',
    })
})

test.each<[string, Told[], number, string]>([
  [
    'an effect by somebody else',
    [...run, about('step.intended', 6)],
    2,
    'entry 2 (step.intended) found deployment:prod/api otherwise than entry 1 had left it, and no entry says that it was changed in between',
  ],
  [
    'an outcome that was left out',
    [run[0]!, about('step.intended', 5)],
    1,
    'entry 1 (step.intended) found deployment:prod/api otherwise than entry 0 had left it, and no entry says that it was changed in between',
  ],
  [
    'a before of the outcome that is not the one of the intent',
    [run[0]!, about('step.done', 3, 5)],
    1,
    'entry 1 (step.done) found deployment:prod/api otherwise than entry 0 had left it, and no entry says that it was changed in between',
  ],
  [
    'a move from where nobody had left it',
    [about('target.moved', 5, 6)],
    0,
    'entry 0 (target.moved) says how deployment:prod/api had been left, and no entry before it left it so',
  ],
  [
    'a move from elsewhere than it had been left',
    [...run, about('target.moved', 4, 6)],
    2,
    'entry 2 (target.moved) found deployment:prod/api otherwise than entry 1 had left it, and no entry says that it was changed in between',
  ],
])('found: %s', async (_, all, index, sentence) => {
  expect(await look(...all)).toEqual({ state: 'failed', index, sentence })
})

test('where not every entry is here, nothing is said', async () => {
  expect(await watched(chain, told(run), {}, { manifest: { completeness: 'STREAM' } })).toMatchObject({
    state: 'not made',
  })
})
