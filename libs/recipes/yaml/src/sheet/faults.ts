import type { z } from 'zod'
import { nearest } from './nearest.js'
import type { Path, Sheet, SheetFault } from './sheet.js'

const words: Partial<Record<string, string>> = {
  array: 'a list',
  object: 'keys with values',
  record: 'keys with values',
  string: 'text',
}

/** Words for the kinds of value where a schema has none of its own: give it to `safeParse` as `error`. */
export const kinds: z.core.$ZodErrorMap = (issue) => words[String('expected' in issue ? issue.expected : '')]

/** What a schema found wrong, where it stands in the file. `shape` is the same schema as JSON Schema: it knows the keys. */
export function faultsOf(sheet: Sheet, issues: readonly z.core.$ZodIssue[], shape: object): SheetFault[] {
  return issues.flatMap((issue) => faultsOfOne(sheet, issue, shape as Shape))
}

function faultsOfOne(sheet: Sheet, issue: z.core.$ZodIssue, shape: Shape): SheetFault[] {
  const path = issue.path as Path
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(shape, path, sheet.value)
      return issue.keys.map((key) => sheet.fault([...path, key], 'an unknown key', among(key, known), 'key'))
    }
    case 'invalid_key':
      return issue.issues.map(({ message }) => sheet.fault(path, JSON.stringify(path.at(-1)), message, 'key'))
    case 'invalid_value':
      return [meant(sheet, path, issue.values.map(String), issue.message)]
    case 'invalid_union': {
      // Keys with values whose kind is told by one of them: the word there is none of those that it may be.
      const teller = 'discriminator' in issue ? String(issue.discriminator) : ''
      const whole = path.at(-1) === teller ? path.slice(0, -1) : path
      const kinds = teller ? namesOf(at(shape, whole, sheet.value), teller) : []
      return kinds.length > 0
        ? [meant(sheet, [...whole, teller], kinds, issue.message)]
        : [sheet.fault(path, shown(valueAt(sheet.value, path)), issue.message)]
    }
    default:
      return [sheet.fault(path, shown(valueAt(sheet.value, path)), issue.message)]
  }
}

function meant(sheet: Sheet, path: Path, names: readonly string[], otherwise: string): SheetFault {
  const found = valueAt(sheet.value, path)
  return sheet.fault(path, shown(found), typeof found === 'string' ? among(found, names) : otherwise)
}

/** `one of a, b; did you mean b?` */
export const among = (written: string, names: readonly string[]) => {
  const near = nearest(written, names)
  return `one of ${names.join(', ')}${near ? `; did you mean ${near}?` : ''}`
}

const MOST_SHOWN = 60

/** A value in the words of somebody who looks at the file. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'no keys' : 'keys with values'
  const written = JSON.stringify(value)
  return written.length > MOST_SHOWN ? `${written.slice(0, MOST_SHOWN)}… (${written.length} characters)` : written
}

export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, step) => (typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? at[step as never] : undefined),
    value,
  )
}

interface Shape {
  properties?: Record<string, Shape>
  additionalProperties?: Shape | boolean
  items?: Shape
  anyOf?: Shape[]
  oneOf?: Shape[]
  const?: unknown
  enum?: unknown[]
}

/** What may stand at a place: of several kinds, the one that what stands there says it is. */
function at(shape: Shape, path: Path, value: unknown): Shape[] {
  return path.reduce<Shape[]>(
    (shapes, step, index) =>
      shapes.flatMap((one) => {
        const more = typeof one.additionalProperties === 'object' ? one.additionalProperties : undefined
        const next = typeof step === 'number' ? one.items : (one.properties?.[step] ?? more)
        return next ? kindsOf(next, valueAt(value, path.slice(0, index + 1))) : []
      }),
    kindsOf(shape, value),
  )
}

function kindsOf(shape: Shape, value: unknown): Shape[] {
  const kinds = shape.oneOf ?? shape.anyOf
  if (!kinds) return [shape]
  const said = kinds.filter(({ properties = {} }) =>
    Object.entries(properties).some(([key, one]) => one.const !== undefined && one.const === valueAt(value, [key])),
  )
  return (said.length > 0 ? said : kinds).flatMap((kind) => kindsOf(kind, value))
}

/** The keys that may stand at a place. The published schema knows them, so nothing is listed twice. */
const keysAt = (shape: Shape, path: Path, value: unknown): string[] => [
  ...new Set(at(shape, path, value).flatMap(({ properties = {} }) => Object.keys(properties))),
]

/** What the key that tells the kind may say. */
const namesOf = (shapes: readonly Shape[], key: unknown): string[] =>
  shapes.flatMap(({ properties = {} }) => {
    const name = properties[String(key)]?.const
    return typeof name === 'string' ? [name] : []
  })
