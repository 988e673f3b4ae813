import { isPlainlyCanonical } from './plain.js'
import { firstBadByte, hex, isWellFormed, sha256, text, utf8 } from './bytes.js'

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue }

export type UnreadableCode =
  'bom' | 'utf8' | 'syntax' | 'trailing' | 'depth' | 'duplicate-key' | 'lone-surrogate' | 'number' | 'not-canonical'

/** Bytes that are not JSON as the log takes it. `offset` counts bytes from 0. */
export class Unreadable extends Error {
  constructor(
    readonly code: UnreadableCode,
    readonly offset: number,
    sentence: string,
  ) {
    super(`${sentence} at byte ${offset}`)
    this.name = 'Unreadable'
  }
}

/** How deep arrays and objects may stand inside each other, the outermost counted. */
export const MAX_DEPTH = 32

/**
 * JSON with one reading only. JSON.parse folds duplicate keys and rounds 2^53 + 1, so that two readers of the same bytes
 * may see two things; here that is an error: duplicate keys, lone surrogates, numbers whose shortest form is not the one
 * written, whole numbers beyond ±(2^53 − 1), a BOM, anything after the value, nesting deeper than 32.
 */
export function parseStrict(bytes: Uint8Array): JsonValue {
  return new Parser(bytes).document()
}

/**
 * A value from bytes that must be their own canonical form.
 *
 * Fast path: of bytes that are plainly canonical JSON.parse makes the one value that there is to make. Of all others the
 * strict parser says whether they are, and where not.
 */
export function parseCanonical(bytes: Uint8Array): JsonValue {
  if (isPlainlyCanonical(bytes)) {
    try {
      return JSON.parse(text(bytes)) as JsonValue
    } catch {
      // Not UTF-8: the strict parser below finds the place.
    }
  }
  const value = parseStrict(bytes)
  const wanted = canonical(value)
  const offset = wanted.findIndex((byte, i) => byte !== bytes[i])
  if (offset !== -1 || wanted.length !== bytes.length) {
    const at = offset === -1 ? wanted.length : offset
    throw new Unreadable('not-canonical', at, 'the text differs from its canonical form (RFC 8785)')
  }
  return value
}

/** RFC 8785 (JCS), as bytes. A member that is undefined is left out, as JSON.stringify does; other non-JSON throws. */
export const canonical = (value: JsonValue): Uint8Array => utf8(write(value, 0))

/** `sha256:<hex>` of the canonical form. */
export const digestOf = (value: JsonValue): string => `sha256:${hex(sha256(canonical(value)))}`

function write(value: unknown, depth: number): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`)
    return JSON.stringify(value)
  }
  if (typeof value === 'string') return writeString(value)
  if (depth === MAX_DEPTH) throw new TypeError(`nested deeper than ${MAX_DEPTH}`)
  if (Array.isArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(',')}]`
  if (typeof value !== 'object' || !isPlain(value)) throw new TypeError(`${describe(value)} has no JSON form`)
  let out = ''
  // The default sort compares UTF-16 code units, which is what RFC 8785 asks for.
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key]
    if (member === undefined) continue
    out += `${out === '' ? '' : ','}${writeString(key)}:${write(member, depth + 1)}`
  }
  return `{${out}}`
}

