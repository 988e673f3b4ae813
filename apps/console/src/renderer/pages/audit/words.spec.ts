import { describe, expect, test } from 'vitest'
import type { Finding, Report } from '../../../checker/messages.js'
import { bytesSays } from '../../ui/bytes.js'
import { ending, findingSays, holds, keptName, place, progressSays, sentence, tookSays, verdictSays } from './words.js' // prettier-ignore

const passed: Finding = { check: 'note', says: 'it is a note', state: 'passed', found: '' }
const notMade: Finding = { check: 'consistency', says: '', state: 'not made', reason: 'no earlier checkpoint was given (--checkpoint)', open: false } // prettier-ignore
const failed = {
  check: 'leaf',
  says: '',
  state: 'failed',
  sentence: 'entry 3 is another',
  index: 3,
  entry: null,
} as const
const valid: Report = {
  verdict: 'valid',
  first: null,
  advice: null,
  findings: [passed],
  origin: 'log.example/x',
  completeness: 'FULL',
  size: 12_404,
  entries: 12_404,
  manifest: '',
}
const tampered: Report = { ...valid, verdict: 'tampered', first: failed, findings: [passed, failed] }

describe('a verdict', () => {
  test('says what it means, and what was not checked', () => {
    expect(verdictSays(valid)).toBe('The log holds these entries, all of them, unchanged and in this order.')
    expect(verdictSays({ ...valid, findings: [passed, notMade] })).toContain(
      '1 of 2 checks was not made; each says why',
    )
    expect(verdictSays({ ...valid, verdict: 'incomplete' })).toContain('not everything could be')
  })
  test('claims no more than the class of the bundle allows', () => {
    expect(verdictSays({ ...valid, completeness: 'STREAM' })).not.toContain('all of them')
    expect(verdictSays({ ...valid, completeness: 'SELECTED' })).toBe('The log holds these entries unchanged.')
    expect(holds(valid)).toBe('all 12,404 entries')
    expect(holds({ ...valid, completeness: 'SELECTED', entries: 7 })).toBe('7 of 12,404 entries, selected')
  })
  test('of tampering is the sentence of the check to look at first', () => {
    expect(verdictSays(tampered)).toBe('Entry 3 is another.')
    expect(verdictSays({ ...tampered, findings: [failed, failed] })).toContain('2 checks failed')
  })
  test('is told to who cannot see it', () => {
    const when = new Date(0)
    expect(ending({ at: 'told', report: tampered, checkpoint: null, took: 1, when })).toBe(
      'Not verified: tampered. Entry 3, check leaf. Entry 3 is another.',
    )
    expect(ending({ at: 'unusable', input: 'bundle', sentence: 'it is empty' })).toBe('Evidence bundle cannot be used: it is empty') // prettier-ignore
    expect(ending({ at: 'idle' })).toBeUndefined()
  })
})

test('a check says what is true, what is wrong, or why it does not know', () => {
  expect([passed, failed, notMade].map(findingSays)).toEqual(['it is a note', 'entry 3 is another', 'no earlier checkpoint was given']) // prettier-ignore
  expect(place(1_234)).toBe('entry 1,234')
  expect(place(null)).toBe('not at one entry')
})

test('sentences, sizes and spans are written as people write them', () => {
  expect([sentence('no.'), sentence('it is empty'), sentence('')]).toEqual(['No.', 'It is empty.', '.'])
  expect([0, 999, 1_000, 52_430_000, 999_999].map(bytesSays)).toEqual(['0 bytes', '999 bytes', '1.0 kB', '52.4 MB', '1000 kB']) // prettier-ignore
  expect([40, 9_940, 12_400, 125_000].map(tookSays)).toEqual(['0.0 s', '9.9 s', '12 s', '2 min 05 s'])
})

test('progress says what is being done', () => {
  const size = 52_000_000
  expect(progressSays({ bytes: 26_000_000, entries: 0, of: 0 }, size)).toBe('Reading and hashing the files: 26.0 MB of 52.0 MB') // prettier-ignore
  expect(progressSays({ bytes: 60_000_000, entries: 1_000, of: 2_000 }, size)).toBe('Checking the entries: 1,000 of 2,000') // prettier-ignore
  expect(progressSays({ bytes: 60_000_000, entries: 2_000, of: 2_000 }, size)).toContain('Putting together')
})

test('the name of a kept checkpoint is a name, whatever the log calls itself', () => {
  expect(keptName('log.example/firebreak', 300)).toBe('checkpoint-log.example-firebreak-300.txt')
  expect(keptName('../../etc/passwd\u202Etxt', 1)).toBe('checkpoint-..-..-etc-passwd-txt-1.txt')
})
