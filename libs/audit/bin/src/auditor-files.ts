import { open, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Source } from '@firebreak/audit-log'
import { printable } from './check-words.js'

/** Files on the auditor's disk: theirs, and the one that they do not trust. Nothing but plain files is read: a pipe would wait for ever. */

/** More than a policy, a checkpoint or a list of keys ever has. */
const LIMIT = 1 << 20

/** A small file of the auditor's own, understood. */
export async function used<T>(what: string, path: string, understand: (bytes: Uint8Array) => T): Promise<T> {
  return named(what, path, async () => {
    const size = await plainSize(path)
    if (size > LIMIT) throw new Error(`it has ${size} bytes; ${LIMIT} are allowed`)
    return understand(await readFile(path))
  })
}

/** As `used`; undefined where there is no such file. */
export async function usedIfThere<T>(
  what: string,
  path: string,
  understand: (bytes: Uint8Array) => T,
): Promise<T | undefined> {
  const there = await stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  )
  return there ? used(what, path, understand) : undefined
}

/** What stands beside another file under this name. */
export const beside = (path: string, name: string): string => join(dirname(path), name)

/** Either the whole text or what was there before, whatever happens in between. */
export async function replace(what: string, path: string, content: string): Promise<void> {
  await named(what, path, async () => {
    const draft = `${path}.new`
    await writeFile(draft, content, { flush: true })
    await rename(draft, path)
  })
}

/** The bundle, open for reading anywhere. A large piece is overwritten fifteen large reads later. */
export async function openSource(path: string): Promise<Source & { close(): Promise<void> }> {
  const size = await plainSize(path)
  const file = await open(path, 'r')
  // Fresh memory for each piece would be 64 MiB of it before anybody clears up.
  const ring = Array.from({ length: 16 }, () => Buffer.allocUnsafeSlow(WINDOW))
  let [turn, from, window] = [0, 0, Buffer.alloc(0)]
  const fetch = async (offset: number, length: number) => {
    const piece = length <= WINDOW ? ring[turn++ % ring.length]! : Buffer.allocUnsafeSlow(length)
    const { bytesRead } = await file.read(piece, 0, Math.min(length, Math.max(0, size - offset)), offset)
    return piece.subarray(0, bytesRead)
  }
  // Of many small files in a row one piece is read at a time, into memory of its own: small reads come between large ones.
  const [near, small] = [Buffer.allocUnsafeSlow(WINDOW), WINDOW / 4]
  return {
    size,
    async read(offset, length) {
      if (length > small) return fetch(offset, length)
      if (offset < from || offset + length > from + window.length) {
        const { bytesRead } = await file.read(near, 0, Math.min(WINDOW, Math.max(0, size - offset)), offset)
        ;[from, window] = [offset, near.subarray(0, bytesRead)]
      }
      return Uint8Array.from(window.subarray(offset - from, offset - from + length))
    },
    close: () => file.close(),
  }
}

const WINDOW = 1 << 18

async function plainSize(path: string): Promise<number> {
  const found = await stat(path)
  if (found.isDirectory()) throw new Error('it is a folder')
  if (!found.isFile()) throw new Error('it is a pipe or a device; save it to a file first')
  return found.size
}

/** The same error, with the file's name in front. */
export async function named<T>(what: string, path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new Error(`${what} ${printable(path)} cannot be used: ${printable(REASONS[code ?? ''] ?? message)}`)
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'you may not read or write it',
  ELOOP: 'it links to itself',
  ENAMETOOLONG: 'the name is too long',
}
