import { isWhole } from './picture.js'
import { DOCUMENTS, type Storage } from './storage.js'

/** What of a document is left when it was read. */
const OUTPUTS = 'outputs'

/** Where what was read of a document lies. */
const outputOf = (key: string) => `${key.split('/').at(-1)}.json`

/** Reads a document, as every worker of the batch system does. Answers why it could not; undefined: its output is there. */
export function readDocument(storage: Storage, bucket: string, key: string): string | undefined {
  const content = storage.content(bucket, key)
  if (!content) return `NoSuchKey: s3://${bucket}/${key}`
  if (!isWhole(content)) return `corrupted input: s3://${bucket}/${key} is no whole PNG`
  // Once each: the same input again changes nothing.
  if (!isRead(storage, key)) {
    const read = JSON.stringify({ input: key, bytes: content.length })
    storage.write(OUTPUTS, outputOf(key), Buffer.from(read), 'application/json')
  }
  return undefined
}

/** Whether the output of a document is there. */
export const isRead = (storage: Storage, key: string): boolean => storage.content(OUTPUTS, outputOf(key)) !== undefined

/** Puts a document there as somebody who scans it does. A full bucket takes none: what points at it points at nothing. */
export function scan(storage: Storage, key: string, content: Buffer): void {
  try {
    storage.write(DOCUMENTS, key, content, 'image/png')
  } catch {
    // Nothing is there then.
  }
}

/** Takes the documents away whose names begin so, and what was read of them. */
export function clearAway(storage: Storage, beginning: string): void {
  storage.removeAll(DOCUMENTS, `incoming/2026/${beginning}`)
  storage.removeAll(OUTPUTS, beginning)
}
