import { z } from './schema.js'

/** Says yes, or nothing: after a no the schema itself has to be asked. */
export type Quick = (value: unknown) => boolean

/**
 * A schema as a plain function that makes nothing: no copies, no results. It follows from the schema's own definition and
 * runs the schema's own rules, so that the two cannot drift apart, and it is never looser: what it does not know, it leaves
 * to zod. Meant for values out of JSON, of which there may be a million.
 */
export function quickly(schema: z.core.$ZodType): Quick {
  const form = formOf((schema as z.core.$ZodTypes)._zod)
  if (!form) return (value) => z.core.safeParse(schema, value).success
  const rules = rulesOf(schema)
  return rules.length === 0 ? form : (value) => form(value) && follows(value, rules)
}

type Rule = (payload: z.core.ParsePayload) => unknown

/** As zod collects them: a schema like `z.int()` is its own first rule. */
function rulesOf(schema: z.core.$ZodType): Rule[] {
  const { def, traits } = schema._zod
  const own = traits.has('$ZodCheck') ? [schema as unknown as z.core.$ZodCheck] : []
  return [...own, ...(def.checks ?? [])].map(({ _zod }) => _zod.check as Rule)
}

function follows(value: unknown, rules: readonly Rule[]): boolean {
  const payload: z.core.ParsePayload = { value, issues: [] }
  for (const rule of rules) if (rule(payload) !== undefined || payload.issues.length > 0) return false
  return true
}

/** The form alone, without the rules on it; undefined where it is not known here. */
function formOf({ def, values }: z.core.$ZodTypes['_zod']): Quick | undefined {
  switch (def.type) {
    case 'string':
      return (value) => typeof value === 'string'
    case 'number':
      return (value) => Number.isFinite(value)
    case 'boolean':
      return (value) => typeof value === 'boolean'
    case 'null':
      return (value) => value === null
    case 'unknown':
      return () => true
    case 'enum':
    case 'literal':
      return values && ((value) => (values as ReadonlySet<unknown>).has(value))
    case 'optional': {
      const inner = quickly(def.innerType)
      return (value) => value === undefined || inner(value)
    }
    case 'nullable': {
      const inner = quickly(def.innerType)
      return (value) => value === null || inner(value)
    }
    case 'union': {
      const options = def.options.map(quickly)
      return (value) => options.some((option) => option(value))
    }
    case 'array':
      return listOf(quickly(def.element))
    case 'record':
      return recordOf(quickly(def.keyType), quickly(def.valueType))
    case 'object':
      return def.catchall?._zod.def.type === 'never' ? objectOf(def.shape) : undefined
    default:
      return undefined
  }
}

function listOf(element: Quick): Quick {
  return (value) => {
    if (!Array.isArray(value)) return false
    // Not `every`, which passes over holes.
    for (let i = 0; i < value.length; i++) if (!element(value[i])) return false
    return true
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function recordOf(key: Quick, member: Quick): Quick {
  return (value) => {
    // What else counts as a record is zod's to say, and it asks for the constructor.
    if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype || Object.hasOwn(value, 'constructor'))
      return false
    for (const name in value) if (name === '__proto__' || !key(name) || !member(value[name])) return false
    return true
  }
}

/** These members and no others; those that are not optional all there. */
function objectOf(shape: Readonly<Record<string, z.core.$ZodType>>): Quick {
  const members = new Map(Object.entries(shape).map(([name, schema]) => [name, quickly(schema)]))
  const needed = Object.keys(shape).filter((name) => shape[name]!._zod.optin === undefined)
  return (value) => {
    if (!isObject(value)) return false
    for (const name in value) {
      const member = members.get(name)
      if (!member?.(value[name])) return false
    }
    for (const name of needed) if (!(name in value)) return false
    return true
  }
}
