import type { Manifest } from '../bundle/manifest.js'
import { Fault, NotMade, type Check, type CheckOptions, type Subject } from '../check/check.js'
import { encodeEntry, type EntryBody } from '../entry.js'
import { leafHash } from '../tree.js'
import { seeded } from './random.js'
import { TEST_START, testUuid } from './log.js'

/** An entry as a spec says it: without what every entry has. */
export type Told = Partial<EntryBody> & Pick<EntryBody, 'type' | 'stream'>

/** Entries with numbers, ids and times: one a minute, unless they say otherwise. */
export function told(all: readonly Told[]): EntryBody[] {
  const random = seeded(1)
  const next = new Map<string, number>()
  return all.map((one, i) => {
    const stream_seq = next.get(one.stream) ?? 0
    next.set(one.stream, stream_seq + 1)
    const at = TEST_START + i * 60_000
    return {
      v: 1,
      entry_id: testUuid(random, at),
      stream_seq,
      ts: new Date(at).toISOString(),
      about: one.stream,
      actor: { kind: 'process', id: 'worker-1' },
      ...one,
    }
  })
}

export type Watched =
  | { state: 'passed'; found: string }
  | { state: 'failed'; sentence: string; index: number | undefined }
  | { state: 'not made'; reason: string; open: boolean }

/** What one check says of entries that a whole bundle carries. */
export async function watched(
  check: Check,
  entries: readonly EntryBody[],
  options: CheckOptions = {},
  more: { manifest?: Partial<Manifest>; files?: Partial<Subject['files']> } = {},
): Promise<Watched> {
  const manifest = { completeness: 'FULL', streams: [], size: entries.length, ...more.manifest }
  const files = { names: [], has: () => false, ...more.files }
  try {
    const watch = await check.start({ options, manifest, files } as unknown as Subject)
    if (watch instanceof NotMade) return { state: 'not made', reason: watch.reason, open: watch.open }
    for (const [index, entry] of entries.entries()) {
      const bytes = encodeEntry(entry)
      await watch.see?.([{ index, bytes, leaf: leafHash(bytes), entry, fault: undefined, ended: true }])
    }
    const end = await watch.end?.()
    if (end instanceof NotMade) return { state: 'not made', reason: end.reason, open: end.open }
    return { state: 'passed', found: end ?? '' }
  } catch (error) {
    if (error instanceof Fault) return { state: 'failed', sentence: error.message, index: error.index }
    throw error
  }
}
