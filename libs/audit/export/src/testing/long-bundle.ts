import { canonical, CompactRange, cosign, formatCheckpoint, formatNote, leafHash, signNote } from '@firebreak/audit-log'
import { longLog, longLogSeconds, TEST_KEYS, TEST_START } from '@firebreak/audit-log/testing'
import { writeBundle, type BundleMade, type StoredEntry } from '../bundle.js'

/** Writes a FULL bundle of `longLog(n, seed)`, which may be longer than memory: the log is made three times instead. */
export async function writeLongBundle(
  n: number,
  write: (chunk: Uint8Array) => void | Promise<unknown>,
  seed = 1,
): Promise<BundleMade> {
  const range = new CompactRange()
  for (const body of bodies(n, seed)) range.append(leafHash(body))
  const text = formatCheckpoint({ origin: TEST_KEYS.log.name, size: n, root: range.root() })
  const time = TEST_START / 1000 + longLogSeconds(n)
  const signatures = [signNote(text, TEST_KEYS.log), cosign(text, TEST_KEYS.notary, time)]
  const entries = () => stored(n, seed)
  return writeBundle({ entries, size: n, checkpoint: formatNote({ text, signatures }) }, write)
}

function* bodies(n: number, seed: number): Generator<Uint8Array> {
  for (const entry of longLog(n, seed)) yield canonical(entry as never)
}

async function* stored(n: number, seed: number): AsyncGenerator<StoredEntry> {
  let position = 0
  for (const body of bodies(n, seed)) yield { position: position++, body }
}
