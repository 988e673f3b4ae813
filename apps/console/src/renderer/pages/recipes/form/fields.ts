/*
 * The parameters of a recipe as fields to draw. A recipe says them as JSON Schema in a small profile: whole numbers,
 * texts, choices, yes or no, and lists of texts. What is outside it is still a field: its value is written as JSON, and
 * the API judges it. The API judges all of them; what is said here is said sooner.
 */

interface Common {
  name: string
  title: string
  /** What it means, and what happens when it is left out. */
  help: string
  required: boolean
  /** As it would be written in the field. */
  standard: string | null
}

export interface Bounds {
  minLength?: number
  maxLength?: number
  pattern?: string
}

export type Field = Common &
  (
    | { kind: 'number'; whole: boolean; minimum?: number; maximum?: number; multipleOf?: number }
    | ({ kind: 'text'; secret: boolean } & Bounds)
    | { kind: 'choice'; options: readonly { value: string; title: string }[] }
    | { kind: 'switch' }
    | { kind: 'list'; each: Bounds; minItems?: number; maxItems?: number; unique: boolean }
    | { kind: 'json' }
  )

/** The fields of a schema, in the order in which it names them. A schema that has no properties has no fields. */
export function fieldsOf(schema: Record<string, unknown>): Field[] {
  const required = new Set(texts(schema['required']))
  return Object.entries(record(schema['properties'])).map(([name, value]) => {
    const property = record(value)
    const common: Common = {
      name,
      title: text(property['title']) ?? name,
      help: text(property['description']) ?? '',
      required: required.has(name),
      standard: property['default'] === undefined ? null : written(property['default']),
    }
    return { ...common, ...kindOf(property) }
  })
}

/** A value as it is written in a field: a list one to a line, anything nested as JSON. */
export function written(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join('\n')
  return JSON.stringify(value) ?? ''
}

/** Keywords that say more than these fields can: whoever uses one of them is drawn as JSON. */
const beyond = ['anyOf', 'allOf', 'not', '$ref', 'if', 'const', 'prefixItems', 'contains', 'exclusiveMinimum', 'exclusiveMaximum'] // prettier-ignore

function kindOf(property: Record<string, unknown>): Kind {
  if (beyond.some((keyword) => keyword in property)) return { kind: 'json' }
  const options = optionsOf(property)
  if (options) return { kind: 'choice', options }
  switch (property['type']) {
    case 'integer':
    case 'number':
      return {
        ...{ kind: 'number', whole: property['type'] === 'integer' },
        ...numbers(property, ['minimum', 'maximum', 'multipleOf']),
      }
    case 'string':
      return { kind: 'text', secret: property['writeOnly'] === true, ...boundsOf(property) }
    case 'boolean':
      return { kind: 'switch' }
    case 'array': {
      const items = record(property['items'])
      const plain = items['type'] === 'string' && !optionsOf(items) && beyond.every((keyword) => !(keyword in items))
      if (!plain) return { kind: 'json' }
      return {
        ...{ kind: 'list', each: boundsOf(items), unique: property['uniqueItems'] === true },
        ...numbers(property, ['minItems', 'maxItems']),
      }
    }
    default:
      return { kind: 'json' }
  }
}

type Kind = Field extends infer F ? (F extends Common ? Omit<F, keyof Common> : never) : never

/** Of texts only: a number among them would come back as a text. */
function optionsOf(property: Record<string, unknown>): { value: string; title: string }[] | undefined {
  if (Array.isArray(property['enum'])) {
    const values = texts(property['enum'])
    return values.length === property['enum'].length ? values.map((value) => ({ value, title: value })) : undefined
  }
  if (!Array.isArray(property['oneOf'])) return undefined
  const options = property['oneOf'].map((one) => {
    const { const: value, title } = record(one)
    return { value: text(value), title: text(title) ?? text(value) ?? '' }
  })
  return options.every((option): option is { value: string; title: string } => option.value !== undefined)
    ? options
    : undefined
}

const boundsOf = (property: Record<string, unknown>): Bounds => ({
  ...numbers(property, ['minLength', 'maxLength']),
  ...(text(property['pattern']) === undefined ? {} : { pattern: text(property['pattern'])! }),
})

const numbers = <Key extends string>(from: Record<string, unknown>, keys: readonly Key[]) =>
  Object.fromEntries(keys.flatMap((key) => (typeof from[key] === 'number' ? [[key, from[key]]] : []))) as {
    [K in Key]?: number
  }

const record = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
