import type { Kept, Shelf } from '../shelf.js'

/** A shelf in memory, whose things a spec can look at. */
export function aShelf(): Shelf & { things: Map<string, Kept<unknown>> } {
  const things = new Map<string, Kept<unknown>>()
  return {
    things,
    get: async (name) => things.get(name),
    put: async (name, kept) => void things.set(name, kept),
    names: async () => [...things.keys()],
    remove: async (name) => void things.delete(name),
    clear: async () => things.clear(),
  }
}
