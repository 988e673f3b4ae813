import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeBundle, type BundleInput } from '@firebreak/audit-export'
import { encodeEntry, type EntryBody } from '@firebreak/audit-log'
import { TEST_START, testCheckpoint, testEntries } from '@firebreak/audit-log/testing'

/** When an auditor checks what these tests make. */
export const CHECKED_AT = new Date(TEST_START + 26 * 3_600_000)

/** A bundle as the worker makes it, of these entries, under the keys of the tests. */
export async function bundleOf(entries: readonly EntryBody[], more: Partial<BundleInput> = {}): Promise<Buffer> {
  const bodies = entries.map(encodeEntry)
  const chunks: Uint8Array[] = []
  await writeBundle(
    {
      entries: async function* () {
        for (const [position, body] of bodies.entries()) yield { position, body }
      },
      checkpoint: testCheckpoint(bodies),
      size: bodies.length,
      ...more,
    },
    (chunk) => void chunks.push(chunk),
  )
  return Buffer.concat(chunks)
}

/** The checkpoint over the first `n` of the entries that all these tests have. */
export const checkpointOf = (n: number, more?: Parameters<typeof testCheckpoint>[1]): string =>
  testCheckpoint(testEntries(n).map(encodeEntry), more)

/** Files on the disk, for a file chooser. */
export class Drawer {
  private constructor(private readonly folder: string) {}
  static open = async () => new Drawer(await mkdtemp(join(tmpdir(), 'firebreak-drawer-')))
  async put(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(this.folder, name)
    await writeFile(path, content)
    return path
  }
  remove = () => rm(this.folder, { recursive: true, force: true })
}
