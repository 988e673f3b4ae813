import { expect, test } from 'vitest'
import { judgeJournals, type Journals, type RunLine } from './journals.js'

const line = (type: string, about = 'run:r'): RunLine => ({ stream: 'run:r', type, about })
const started = line('run.started')
const intended = line('step.intended', 'step:s')
const done = line('step.done', 'step:s')
const taken = line('run.taken-over', 'tenure:r')
const succeeded = line('run.succeeded')

/** One run that scaled, was taken over, succeeded, and whose loan was given back. */
const sound: Journals = {
  runs: [{ id: 'r', state: 'succeeded', ended_at: '2026-01-01T00:00:00.000Z' }],
  steps: [{ id: 's', run_id: 'r', number: 1, state: 'done' }],
  loans: [{ id: 'l', run_id: 'r', step_id: 's', state: 'returned' }],
  locks: 0,
  lines: [started, intended, taken, done, succeeded],
  effects: 2,
}

const failing = (change: Partial<Journals>) =>
  judgeJournals({ ...sound, ...change })
    .filter(({ ok }) => !ok)
    .map(({ what }) => what.split(' ').slice(0, 3).join(' '))

test('a sound journal is left alone, and so is a run that was taken back', () => {
  expect(failing({})).toEqual([])
  const back = line('step.undone', 'step:s')
  expect(
    failing({
      runs: [{ id: 'r', state: 'undone', ended_at: null }],
      steps: [{ id: 's', run_id: 'r', number: 1, state: 'undone' }],
      lines: [started, intended, done, back, line('run.undone')],
    }),
  ).toEqual([])
})

test.each<[string, Partial<Journals>, string]>([
  ['no run was there at all', { runs: [], steps: [], loans: [], effects: 0 }, 'every run came'],
  ['a run has not ended', { runs: [{ id: 'r', state: 'verifying', ended_at: null }] }, 'every run came'],
  ['the log ends otherwise', { lines: [started, intended, done, line('run.failed')] }, 'every run came'],
  ['a run started twice', { lines: [started, started, intended, done, succeeded] }, 'every run came'],
  [
    'a step is in the air',
    { steps: [{ id: 's', run_id: 'r', number: 1, state: 'intended' }], effects: 1 },
    'every run came',
  ],
  ['a step was done twice', { lines: [started, intended, done, done, succeeded] }, 'every run came'],
  ['a step was done without intent', { lines: [started, done, succeeded] }, 'every run came'],
  ['the world changed once more', { effects: 3 }, 'the world changed'],
  ['a step only says that it was done', { effects: 1 }, 'the world changed'],
  ['a target is still locked', { locks: 1 }, 'no target is'],
])('says so when %s', (_, change, what) => {
  expect(failing(change)).toEqual([what])
})
