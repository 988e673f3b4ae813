/** What of a problem is wrong at which place. */
export interface Fault {
  pointer: string
  message: string
}

/** Judges parameters by the bounds of their schema, in the words of the real API. */
export function faultsIn(schema: Record<string, unknown>, params: Record<string, unknown>): Fault[] {
  const properties = (schema['properties'] ?? {}) as Record<string, Record<string, unknown>>
  const unknown = Object.keys(params).filter((name) => !(name in properties))
  return [
    ...unknown.map((name) => ({ pointer: '/params', message: `Unrecognized key: "${name}"` })),
    ...Object.entries(properties).flatMap(([name, property]) =>
      name in params ? faultsOf(`/params/${name}`, property, params[name]) : [],
    ),
  ]
}

function faultsOf(pointer: string, property: Record<string, unknown>, value: unknown): Fault[] {
  const { type, minimum, maximum, maxLength, maxItems } = property
  const over = (most: unknown, size: number) => typeof most === 'number' && size > most
  if (type === 'integer') {
    if (typeof value !== 'number' || !Number.isInteger(value)) return [{ pointer, message: 'Invalid input: expected int' }] // prettier-ignore
    if (over(maximum, value)) return [{ pointer, message: `Too big: expected int to be <=${String(maximum)}` }]
    if (typeof minimum === 'number' && value < minimum) return [{ pointer, message: `Too small: expected int to be >=${minimum}` }] // prettier-ignore
    return []
  }
  if (type === 'boolean') return typeof value === 'boolean' ? [] : [{ pointer, message: 'Invalid input: expected boolean' }] // prettier-ignore
  if (type === 'array') {
    if (!Array.isArray(value)) return [{ pointer, message: 'Invalid input: expected array' }]
    if (over(maxItems, value.length)) return [{ pointer, message: `Too big: expected array to have <=${String(maxItems)} items` }] // prettier-ignore
    return value.flatMap((one, at) => faultsOf(`${pointer}/${at}`, (property['items'] ?? {}) as Record<string, unknown>, one)) // prettier-ignore
  }
  if (typeof value !== 'string') return [{ pointer, message: 'Invalid input: expected string' }]
  return over(maxLength, value.length) ? [{ pointer, message: `Too big: expected string to have <=${String(maxLength)} characters` }] : [] // prettier-ignore
}
