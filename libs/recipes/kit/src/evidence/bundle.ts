import { excerpt } from '../excerpt.js'
import type { Json, JsonObject } from '../verb.js'

/*
 * Evidence as one file: NDJSON, a line for each thing that was seen, what it was seen in first. Whatever others wrote goes
 * through `line`, which takes out what hides and what looks like a secret. What does not fit is left out, and that is said.
 */

/** Of one line. What a log says in a line is cut there by the port already. */
const MOST_LINE = 2_000
/** Of everything: as much as a person can still search, and an export carry. Bytes of UTF-8. */
const MOST_BYTES = 8_000_000
/** How deep something may lie in something else. */
const MOST_DEEP = 20
/** Stands for a value where only its name is asked about. */
const ANYTHING = '…'
/** Gaps that are told one by one. */
const MOST_GAPS = 50

/** Writes a bundle, section by section. Deterministic: the same told twice is the same bytes. */
export class EvidenceBundle {
  readonly #lines: string[] = []
  readonly #gaps: string[] = []
  readonly #counts = new Map<string, number>()
  #bytes = 0
  #full = false
  readonly #hidden: RegExp | undefined

  /** @param hide names of fields whose values are taken out, whatever they are: what the house calls personal */
  constructor(hide: readonly string[] = []) {
    this.#hidden = hide.length === 0 ? undefined : fieldOf(hide, VALUE)
  }

  /** Things of one kind that were seen in one place; `of` names both, such as `log prod/api-0`. Answers how many fitted. */
  add(kind: string, of: string, seen: readonly (string | JsonObject)[]): number {
    let [fitted, inKey] = [0, false]
    for (const one of seen) {
      const told = typeof one === 'string' ? this.#keyed(one, inKey) : { value: this.#clean(one) as JsonObject, inKey }
      inKey = told.inKey
      const line = `${JSON.stringify({ of, ...(typeof told.value === 'string' ? { line: told.value } : told.value) })}\n`
      const size = bytesOf(line)
      if (this.#bytes + size > MOST_BYTES) {
        if (!this.#full)
          this.gap(
            `${of} from line ${fitted + 1} on, and everything behind it`,
            `the bundle is full (${MOST_BYTES} bytes)`,
          )
        this.#full = true
        break
      }
      this.#bytes += size
      this.#lines.push(line)
      fitted++
    }
    if (fitted > 0) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + fitted)
    return fitted
  }

  /** Something that is missing, and why. */
  gap(what: string, why: string): void {
    this.#gaps.push(`${excerpt(what, 200)}: ${excerpt(why, 200)}`)
  }

  /**
   * Whether the value of a field is taken out. Told by the name alone: whatever a value looks like could make the two of
   * them look like something else.
   */
  hides(name: string): boolean {
    return !this.#line(`${name}=${ANYTHING}`).endsWith(`=${ANYTHING}`)
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0
  }

  /** The file, headed by what it is and what is missing; and what is in it, in numbers. */
  finish(head: JsonObject): { content: string; contents: JsonObject } {
    const contents: JsonObject = {
      ...Object.fromEntries(this.#counts),
      gaps: this.#gaps.length,
      left_out: excerpt(this.#gaps.join('; '), 1_500),
    }
    const first = { v: 1, ...head, contents, left_out: told(this.#gaps) }
    return { content: [`${JSON.stringify(first)}\n`, ...this.#lines].join(''), contents }
  }

  /** A private key goes over many lines, and only the first and the last of them say that it is one. */
  #keyed(text: string, inKey: boolean): { value: string; inKey: boolean } {
    const [begins, ends] = [text.lastIndexOf('-----BEGIN '), text.lastIndexOf('-----END ')]
    const isKey = inKey || (begins >= 0 && /-----BEGIN [A-Z ]*PRIVATE KEY/.test(text))
    const goesOn = isKey && (ends < 0 || begins > ends)
    return { value: isKey ? '‹secret›' : this.#line(text), inKey: goesOn }
  }

  #line(text: string): string {
    const clean = excerpt(text, MOST_LINE)
    return this.#hidden ? clean.replace(this.#hidden, '$1‹hidden›') : clean
  }

  /** Texts inside JSON, names and values; what has a name that is hidden, or that says that it is a secret, goes whole. */
  #clean(value: Json, name = '', depth = 0): Json {
    if (value === null) return null
    if (name !== '' && this.hides(name)) return '‹hidden›'
    if (typeof value === 'string') return this.#line(value)
    if (typeof value !== 'object') return value
    if (depth > MOST_DEEP) return '…'
    if (Array.isArray(value)) return value.map((one) => this.#clean(one, '', depth + 1))
    // Traces name what they hold beside it: `{ "key": "db.password", "value": { "stringValue": … } }`.
    const beside = typeof value['key'] === 'string' ? value['key'] : 'value'
    const named = (key: string) => (key === 'key' ? '' : key === 'value' ? beside : key)
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [this.#line(key), this.#clean(inner, named(key), depth + 1)]),
    )
  }
}

/** How long a well-formed text is in UTF-8. There is no encoder in the language of recipes. */
export const bytesOf = (text: string): number => {
  let bytes = 0
  for (const letter of text) bytes += letter < '\u0080' ? 1 : letter < '\u0800' ? 2 : letter.length === 1 ? 3 : 4
  return bytes
}

const told = (gaps: readonly string[]): string[] =>
  gaps.length <= MOST_GAPS ? [...gaps] : [...gaps.slice(0, MOST_GAPS), `and ${gaps.length - MOST_GAPS} more`]

/** Up to its closing quotation mark; of a list, an object, or what is never closed the rest of the line; or one word. */
const VALUE = String.raw`("(?:[^"\\\n]|\\.)*"|\\+"[^"\n]*(?:"|$)|'[^'\n]*'|["'[{][^\n]*|[^\s,;&]+)`

/**
 * A field by one of these names, however it is written: `name=value`, `name: value`, `"name":"value"`. Names are taken
 * literally: a pattern that a house wrote badly could keep a worker busy for ever over a hostile line.
 */
export const fieldOf = (names: readonly string[], value: string): RegExp =>
  new RegExp(`((?<![\\w-])(?:${names.map(literal).join('|')})\\\\*["']?\\s*[=:]\\s*)${value}`, 'gi')

const literal = (name: string): string => name.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
