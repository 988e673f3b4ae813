import { expect, test } from 'vitest'
import { FIRST, restoredBounds } from './bounds.js'

const one = { x: 0, y: 0, width: 1920, height: 1080 }
const left = { x: -2560, y: 0, width: 2560, height: 1440 }
const at = (x: number, y: number, width = 1000, height = 500) => ({ x, y, width, height })
const restored = (bounds: object, screens = [one]) => restoredBounds(JSON.stringify(bounds), screens)

test('SEC-52: where it was, when four fifths of it are on a screen', () => {
  expect(restored(at(100, 100))).toEqual(at(100, 100))
  expect(restored(at(-200, 100))).toEqual(at(-200, 100))
  expect(restored(at(-201, 100))).toEqual(FIRST)
  expect(restored(at(-1000, 100), [one, left])).toEqual(at(-1000, 100))
  // Half on the one and half on the other is on neither.
  expect(restored(at(-500, 100), [one, left])).toEqual(FIRST)
  expect(restored(at(5000, 100))).toEqual(FIRST)
  expect(restored(at(100, 100), [])).toEqual(FIRST)
})

test.each([
  undefined,
  '',
  '{',
  'null',
  '[]',
  '{"x":1}',
  '{"x":0,"y":0,"width":"1000","height":500}',
  '{"x":0,"y":0,"width":1e9,"height":1e9}',
  '{"x":0,"y":0,"width":10,"height":10}',
  '{"x":0.5,"y":0,"width":1000,"height":500}',
])('%s is the first start', (text) => expect(restoredBounds(text, [one])).toEqual(FIRST))
