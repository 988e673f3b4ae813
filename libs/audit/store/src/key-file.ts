import { randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { open, rename, writeFile } from 'node:fs/promises'
import {
  base64,
  concat,
  formatVkey,
  generateKey,
  hex,
  parseVkey,
  unbase64,
  type KeyType,
  type SigningKey,
  type VerifierKey,
} from '@firebreak/audit-log'

/**
 * Key files, one line each. Secret: `PRIVATE+KEY+<name>+<key id>+<base64(type ‖ seed)>`, as Go's note package writes them;
 * public: the vkey. The name is part of the key, so nobody can sign as another log by passing the wrong flag.
 */
const SECRET = /^PRIVATE\+KEY\+([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)\n?$/

/** Makes a new key, readable by its owner alone. Fails where the file is there: a key is never overwritten. */
export async function makeKeyFile(path: string, name: string, type: KeyType): Promise<SigningKey> {
  const seed = new Uint8Array(randomBytes(32))
  const key = generateKey(name, seed, type)
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(`PRIVATE+KEY+${name}+${hex(key.keyId)}+${base64(concat(Uint8Array.of(type), seed))}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  return key
}

/** Reads a secret key. No error quotes the file. */
export function readKeyFile(path: string, type: KeyType): SigningKey {
  const [, name, id, encoded] = SECRET.exec(readFileSync(path, 'utf8')) ?? []
  if (name === undefined || id === undefined || encoded === undefined) throw new Error(`${path} is not a key file`)
  const bytes = unbase64(encoded)
  if (bytes.length !== 33 || bytes[0] !== type) throw new Error(`${path} holds a key of another kind`)
  const key = generateKey(name, bytes.slice(1), type)
  if (hex(key.keyId) !== id) throw new Error(`${path} is damaged: its key id does not belong to its key`)
  return key
}

/** Reads a public key. */
export function readVkeyFile(path: string): VerifierKey {
  return parseVkey(readFileSync(path, 'utf8').trim())
}

/**
 * The keys in a file, one vkey a line; empty lines and lines that begin with # are passed over. Read again whenever the
 * file has changed, so that a new key needs no restart. A change that cannot be read is told once, and the keys of before
 * stay: nobody stops notarising over a typing error.
 */
export function vkeysIn(path: string, report: (line: string) => void): () => readonly VerifierKey[] {
  const stamp = () => {
    const { ino, mtimeMs, size } = statSync(path)
    return `${ino} ${mtimeMs} ${size}`
  }
  const read = () => {
    const lines = readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.trim())
    const keys = lines.filter((line) => line !== '' && !line.startsWith('#')).map(parseVkey)
    if (keys.length === 0) throw new Error(`${path} holds no key`)
    return keys
  }
  let seen = stamp()
  let keys = read()
  let trouble = ''
  return () => {
    try {
      const now = stamp()
      if (now === seen) return keys
      keys = read()
      seen = now
      trouble = ''
      report(`trusts ${keys.map(formatVkey).join(', ')}`)
    } catch (error) {
      const { message } = error as Error
      if (message !== trouble) report(`${path} changed and cannot be used, the keys of before stay: ${message}`)
      trouble = message
    }
    return keys
  }
}

/** In one piece: others wait for this file to appear, and must not read a half of it. */
export async function writeVkeyFile(path: string, vkey: string): Promise<void> {
  await writeFile(`${path}.new`, `${vkey}\n`, { mode: 0o644 })
  await rename(`${path}.new`, path)
}
