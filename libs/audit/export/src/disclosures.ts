import { decodeEntry, encodeDisclosure, sealedIn, type Disclosure } from '@firebreak/audit-log'
import type { StoredEntry } from './bundle.js'

/** How many entries with personal values are asked for at once. */
const AT_ONCE = 500

/**
 * The lines of `disclosures.ndjson` for these entries: what they committed to and is still there, in their order.
 *
 * @param read the disclosures of these entries, in any order, with any others
 */
export async function* disclosureLines(
  entries: AsyncIterable<StoredEntry>,
  read: (entryIds: readonly string[]) => Promise<readonly Disclosure[]>,
): AsyncGenerator<Uint8Array> {
  let waiting: { entry_id: string; path: string }[] = []
  async function* flush(): AsyncGenerator<Uint8Array> {
    const found = await read([...new Set(waiting.map(({ entry_id }) => entry_id))])
    const known = new Map(found.map((one) => [`${one.entry_id} ${one.path}`, one]))
    for (const { entry_id, path } of waiting) {
      const disclosure = known.get(`${entry_id} ${path}`)
      if (disclosure) yield encodeDisclosure(disclosure)
    }
    waiting = []
  }
  for await (const { body } of entries) {
    const entry = decodeEntry(body)
    for (const { path } of sealedIn(entry)) waiting.push({ entry_id: entry.entry_id, path })
    if (waiting.length >= AT_ONCE) yield* flush()
  }
  if (waiting.length > 0) yield* flush()
}
