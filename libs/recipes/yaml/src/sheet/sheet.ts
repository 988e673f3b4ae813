import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument, visit, type Document, type Node } from 'yaml'

export type Path = readonly (string | number)[]

/** One thing that is wrong in the file: where, what stands there, what should. `line` and `column` count from 1. */
export interface SheetFault {
  line: number
  column: number
  /** `services.api.deployment`, `classes[0].class`; empty where the text is not YAML at all. */
  path: string
  found: string
  expected: string
  /** The whole sentence, `firebreak.yaml:12:7 services.api.p95_threshold_ms: found "fast", expected …`, and what to do. */
  says: string
}

/** A file that people write cannot be used. The message has one line for everything that is wrong, in the file's order. */
export class SheetError extends Error {
  constructor(readonly faults: readonly SheetFault[]) {
    super(faults.map((fault) => fault.says).join('\n'))
    this.name = 'SheetError'
  }
}

/**
 * A YAML text that remembers where each value stands, so that a complaint about a value can name its line.
 *
 * Only plain YAML 1.2 is read: a key stands once, tags and `<<` mean nothing, aliases are few (a page of nested
 * aliases can unfold into gigabytes).
 */
export class Sheet {
  private constructor(
    readonly filename: string,
    private readonly document: Document,
    private readonly lines: LineCounter,
    private readonly text: string,
    /** The content as plain values. */
    readonly value: unknown,
  ) {}

  /** Throws `SheetError` with every place at which the text is not YAML as we read it. */
  static read(text: string, filename: string, { most = MOST_CHARACTERS, aliases = MAX_ALIASES } = {}): Sheet {
    const lines = new LineCounter()
    // Before it is parsed: what is too long costs nothing.
    if (text.length > most) {
      const empty = new Sheet(filename, parseDocument(''), lines, '', undefined)
      const found = `${text.length} characters`
      throw new SheetError([empty.faultAt({ line: 1, col: 1 }, [], found, `at most ${most}`)])
    }
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      resolveKnownTags: false,
      schema: 'core',
      stringKeys: true,
    })
    const sheet = new Sheet(filename, document, lines, text, undefined)
    const faults = [...document.errors, ...document.warnings].map(({ code, message, pos }) => {
      const [found, expected] = unreadable[code] ?? [`text that is not YAML (${message})`, 'YAML 1.2']
      return sheet.faultAt(lines.linePos(pos[0]), [], found, expected)
    })
    visit(document, {
      Alias: (_, alias) => {
        if (!alias.resolve(document))
          faults.push(sheet.faultAt(sheet.startOf(alias), [], `*${alias.source}`, 'the name of an anchor above it'))
      },
      // A plain object cannot hold this key: it would vanish, and a rule without one of its conditions matches more.
      Pair: (_, { key }) => {
        if (isScalar(key) && key.value === '__proto__')
          faults.push(sheet.faultAt(sheet.startOf(key), [], 'the key "__proto__"', 'another name'))
      },
    })
    if (faults.length > 0) throw new SheetError(inOrder(faults))
    try {
      return new Sheet(filename, document, lines, text, document.toJS({ maxAliasCount: aliases }))
    } catch {
      throw new SheetError([
        sheet.faultAt({ line: 1, col: 1 }, [], 'too many aliases', `at most ${aliases}, written out otherwise`),
      ])
    }
  }

  /**
   * A fault about what stands at `path`. Where nothing stands there, its nearest parent is shown;
   * `of: 'key'` points at the name instead of the value.
   */
  fault(path: Path, found: string, expected: string, of: 'value' | 'key' = 'value', cure = ''): SheetFault {
    return this.faultAt(this.startOf(this.node(path, of)), path, found, expected, cure)
  }

  /**
   * A fault inside the text at `path`: `part` stands there, and the fault is `offset` characters into it. Where the
   * text is folded or escaped, so that its characters are not those of the file, its beginning is shown.
   */
  faultInside(path: Path, part: string, offset: number, found: string, expected: string, cure = ''): SheetFault {
    const node = this.node(path, 'value')
    const [start, end] = (node as Node | null)?.range ?? [0, 0]
    const at = this.text.slice(start, end).indexOf(part)
    const where = at < 0 ? this.startOf(node) : this.lines.linePos(start + at + offset)
    return this.faultAt(where, path, found, expected, cure)
  }

  /** What a fault about `path` points at. */
  private node(path: Path, of: 'value' | 'key'): unknown {
    let node: unknown = this.document.contents
    let key: unknown = undefined
    for (const step of path) {
      const holder = isAlias(node) ? node.resolve(this.document) : node
      if (isMap(holder)) {
        const pair = holder.items.find((item) => isScalar(item.key) && item.key.value === String(step))
        if (!pair) return key ?? node
        key = pair.key
        node = pair.value
      } else if (isSeq(holder) && holder.items[Number(step)] !== undefined) {
        key = node = holder.items[Number(step)]
      } else return key ?? node
    }
    const empty = isScalar(node) && node.value === null && !node.source
    return of === 'key' || empty ? (key ?? node) : node
  }

  private startOf(node: unknown) {
    return this.lines.linePos((node as Node | null)?.range?.[0] ?? 0)
  }

  private faultAt(
    at: { line: number; col: number },
    path: Path,
    found: string,
    expected: string,
    cure = '',
  ): SheetFault {
    const written = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
    const name = written.startsWith('.') ? written.slice(1) : written
    const where = `${this.filename}:${at.line}:${at.col}${name && ` ${name}`}`
    return {
      line: at.line,
      column: at.col,
      path: name,
      found,
      expected,
      says: `${where}: found ${found}, expected ${expected}${cure && `; ${cure}`}`,
    }
  }
}

/** Faults as a reader of the file meets them, each once. */
export function inOrder(faults: readonly SheetFault[]): SheetFault[] {
  const once = new Map(faults.map((fault) => [fault.says, fault]))
  return [...once.values()].sort((a, b) => a.line - b.line || a.column - b.column)
}

const MAX_ALIASES = 100
/** More than anybody writes by hand. */
const MOST_CHARACTERS = 1_000_000

/** The parser's codes in the words of somebody who wrote the file. */
const unreadable: Partial<Record<string, [found: string, expected: string]>> = {
  BLOCK_AS_IMPLICIT_KEY: ['a key inside a value', "quotes around a text that has ': ' in it"],
  DUPLICATE_KEY: ['a key that stood there before', 'each key once'],
  MULTIPLE_DOCS: ['a second document', 'one document without ---'],
  NON_STRING_KEY: ['a list or a mapping as a key', 'a name'],
  TAB_AS_INDENT: ['a tab', 'spaces'],
  TAG_RESOLVE_FAILED: ['a tag (!…)', 'a plain value'],
}
