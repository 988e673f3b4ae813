import { readFileSync, renameSync, writeFileSync } from 'node:fs'

/** Writes a file that only its owner may read, whole or not at all: a kill in the middle leaves the old one. */
export function writePrivately(path: string, text: string): void {
  const draft = `${path}.new`
  writeFileSync(draft, text, { mode: 0o600 })
  renameSync(draft, path)
}

/** The JSON in a file; `undefined` when there is no file. Throws when it is no JSON. */
export function readJson(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`${path} is no JSON; move it away and start again`)
  }
}
