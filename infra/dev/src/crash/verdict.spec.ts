import { describe, expect, test } from 'vitest'
import { judge, type Evidence } from './verdict.js'

const line = (id: string, stream: string, seq: number) => ({ id, stream, seq, about: `thing:${id}` })

/** A small log in which everything is as it should be. */
const sound: Evidence = {
  acknowledged: new Set(['a', 'b', 'c']),
  rolledBack: new Set(['x']),
  log: [line('a', 's', 0), line('b', 't', 0), line('c', 's', 1)],
  entries: 3,
  leaves: 3,
  unpaired: 0,
  rowsAlone: 0,
  entriesAlone: 0,
  roots: new Map([
    [2, 'r2'],
    [3, 'r3'],
  ]),
  published: [
    { size: 2, root: 'r2', signed: true, cosigned: true },
    { size: 3, root: 'r3', signed: true, cosigned: true },
  ],
  signed: new Map([
    [0, new Set(['empty'])],
    [2, new Set(['r2'])],
    [3, new Set(['r3'])],
  ]),
  cosigned: new Set([0, 2, 3]),
  proofs: { made: 1, broken: [] },
  refusals: [],
}

const failing = (change: Partial<Evidence>) =>
  judge({ ...sound, ...change })
    .filter(({ ok }) => !ok)
    .map(({ what }) => what)

describe('the checker of the crash suite', () => {
  test('has nothing to say of a sound log', () => {
    expect(failing({})).toEqual([])
  })

  test.each<[string, Partial<Evidence>, string]>([
    [
      'an acknowledged entry is missing',
      { acknowledged: new Set(['a', 'lost']) },
      'acknowledged entries are in the log',
    ],
    ['nothing was acknowledged at all', { acknowledged: new Set() }, 'acknowledged entries are in the log'],
    [
      'an entry stands twice',
      { log: [...sound.log, line('a', 'u', 0)], entries: 4, leaves: 4 },
      'no entry is in the log twice',
    ],
    ['a rolled back entry is there', { rolledBack: new Set(['b']) }, 'nothing that was rolled back is in the log'],
    ['an entry has no leaf', { entries: 4 }, 'every entry has one leaf, every leaf its entry'],
    ['a leaf is another entry’s', { unpaired: 1 }, 'every entry has one leaf, every leaf its entry'],
    ['a row came without its entry', { rowsAlone: 1 }, 'a change and its entry came together'],
    ['an entry came without its row', { entriesAlone: 1 }, 'a change and its entry came together'],
    [
      'a stream has a gap',
      { log: [line('a', 's', 0), line('b', 't', 0), line('c', 's', 2)] },
      'streams have no gap and stand in their order',
    ],
    [
      'a stream is out of order',
      { log: [line('c', 's', 1), line('b', 't', 0), line('a', 's', 0)] },
      'streams have no gap and stand in their order',
    ],
    [
      'a checkpoint is not signed',
      { published: [{ size: 3, root: 'r3', signed: false, cosigned: true }] },
      'every published checkpoint is signed and cosigned',
    ],
    [
      'a checkpoint is not cosigned',
      { published: [{ size: 3, root: 'r3', signed: true, cosigned: false }] },
      'every published checkpoint is signed and cosigned',
    ],
    ['no checkpoint was published', { published: [] }, 'the root of every published checkpoint, computed anew'],
    [
      'one size was signed with two roots, and one of them never published',
      { signed: new Map([[3, new Set(['r3', 'other'])]]) },
      'no size was signed with two roots, none with a strange one',
    ],
    [
      'a size was signed with a root that the log never had',
      { signed: new Map([[2, new Set(['other'])]]), published: [sound.published[1]!] },
      'no size was signed with two roots, none with a strange one',
    ],
    [
      'a proof does not hold',
      { proofs: { made: 1, broken: ['2 to 3'] } },
      'published checkpoints are consistent with each other',
    ],
    ['a sequencer refuses the log', { refusals: ['sequencer-1: LOG_FORKED'] }, 'no program gave the log up'],
  ])('says so when %s', (_, change, what) => {
    expect(failing(change)).toEqual([what])
  })

  test('says so when a published root is not the one of the entries', () => {
    expect(failing({ published: [{ size: 3, root: 'other', signed: true, cosigned: true }] })).toContain(
      'the root of every published checkpoint, computed anew',
    )
  })
})
