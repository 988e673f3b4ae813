import { fieldOf } from './bundle.js'

/** How many different ids of a kind are kept. */
const MOST_IDS = 200

/** Ids that were seen, those that were seen most first, and how often. */
export type SeenIds = { id: string; times: number }[]

/**
 * Finds the ids of requests, jobs and traces in lines, by the names of the fields that hold them.
 *
 * @param names by kind: `{ request: ['request_id'] }`
 */
export class IdFinder {
  readonly #kinds: { kind: string; pattern: RegExp; seen: Map<string, number> }[]

  constructor(names: Readonly<Record<string, readonly string[]>>) {
    this.#kinds = Object.entries(names)
      .filter(([, fields]) => fields.length > 0)
      .map(([kind, fields]) => ({
        kind,
        pattern: fieldOf(fields, `["']?([A-Za-z0-9][\\w.:-]{2,99})(?![\\w.:-])`),
        seen: new Map(),
      }))
  }

  look(line: string): void {
    for (const { pattern, seen } of this.#kinds)
      for (const [, , id] of line.slice(0, 2_000).matchAll(pattern)) this.#count(seen, id!)
  }

  /** One that is known to be of that kind. */
  note(kind: string, id: string): void {
    const known = this.#kinds.find((one) => one.kind === kind)
    if (known) this.#count(known.seen, id)
  }

  found(): Record<string, SeenIds> {
    return Object.fromEntries(
      this.#kinds.map(({ kind, seen }) => [
        kind,
        [...seen]
          .map(([id, times]) => ({ id, times }))
          .sort((a, b) => b.times - a.times || (a.id < b.id ? -1 : 1))
          .slice(0, MOST_IDS),
      ]),
    )
  }

  /** A hostile log has as many ids as lines: those that come late are not kept apart any more. */
  #count(seen: Map<string, number>, id: string): void {
    if (seen.has(id) || seen.size < 10 * MOST_IDS) seen.set(id, (seen.get(id) ?? 0) + 1)
  }
}
