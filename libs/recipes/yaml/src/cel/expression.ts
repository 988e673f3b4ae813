import { Environment, type ASTNode, type ParseResult } from '@marcbachmann/cel-js'
import { among } from '../sheet/faults.js'
import { comprehensions, MOST_STEPS, pathOf, stepsOf } from './cost.js'
import { isList, isRecord, most, shapeAt, type Fields, type Scalar, type Shape } from './shape.js'

/** Longer than this nobody can approve what it says. */
export const MOST_CHARACTERS = 1_000

/** An expression that cannot be used: where in its text, what stands there, what may, and what to do. */
export class CelFault extends Error {
  constructor(
    readonly offset: number,
    readonly found: string,
    readonly expected: string,
    readonly cure = '',
  ) {
    super(`found ${found}, expected ${expected}`)
    this.name = 'CelFault'
  }
}

/** What the names of an expression stand for. JSON; what is `null` is not there. */
export type Values = Readonly<Record<string, unknown>>

/** An expression that was checked: whatever it names is there, and its cost is bounded. */
export interface Expression {
  text: string
  gives: Scalar
  /** False when it names something whose own definition is wrong: then its kind is a guess. */
  sure: boolean
  /** What it names, as paths: `['facts', 'api', 'replicas']`. Each once. */
  names: readonly (readonly string[])[]
  /** @throws Error with a sentence; nothing is guessed. */
  evaluate(values: Values): string | number | boolean
}

/** The words of CEL that may be used: what is bounded by its input, and the same on every machine. */
const functions = {
  on: ['all', 'contains', 'endsWith', 'exists', 'exists_one', 'filter', 'map', 'size', 'startsWith'],
  alone: ['greatest', 'has', 'int', 'least', 'size', 'string'],
}

const operators = new Set('value id . [] call rcall list ?: || && !_ -_ == != in + - * / % < <= > >='.split(' '))

/** The names that may be used in some expressions, and what they are. */
export class Scope {
  private readonly environment: Environment

