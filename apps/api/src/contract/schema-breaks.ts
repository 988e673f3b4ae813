import type { Document, Schema } from './openapi-document.js'

/** `in`: what clients send, which may be taken more freely and never more strictly. `out`: what they read, the other way round. */
export type Direction = 'in' | 'out'

const LEAST = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems'] as const
const MOST = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems'] as const

/** Compares schemas of one document with those of a later one. */
export class SchemaBreaks {
  private readonly named = new Map<string, readonly string[]>()

  constructor(
    private readonly before: Document,
    private readonly after: Document,
  ) {}

  /**
   * What breaks clients that knew `before`, a sentence each; empty when nothing does.
   * @param where how the sentences name it: `the field reason`
   */
  between(
    before: Schema | undefined,
    after: Schema | undefined,
    where: string,
    direction: Direction,
  ): readonly string[] {
    if (!before) return []
    if (!after) return [`${where} is no longer described`]
    const [old, now] = [resolve(this.before, before), resolve(this.after, after)]
    if (old.name === undefined) return this.compare(old.schema, now.schema, where, direction)
    // A shape with a name is told of once, under its name, wherever it is used; one that holds itself comes back here.
    const key = `${old.name} ${now.name} ${direction} ${old.schema.nullable} ${now.schema.nullable}`
    if (!this.named.has(key)) {
      this.named.set(key, [])
      this.named.set(key, this.compare(old.schema, now.schema, `${old.name}`, direction))
    }
    return this.named.get(key)!
  }

  private compare(before: Schema, after: Schema, where: string, direction: Direction): readonly string[] {
    const [old, now] = [shapesOf(before), shapesOf(after)]
    if (old.length > 1 || now.length > 1) return this.unions(old, now, where, direction)
    return [
      ...types(before, after, where, direction),
      ...words(before, after, where, direction),
      ...(direction === 'in' ? limits(before, after, where) : []),
      ...this.fields(before, after, where, direction),
      ...(before.items ? this.between(before.items, after.items, `each item of ${where}`, direction) : []),
    ]
  }

  /** Sent: each shape of before is still taken. Read: each shape that may come is one of before. */
  private unions(before: readonly Schema[], after: readonly Schema[], where: string, direction: Direction) {
    const [each, among] = direction === 'in' ? [before, after] : [after, before]
    const lost = each.filter(
      (one) =>
        !among.some((other) => {
          const [old, now] = direction === 'in' ? [one, other] : [other, one]
          return this.between(old, now, where, direction).length === 0
        }),
    )
    if (lost.length === 0) return []
    const many = `${lost.length} of the ${each.length} shapes of ${where}`
    return [direction === 'in' ? `${many} are no longer taken` : `${many} are new to whoever reads it`]
  }

  private fields(before: Schema, after: Schema, where: string, direction: Direction): string[] {
    const found: string[] = []
    const field = (name: string) => `the field ${name} of ${where}`
    for (const [name, schema] of Object.entries(before.properties ?? {})) {
      const now = after.properties?.[name]
      if (now) found.push(...this.between(schema, now, field(name), direction))
      else found.push(`${field(name)} is gone`)
      if (direction === 'out' && now && before.required?.includes(name) && !after.required?.includes(name))
        found.push(`${field(name)} was always there and may be left out now`)
    }
    if (direction === 'in')
      for (const name of after.required ?? [])
        if (!before.required?.includes(name)) found.push(`${field(name)} is required now`)
    const [rest, restNow] = [before.additionalProperties, after.additionalProperties]
    if (direction === 'in' && rest !== false && restNow === false && isObject(before))
      found.push(`${where} took fields of any name and refuses them now`)
    if (typeof rest === 'object' && typeof restNow === 'object')
      found.push(...this.between(rest, restNow, `each value in ${where}`, direction))
    return found
  }
}

/** Follows the reference, and the `allOf` of one by which a reference is made nullable. */
function resolve(document: Document, schema: Schema, nullable = false): { schema: Schema; name: string | undefined } {
  const only = schema.allOf?.length === 1 ? schema.allOf[0] : undefined
  if (only) return resolve(document, only, nullable || schema.nullable === true)
  if (schema.$ref === undefined) return { schema: nullable ? { ...schema, nullable: true } : schema, name: undefined }
  const name = schema.$ref.split('/').at(-1)!
  const found = document.components?.schemas?.[name]
  if (!found) throw new Error(`${schema.$ref} leads nowhere in this document`)
  return { schema: resolve(document, found, nullable).schema, name }
}

const shapesOf = (schema: Schema): readonly Schema[] => schema.anyOf ?? schema.oneOf ?? [schema]

const isObject = ({ type, properties }: Schema) => type === 'object' || properties !== undefined

function types(before: Schema, after: Schema, where: string, direction: Direction): string[] {
  const [from, to] = direction === 'in' ? [before, after] : [after, before]
  // Whatever `from` may be, `to` must be ready for.
  const fits = to.type === undefined || from.type === to.type || (from.type === 'integer' && to.type === 'number')
  return [
    ...(fits ? [] : [`${where} was ${before.type ?? 'anything'} and is ${after.type ?? 'anything'}`]),
    ...(from.nullable && !to.nullable ? [`${where} ${direction === 'in' ? 'can no longer' : 'can now'} be null`] : []),
  ]
}

function words(before: Schema, after: Schema, where: string, direction: Direction): string[] {
  // A word more in an answer is adding: clients are told to take words that they do not know.
  const lost = (before.enum ?? []).filter((word) => after.enum && !after.enum.includes(word))
  return [
    ...(lost.length > 0
      ? [
          `${where} ${direction === 'in' ? 'no longer takes' : 'is no longer'} ${lost.map((word) => JSON.stringify(word)).join(', ')}`,
        ]
      : []),
    ...(direction === 'in' && !before.enum && after.enum ? [`${where} takes only certain words now`] : []),
  ]
}

function limits(before: Schema, after: Schema, where: string): string[] {
  const found: string[] = []
  for (const name of LEAST)
    if ((after[name] ?? -Infinity) > (before[name] ?? -Infinity))
      found.push(`${where}: ${name} was ${before[name] ?? 'none'} and is ${after[name]}`)
  for (const name of MOST)
    if ((after[name] ?? Infinity) < (before[name] ?? Infinity))
      found.push(`${where}: ${name} was ${before[name] ?? 'none'} and is ${after[name]}`)
  for (const name of ['pattern', 'format'] as const)
    if (after[name] !== undefined && after[name] !== before[name]) found.push(`${where} has another ${name} now`)
  if (before.default !== undefined && JSON.stringify(before.default) !== JSON.stringify(after.default))
    found.push(
      `${where}: left out, it meant ${JSON.stringify(before.default)} and means ${JSON.stringify(after.default) ?? 'nothing'}`,
    )
  return found
}
