import { expect, test } from 'vitest'
import { faultOf, formatOf } from './format.js'

const bytes = (...parts: (string | number[])[]) =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...part].map((one) => one.charCodeAt(0)) : part)),
  )
const png = bytes([0x89], 'PNG\r\n', [0x1a, 0x0a], 'pixels', [0, 0, 0, 0], 'IEND', [0xae, 0x42, 0x60, 0x82])
const pdf = bytes('%PDF-1.7\n', 'pages', '\n%%EOF\n')

test.each([
  ['a PNG', png, { format: 'png', whole: true }],
  ['half a PNG', png.subarray(0, 15), { format: 'png', whole: false }],
  ['a PNG with something behind it', bytes([...png], 'x'), { format: 'png', whole: false }],
  ['a PDF', pdf, { format: 'pdf', whole: true }],
  ['half a PDF', pdf.subarray(0, 12), { format: 'pdf', whole: false }],
  ['a PDF whose end lies far before its end', bytes([...pdf], 'x'.repeat(2_000)), { format: 'pdf', whole: false }],
  ['a JPEG', bytes([0xff, 0xd8, 0xff, 0xe0], 'x', [0xff, 0xd9]), { format: 'jpeg', whole: true }],
  ['half a JPEG', bytes([0xff, 0xd8, 0xff, 0xe0], 'x'), { format: 'jpeg', whole: false }],
  ['a TIFF', bytes('II*', [0], 'x'), { format: 'tiff', whole: true }],
  ['a GIF', bytes('GIF89a', 'x', [0x3b]), { format: 'gif', whole: true }],
  ['nothing', bytes(), { format: 'empty', whole: false }],
  ['something else', bytes('MZ'), { format: 'unknown', whole: true }],
  ['the beginning of a beginning', bytes([0x89], 'PN'), { format: 'unknown', whole: true }],
] as const)('%s', (_, content, expected) => expect(formatOf(content)).toEqual(expected))

test.each([
  [png, ['png'], undefined],
  [png, [], undefined],
  [bytes('MZ'), [], undefined],
  [bytes('MZ'), ['png'], 'it is of an unknown format, and png can be read'],
  [pdf, ['png', 'tiff'], 'it is a pdf, and png, tiff can be read'],
  [png.subarray(0, 15), [], 'it is a png without its end'],
  [bytes(), [], 'it is empty'],
] as const)('%#: what a queue is told', (content, read, fault) => expect(faultOf(content, read)).toBe(fault))
