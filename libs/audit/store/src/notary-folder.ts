import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { base64, formatVkey, KEY_TYPE, unbase64, type SigningKey } from '@firebreak/audit-log'
import { makeKeyFile, readKeyFile, writeVkeyFile } from './key-file.js'
import { NotaryMemory } from './notary.js'

interface Remembered {
  size: number
  /** base64 */
  root: string
}

/**
 * The notary's folder: `notary.key` (0600), `notary.vkey` for everybody, `signed.json` (per origin the largest tree it signed).
 * A key without its memory could be made to sign two histories, so it refuses to start then.
 */
export async function openNotaryFolder(dir: string, name: string): Promise<{ key: SigningKey; memory: NotaryMemory }> {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const [keyFile, memoryFile] = [join(dir, 'notary.key'), join(dir, 'signed.json')]
  if (existsSync(keyFile) && !existsSync(memoryFile)) {
    throw new Error(
      `${memoryFile} is missing: this notary no longer knows what it has signed. Put the file back; or remove ${keyFile} too, ` +
        `and give the new notary's vkey to everybody who trusted the old one`,
    )
  }
  // In this order: a crash between the two leaves an empty memory without a key, which is a fresh start.
  if (!existsSync(memoryFile)) await writeThrough(memoryFile, '{}\n')
  if (!existsSync(keyFile)) await makeKeyFile(keyFile, name, KEY_TYPE.cosigner)
  const key = readKeyFile(keyFile, KEY_TYPE.cosigner)
  const memory = new FileMemory(memoryFile)
  await writeVkeyFile(join(dir, 'notary.vkey'), formatVkey(key))
  return { key, memory }
}

class FileMemory extends NotaryMemory {
  readonly #signed: Map<string, Remembered>

  constructor(readonly path: string) {
    super()
    this.#signed = readSigned(path)
  }

  recall(origin: string): { size: number; root: Uint8Array } | undefined {
    const found = this.#signed.get(origin)
    return found && { size: found.size, root: unbase64(found.root) }
  }

  async remember(origin: string, size: number, root: Uint8Array): Promise<void> {
    const next = new Map(this.#signed).set(origin, { size, root: base64(root) })
    await writeThrough(this.path, `${JSON.stringify(Object.fromEntries(next), null, 2)}\n`)
    this.#signed.set(origin, { size, root: base64(root) })
  }
}

function readSigned(path: string): Map<string, Remembered> {
  let read: unknown
  try {
    read = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Error(`${path} cannot be read (${(error as Error).message}): put a good copy back`, { cause: error })
  }
  const signed = new Map(Object.entries(read as Record<string, Remembered>))
  for (const [origin, { size, root }] of signed) {
    if (!Number.isSafeInteger(size) || size < 0 || typeof root !== 'string' || unbase64(root).length !== 32) {
      throw new Error(`${path} does not say what was signed of ${origin}: put a good copy back`)
    }
  }
  return signed
}

/** Aside, to the disk, into place, and the folder to the disk: after a power cut it is the old file or the new one. */
async function writeThrough(path: string, content: string): Promise<void> {
  const aside = `${path}.new`
  const file = await open(aside, 'w', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(aside, path)
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
