/** As `MAX_DEPTH` in json.ts, which reads on where this here gives up. */
const MAX_DEPTH = 32

/**
 * Whether these bytes, if they are UTF-8, are their own canonical form beyond doubt. One look at each byte and nothing
 * made, which is what a log of a million entries needs. It says no where it would have to think: to keys that are not
 * plain ASCII, and to numbers that are not whole or have 16 digits. Whoever hears no asks the strict parser.
 *
 * What is left to find is little, since the grammar of the canonical form is small: no space, keys ascending (which
 * forbids doubles), numbers without leading zeros, one escape for each character that needs one.
 */
export const isPlainlyCanonical = (bytes: Uint8Array): boolean =>
  // A value that takes up all there is. No function here reads past the end: there it finds `undefined`, which is no byte.
  bytes.length > 0 && valueEnd(bytes, 0, 0) === bytes.length

const NO = -1
const [QUOTE, COMMA, COLON, BACKSLASH, MINUS, ZERO, NINE] = [0x22, 0x2c, 0x3a, 0x5c, 0x2d, 0x30, 0x39]
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]

/** Where the value that begins at `at` ends; NO where it is not plainly canonical. */
function valueEnd(bytes: Uint8Array, at: number, depth: number): number {
  switch (bytes[at]) {
    case QUOTE:
      return stringEnd(bytes, at)
    case OPEN_OBJECT:
      return depth === MAX_DEPTH ? NO : objectEnd(bytes, at, depth)
    case OPEN_ARRAY:
      return depth === MAX_DEPTH ? NO : arrayEnd(bytes, at, depth)
    case 0x74:
      return wordEnd(bytes, at, 'true')
    case 0x66:
      return wordEnd(bytes, at, 'false')
    case 0x6e:
      return wordEnd(bytes, at, 'null')
    default:
      return numberEnd(bytes, at)
  }
}

function objectEnd(bytes: Uint8Array, open: number, depth: number): number {
  if (bytes[open + 1] === CLOSE_OBJECT) return open + 2
  let [at, lastKey, lastEnd] = [open + 1, NO, NO]
  for (;;) {
    const end = keyEnd(bytes, at)
    if (end === NO || bytes[end] !== COLON) return NO
    if (lastKey !== NO && !isBefore(bytes, lastKey, lastEnd, at, end)) return NO
    lastKey = at
    lastEnd = end
    const valueEnds = valueEnd(bytes, end + 1, depth + 1)
    if (valueEnds === NO) return NO
    if (bytes[valueEnds] === CLOSE_OBJECT) return valueEnds + 1
    if (bytes[valueEnds] !== COMMA) return NO
    at = valueEnds + 1
  }
}

function arrayEnd(bytes: Uint8Array, open: number, depth: number): number {
  if (bytes[open + 1] === CLOSE_ARRAY) return open + 2
  for (let at = open + 1; ;) {
    const end = valueEnd(bytes, at, depth + 1)
    if (end === NO) return NO
    if (bytes[end] === CLOSE_ARRAY) return end + 1
    if (bytes[end] !== COMMA) return NO
    at = end + 1
  }
}

/** A key of printable ASCII without escapes: only of such is the order of bytes the order of UTF-16 units. */
function keyEnd(bytes: Uint8Array, open: number): number {
  if (bytes[open] !== QUOTE) return NO
  for (let at = open + 1; ; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) return at + 1
    if (byte === undefined || byte < 0x20 || byte > 0x7e || byte === BACKSLASH) return NO
  }
}

/** Whether one key comes before another. Both still have their quotes. */
function isBefore(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  const shared = Math.min(aEnd - a, bEnd - b) - 1
  for (let i = 1; i < shared; i++) {
    const [left, right] = [bytes[a + i]!, bytes[b + i]!]
    if (left !== right) return left < right
  }
  return aEnd - a < bEnd - b
}

function stringEnd(bytes: Uint8Array, open: number): number {
  for (let at = open + 1; ; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) return at + 1
    if (byte === undefined || byte < 0x20) return NO
    if (byte === BACKSLASH) {
      const length = escapeLength(bytes, at)
      if (length === 0) return NO
      at += length - 1
    }
  }
}

/** Of an escape as RFC 8785 has it: the short one where there is one, else four lower-case digits, and only where one is needed. */
function escapeLength(bytes: Uint8Array, at: number): number {
  switch (bytes[at + 1]) {
    case QUOTE:
    case BACKSLASH:
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return 2
    case 0x75: // u
      return CONTROL.has(String.fromCharCode(...bytes.subarray(at + 2, at + 6))) ? 6 : 0
    default:
      return 0
  }
}

/** The control characters that have no short escape. */
const CONTROL = new Set(
  Array.from({ length: 0x20 }, (_, code) => code)
    .filter((code) => ![0x08, 0x09, 0x0a, 0x0c, 0x0d].includes(code))
    .map((code) => code.toString(16).padStart(4, '0')),
)

function numberEnd(bytes: Uint8Array, from: number): number {
  const first = bytes[from] === MINUS ? from + 1 : from
  let at = first
  while (isDigit(bytes[at])) at++
  const digits = at - first
  if (digits === 0 || digits > 15) return NO
  // 0 stands alone, and has no sign.
  if (bytes[first] === ZERO && (digits > 1 || first > from)) return NO
  return at
}

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= ZERO && byte <= NINE

function wordEnd(bytes: Uint8Array, at: number, word: string): number {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word.charCodeAt(i)) return NO
  return at + word.length
}