  constructor(readonly variables: Fields) {
    const environment = new Environment({
      unlistedVariablesAreDyn: false,
      limits: { maxAstNodes: 200, maxDepth: 24, maxListElements: 50, maxMapEntries: 1, maxCallArguments: 4 },
    })
      .registerFunction('least(int, int): int', (a: bigint, b: bigint) => (a < b ? a : b))
      .registerFunction('greatest(int, int): int', (a: bigint, b: bigint) => (a > b ? a : b))
    let lists = 0
    const typeOf = (shape: Shape): unknown => {
      if (shape === 'anything') return 'dyn'
      if (shape === 'labels') return 'map<string, string>'
      if (isRecord(shape))
        return Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, typeOf(field)]))
      if (!isList(shape)) return shape
      const element = `Element${(lists += 1)}`
      environment.registerType({ name: element, schema: typeOf(shape[0]) as never })
      return `list<${element}>`
    }
    for (const [name, shape] of Object.entries(variables)) {
      const type = typeOf(shape)
      environment.registerVariable(
        (typeof type === 'string' ? { name, type } : { name, schema: type }) as Parameters<
          Environment['registerVariable']
        >[0],
      )
    }
    this.environment = environment
  }

  /**
   * Checks an expression without working it out.
   * @param where what its faults at run time are told about
   * @throws CelFault
   */
  compile(text: string, where: string, wanted: readonly Scalar[]): Expression {
    if (text.length > MOST_CHARACTERS)
      throw new CelFault(
        0,
        `${text.length} characters`,
        `at most ${MOST_CHARACTERS}`,
        'split it: a `value` of diagnose names a part',
      )
    const parsed = this.parse(text)
    refuseForeign(parsed.ast)
    const checked = parsed.check()
    if (!checked.valid) throw this.inWords(checked.error!, text)
    const steps = stepsOf(parsed.ast, this.variables)
    if (steps > MOST_STEPS)
      throw new CelFault(
        0,
        `an expression of up to ${steps} steps`,
        `at most ${MOST_STEPS}`,
        'nest fewer map, filter, all and exists',
      )
    const gives = checked.type === 'dyn' ? wanted[0]! : checked.type
    if (!wanted.includes(gives as Scalar))
      throw new CelFault(
        0,
        `an expression that gives ${article(String(gives))}`,
        `one that gives ${wanted.map(article).join(' or ')}`,
      )
    return {
      text,
      gives: gives as Scalar,
      sure: checked.type !== 'dyn',
      names: namesIn(parsed.ast),
      evaluate: (values) => {
        try {
          return plainOf(parsed(this.valuesOf(values)), gives as Scalar)
        } catch (error) {
          throw new Error(`${where} could not be worked out: ${sentence(error)} (${text})`)
        }
      },
    }
  }

  private parse(text: string): ParseResult {
    try {
      return this.environment.parse(text)
    } catch (error) {
      throw this.inWords(error as LibraryError, text)
    }
  }

  private valuesOf(values: Values): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(this.variables).map(([name, shape]) => [name, celOf(values[name] ?? {}, shape, name)]),
    )
  }

  /** What the library found, in the words of somebody who wrote the line. */
  private inWords(error: LibraryError, text: string): CelFault {
    const { start, end } = error.range ?? { start: 0, end: text.length }
    const there = text.slice(start, end)
    const said = (error.summary ?? error.message).replace(/\$[\w.]+/g, 'keys with values')
    switch (error.code) {
      case 'unknown_variable':
        return new CelFault(start, quoted(there), among(there, Object.keys(this.variables)), textMeant(there))
      case 'no_such_key': {
        const path = /([\w.]+)\.\s*$/.exec(text.slice(0, start))?.[1]?.split('.') ?? []
        const holder = shapeAt(this.variables, path)
        // Inside map, filter, all, exists: the name of an element, whose fields are those of some list.
        const fields = isRecord(holder) ? Object.keys(holder) : fieldsOfLists(this.variables)
        const whole = isRecord(holder) ? [...path, there].join('.') : there
        return new CelFault(start, quoted(whole), fields.length > 0 ? among(there, fields) : 'a name that is there')
      }
      case 'limit_exceeded':
        return new CelFault(
          start,
          `too large an expression (${said})`,
          'a shorter one',
          'split it: a `value` of diagnose names a part',
        )
      default:
        return new CelFault(
          start,
          error.name === 'ParseError' ? `no CEL (${said})` : quoted(text),
          expectedFor(error, said),
        )
    }
  }
}

interface LibraryError extends Error {
  code?: string
  summary?: string
  range?: { start: number; end: number }
}

const expectedFor = (error: LibraryError, said: string) =>
  error.name === 'ParseError' ? 'an expression such as facts.deployment.ready < 2' : `types that fit (${said})`

/** Refuses what this house does not speak, at its place. Whatever passes is bounded, and the same everywhere. */
function refuseForeign(ast: ASTNode): void {
  for (const node of nodesOf(ast)) {
    if (!operators.has(node.op)) throw new CelFault(node.start, `the operator ${node.op}`, 'one of the plain operators')
    if (node.op === 'value' && !isPlain(node.args))
      throw new CelFault(
        node.start,
        quoted(node.input.slice(node.start, node.end)),
        'text, true, false or a whole number',
      )
    if (node.op !== 'call' && node.op !== 'rcall') continue
    const [name] = node.args
    const known = node.op === 'call' ? functions.alone : functions.on
    if (!known.includes(name))
      throw new CelFault(node.start, `the function ${name}`, among(name, known), whyNot[name] ?? '')
  }
}

const whyNot: Record<string, string> = {
  matches: 'a pattern can take for ever on the wrong text; use startsWith, endsWith, contains or ==',
}

const isPlain = (value: unknown): boolean =>
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  (typeof value === 'bigint' && value <= 2n ** 63n - 1n && value >= -(2n ** 63n))

