import { expect, test } from 'vitest'
import { rangeOf } from './range.js'

test.each([
  ['bytes=0-0', 0, 1],
  ['bytes=0-9', 0, 10],
  ['bytes=2-5', 2, 6],
  ['bytes=4-', 4, 10],
  ['bytes=-3', 7, 10],
  ['bytes=-30', 0, 10],
  ['bytes=9-100', 9, 10],
])('%s of ten bytes is %i up to %i', (header, from, to) => expect(rangeOf(header, 10)).toEqual({ from, to }))

test.each([undefined, '', 'bytes=', 'bytes=-', 'bytes=5-2', 'bytes=0-1,4-5', 'pages=1-2', 'bytes=a-b'])(
  'what is not understood means everything: %s',
  (header) => expect(rangeOf(header, 10)).toEqual({ from: 0, to: 10 }),
)

test.each(['bytes=10-', 'bytes=10-20', 'bytes=-0'])('outside of the file is refused: %s', (header) =>
  expect(() => rangeOf(header, 10)).toThrowError(expect.objectContaining({ code: 'range-not-satisfiable' })),
)
