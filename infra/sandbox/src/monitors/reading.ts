/** Reads what YAML made of a file that Prometheus or Alertmanager reads too: strictly, and naming what is not understood. */

/** An object with exactly these fields. Throws for one that is missing, and for one that is not known. */
export function fields(
  given: unknown,
  what: string,
  needed: readonly string[],
  optional: readonly string[] = [],
): Record<string, unknown> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new Error(`${what} is no mapping`)
  const unknown = Object.keys(given).filter((name) => ![...needed, ...optional].includes(name))
  if (unknown.length > 0) throw new Error(`${what}: ${unknown.join(', ')} is more than the sandbox understands`)
  const missing = needed.filter((name) => !Object.hasOwn(given, name))
  if (missing.length > 0) throw new Error(`${what} lacks ${missing.join(', ')}`)
  return given as Record<string, unknown>
}

/** A mapping of names to text. */
export function texts(given: unknown, what: string): Record<string, string> {
  const entries: [string, unknown][] = Object.entries(typeof given === 'object' && given !== null ? given : {})
  if (Array.isArray(given) || entries.length === 0) throw new Error(`${what}: a mapping was expected`)
  const wrong = entries.find(([, value]) => typeof value !== 'string')
  if (wrong) throw new Error(`${what}: ${wrong[0]} is no text`)
  return Object.fromEntries(entries) as Record<string, string>
}

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** A duration as Prometheus writes it, of one unit: `2s`. */
export function milliseconds(given: unknown, what: string): number {
  const [, count, unit = ''] = /^(\d+)(ms|s|m|h)$/.exec(typeof given === 'string' ? given : '') ?? []
  if (count === undefined) throw new Error(`${what}: expected a duration like 2s, found ${JSON.stringify(given)}`)
  return Number(count) * units[unit]!
}