function* nodesOf(node: ASTNode): Generator<ASTNode> {
  yield node
  const args: unknown = node.args
  for (const part of Array.isArray(args) ? args.flat(2) : [args])
    if (typeof part === 'object' && part !== null && 'op' in part) yield* nodesOf(part as ASTNode)
}

/** The longest paths, without what `map`, `all`, … name themselves. */
function namesIn(ast: ASTNode): string[][] {
  const found = new Map<string, string[]>()
  const walk = (node: ASTNode, own: ReadonlySet<string>) => {
    const path = pathOf(node)
    if (path) {
      if (!own.has(path[0]!)) found.set(path.join('.'), path)
      return
    }
    const inner = node.op === 'rcall' && comprehensions.has(node.args[0]) ? node.args[2][0] : undefined
    const more = inner?.op === 'id' ? new Set([...own, inner.args]) : own
    const args: unknown = node.args
    for (const part of Array.isArray(args) ? args.flat(2) : [args])
      if (typeof part === 'object' && part !== null && 'op' in part) walk(part as ASTNode, more)
  }
  walk(ast, new Set())
  return [...found.values()]
}

/** JSON as CEL has it: whole numbers are int64, and what is `null` is not there. Within the bounds that the cost took. */
function celOf(value: unknown, shape: Shape, name: string): unknown {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new Error(`${name} is ${value}, not a whole number`)
    return BigInt(value)
  }
  if (typeof value === 'string') {
    if (value.length > most.text)
      throw new Error(`${name} has ${value.length} characters; at most ${most.text} are looked at`)
    return value
  }
  if (Array.isArray(value)) {
    if (value.length > most.list)
      throw new Error(`${name} has ${value.length} elements; at most ${most.list} are looked at`)
    return value.map((one) => celOf(one, isList(shape) ? shape[0] : 'anything', name))
  }
  if (typeof value !== 'object') return value
  const entries = Object.entries(value)
  if (shape === 'labels') {
    if (entries.length > most.labels)
      throw new Error(`there are ${entries.length} labels; at most ${most.labels} are looked at`)
    // Names from outside: a Map has no others than its own.
    return new Map(entries.map(([key, one]) => [key, celOf(one, 'string', `label ${key}`)]))
  }
  const known = isRecord(shape) ? entries.filter(([key]) => Object.hasOwn(shape, key)) : entries
  return Object.fromEntries(
    known
      .map(([key, one]) => [key, celOf(one, isRecord(shape) ? shape[key]! : 'anything', `${name}.${key}`)] as const)
      .filter(([, one]) => one !== undefined),
  )
}

function plainOf(value: unknown, gives: Scalar): string | number | boolean {
  if (gives === 'int' && typeof value === 'bigint') {
    const number = Number(value)
    if (!Number.isSafeInteger(number)) throw new Error(`${value} is more than a plan can hold`)
    return number
  }
  if (gives === 'string' && typeof value === 'string') {
    if (value.length > most.text) throw new Error(`it gives a text of ${value.length} characters; at most ${most.text}`)
    return value
  }
  if (gives === 'bool' && typeof value === 'boolean') return value
  throw new Error(`it does not give ${article(gives)}`)
}

const sentence = (error: unknown) => (error as LibraryError).summary ?? (error as Error).message
const quoted = (text: string) => (text.length > 60 ? `${JSON.stringify(text.slice(0, 60))}…` : JSON.stringify(text))
const article = (type: string) =>
  ({ int: 'a whole number', string: 'a text', bool: 'true or false' })[type] ?? `a value of type ${type}`
const textMeant = (name: string) => (/^\w+$/.test(name) ? `a text stands in quotes: "${name}"` : '')

function fieldsOfLists(variables: Fields): string[] {
  const fields = (shape: Shape): string[] =>
    isList(shape) ? Object.keys(shape[0]) : isRecord(shape) ? Object.values(shape).flatMap(fields) : []
  return [...new Set(fields(variables))]
}
