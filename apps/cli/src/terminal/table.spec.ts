import { describe, expect, test } from 'vitest'
import { Output } from './output.js'
import { columnsOf, cut, printable, printableJson, wrap } from './printable.js'
import { table } from './table.js'

const plain = (_: string, text: string) => text
const ESC = '\u001b'

describe('a table', () => {
  const rows = [
    ['inc_1', 'The API is slow, and has been since the deploy of this morning'],
    ['inc_22', null],
  ]
  test('is as wide as it needs to be where nobody measures', () => {
    expect(table(['ID', 'TITLE'], rows, Infinity, plain)).toEqual([
      'ID      TITLE',
      'inc_1   The API is slow, and has been since the deploy of this morning',
      'inc_22  –',
    ])
  })
  test.each([40, 60, 80])('never wider than a terminal of %i', (width) => {
    const lines = table(['ID', 'TITLE'], rows, width, plain)
    for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(width)
    if (width < 60) expect(lines[1]).toMatch(/^inc_1 {3}The API is slow.*…$/)
  })
  test('columns stay below each other with wide characters', () => {
    expect(table(['A', 'B'], [['日本', 'x'], ['abcd', 'y']], Infinity, plain).slice(1)).toEqual(['日本  x', 'abcd  y']) // prettier-ignore
  })
})

describe('text of strangers', () => {
  const hostile = [`${ESC}[2J${ESC}]0;owned\u0007`, '\u009b31m', 'a\u202eb', 'x\rY', '\u0000', '\u200b', '\ud800']
  test.each(hostile)('%j cannot act on a terminal', (text) => {
    expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u)
    const shown = printableJson({ text }, 2)
    expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u)
    expect(JSON.parse(shown)).toEqual({ text })
  })
  test('a line stays one line in a table, and ordinary text stays itself', () => {
    expect(table(['A'], [['one\ntwo']], Infinity, plain)[1]).toBe('one two')
    expect(printable('Grüße, 東京 – €5 👍')).toBe('Grüße, 東京 – €5 👍')
  })
  test('nothing of it is taken for our own colours', () => {
    let said = ''
    const out = new Output({ isTTY: true, columns: 80, write: (text) => (said += text) }, { write: () => 0 }, false, {})
    out.line({ text: `${ESC}[31mred`, colour: 'green' })
    out.fields([['name', `${ESC}[5mblink\nmore`]])
    expect(
      said
        .split(ESC)
        .slice(1)
        .map((part) => /^\[\d+m/.exec(part)?.[0]),
    ).toEqual(['[32m', '[39m', '[2m', '[22m'])
  })
})

test.each<[string, object, NodeJS.ProcessEnv, boolean]>([
  ['a terminal', { isTTY: true, columns: 80 }, {}, true],
  ['NO_COLOR', { isTTY: true, columns: 80 }, { NO_COLOR: '1' }, false],
  ['a terminal that cannot', { isTTY: true, columns: 80 }, { TERM: 'dumb' }, false],
  ['a pipe', {}, {}, false],
  ['a pipe, and FORCE_COLOR', {}, { FORCE_COLOR: '1' }, true],
])('colours: %s', (_, stream, env, coloured) => {
  let said = ''
  const out = new Output({ ...stream, write: (text) => (said += text) }, { write: () => 0 }, false, env)
  out.rows(['STATE'], [[{ text: 'failed', colour: 'red' }]], '')
  expect(said.includes(ESC)).toBe(coloured)
})

test('cut and wrap count columns, not characters', () => {
  expect(cut('日本語', 5)).toBe('日本…')
  expect(cut('abc', 3)).toBe('abc')
  expect(wrap('one two three', 7)).toEqual(['one two', 'three'])
})