/** Nearly every string of a log: nothing to escape, no surrogates, and a good deal faster than asking. */
const ORDINARY = /^[ !#-[\]-~]*$/

function writeString(value: string): string {
  if (ORDINARY.test(value)) return `"${value}"`
  if (!isWellFormed(value)) throw new TypeError('a string with a lone surrogate has no JSON form')
  return JSON.stringify(value)
}

const isPlain = (value: object) => [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)
const describe = (value: unknown) => (typeof value === 'object' ? 'an instance of a class' : `a ${typeof value}`)

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const PLAIN = /[^"\\\u0000-\u001f]*/y
const SPACE = /[ \t\n\r]*/y
const ESCAPES: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', '/': '/' }

class Parser {
  readonly #source: string
  #at = 0

  constructor(bytes: Uint8Array) {
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
      throw new Unreadable('bom', 0, 'a byte order mark')
    }
    try {
      this.#source = text(bytes)
    } catch {
      throw new Unreadable('utf8', firstBadByte(bytes), 'not UTF-8')
    }
  }

  document(): JsonValue {
    const value = this.#value(1)
    if (this.#at < this.#source.length) throw this.#fault('trailing', 'more text after the value')
    return value
  }

  #value(depth: number): JsonValue {
    this.#match(SPACE)
    switch (this.#source[this.#at]) {
      case '{':
        return this.#object(depth)
      case '[':
        return this.#array(depth)
      case '"':
        return this.#string()
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      default:
        return this.#number()
    }
  }

  #object(depth: number): JsonValue {
    this.#deeper(depth)
    // defineProperty semantics: `__proto__` is a key like any other.
    const members = new Map<string, JsonValue>()
    if (this.#next('}')) return {}
    do {
      this.#match(SPACE)
      const from = this.#at
      if (this.#source[from] !== '"') throw this.#fault('syntax', 'a key was expected')
      const key = this.#string()
      if (members.has(key)) throw this.#fault('duplicate-key', `the key ${JSON.stringify(key)} stands twice`, from)
      this.#expect(':')
      members.set(key, this.#value(depth + 1))
    } while (this.#next(','))
    this.#expect('}')
    return Object.fromEntries(members)
  }

  #array(depth: number): JsonValue[] {
    this.#deeper(depth)
    const items: JsonValue[] = []
    if (this.#next(']')) return items
    do items.push(this.#value(depth + 1))
    while (this.#next(','))
    this.#expect(']')
    return items
  }

  #deeper(depth: number): void {
    if (depth > MAX_DEPTH) throw this.#fault('depth', `nested deeper than ${MAX_DEPTH}`)
    this.#at++
  }

  #string(): string {
    const from = this.#at++
    let value = ''
    for (;;) {
      value += this.#match(PLAIN)
      const char = this.#source[this.#at]
      if (char === '"') break
      if (char !== '\\')
        throw this.#fault('syntax', char === undefined ? 'a string without end' : 'a control character')
      value += this.#escape()
    }
    this.#at++
    if (!isWellFormed(value)) throw this.#fault('lone-surrogate', 'half of a surrogate pair in the string', from)
    return value
  }

  #escape(): string {
    const letter = this.#source[this.#at + 1] ?? ''
    const plain = ESCAPES[letter]
    if (plain !== undefined) {
      this.#at += 2
      return plain
    }
    const digits = this.#source.slice(this.#at + 2, this.#at + 6)
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits)) throw this.#fault('syntax', 'an unknown escape')
    this.#at += 6
    return String.fromCharCode(Number.parseInt(digits, 16))
  }

  #number(): number {
    const from = this.#at
    const written = this.#match(NUMBER)
    if (written === '')
      throw this.#fault('syntax', this.#at < this.#source.length ? 'a value was expected' : 'the text ends early')
    const value = Number(written)
    if (JSON.stringify(value) !== written) {
      throw this.#fault('number', `${written.slice(0, 40)} is not the shortest form of a number`, from)
    }
    if (/^-?\d+$/.test(written) && !Number.isSafeInteger(value)) {
      throw this.#fault('number', `${written} is beyond 2^53 − 1; write it as a string`, from)
    }
    return value
  }

  #word<T extends JsonValue>(word: string, value: T): T {
    if (!this.#source.startsWith(word, this.#at)) throw this.#fault('syntax', 'a value was expected')
    this.#at += word.length
    return value
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#source)?.[0] ?? ''
    this.#at += found.length
    return found
  }

  #next(char: string): boolean {
    this.#match(SPACE)
    const is = this.#source[this.#at] === char
    if (is) this.#at++
    return is
  }

  #expect(char: string): void {
    if (!this.#next(char)) throw this.#fault('syntax', `${char} was expected`)
  }

  #fault(code: UnreadableCode, sentence: string, at = this.#at): Unreadable {
    return new Unreadable(code, utf8(this.#source.slice(0, at)).length, sentence)
  }
}
