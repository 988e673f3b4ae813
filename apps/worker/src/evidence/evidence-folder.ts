import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  EvidenceHands,
  EvidenceReader,
  MOST_EVIDENCE_BYTES,
  PortFailure,
  type JsonObject,
  type KeptEvidence,
} from '@firebreak/kit'
import { z } from 'zod'

/*
 * Evidence lies in the blob folder, where exports lie: each file under the digest of its bytes (`evidence/sha256/<hex>`), and
 * a name that leads to it (`evidence/names/<service>.<time>.json`). A file of that name is whole, or is not there: it is
 * written under another one, brought to the disk, and then linked, which never writes over what is there.
 */

const entry = z.object({
  name: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(0),
  media_type: z.string(),
  contents: z.record(z.string(), z.json()),
})

const blobFile = (blobs: string, sha256: string) => join(blobs, 'evidence', 'sha256', sha256)

/** A piece of evidence that an entry of the log names, to be read; undefined where it does not lie here as the log says. */
export async function keptBlob(blobs: string, { sha256, size }: { sha256: string; size: number }) {
  if (!/^[0-9a-f]{64}$/.test(sha256)) return undefined
  const path = blobFile(blobs, sha256)
  const found = await stat(path).catch(() => undefined)
  return found?.size === size ? { sha256, size, open: () => createReadStream(path) } : undefined
}

/** Finds evidence in the folder. */
export class EvidenceFolderReader extends EvidenceReader {
  constructor(
    private readonly blobs: string,
    private readonly now: () => Date,
  ) {
    super()
  }

  async next(service: string): Promise<{ name: string; at_ms: number }> {
    const at = this.now()
    const stamp = `${service}/${at.toISOString().replace(/[-:]/g, '')}`
    for (let nth = 1; ; nth++) {
      const name = nth === 1 ? stamp : `${stamp}-${nth}`
      if ((await entryOf(this.blobs, name)) === undefined) return { name, at_ms: at.getTime() }
    }
  }

  async find(name: string): Promise<KeptEvidence | undefined> {
    const kept = await entryOf(this.blobs, name)
    if (!kept) return undefined
    const content = await readFile(blobFile(this.blobs, kept.sha256)).catch(() => undefined)
    if (!content || content.length !== kept.bytes || digestOf(content) !== kept.sha256)
      throw new PortFailure(
        'invalid',
        `what is kept as ${name} is not there any more as it was: its digest should be ${kept.sha256}`,
      )
    return kept
  }
}

/** Keeps evidence in the folder. */
export class EvidenceFolderHands extends EvidenceHands {
  constructor(private readonly blobs: string) {
    super()
  }

  async keep(
    name: string,
    { content: text, media_type, contents }: { content: string; media_type: string; contents: JsonObject },
  ): Promise<KeptEvidence> {
    const content = Buffer.from(text, 'utf8')
    if (content.length > MOST_EVIDENCE_BYTES)
      throw new PortFailure('invalid', `${content.length} bytes of evidence are more than ${MOST_EVIDENCE_BYTES}`)
    const kept: KeptEvidence = { name, sha256: digestOf(content), bytes: content.length, media_type, contents }
    // The bytes first: a name that leads nowhere would be worse than bytes without a name.
    await place(blobFile(this.blobs, kept.sha256), content)
    await place(nameFile(this.blobs, name), Buffer.from(JSON.stringify(kept)))
    const there = await entryOf(this.blobs, name)
    if (there?.sha256 !== kept.sha256) throw new PortFailure('conflict', `something else is kept as ${name}`)
    return there
  }
}

/** Puts a file there, whole and on the disk, unless there is one. */
async function place(path: string, content: Uint8Array): Promise<void> {
  const folder = dirname(path)
  const part = `${path}.part-${randomUUID()}`
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const file = await open(part, 'wx', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await link(part, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    // The link itself is in the folder, which has to be on the disk, too.
    const directory = await open(folder, 'r')
    await directory.sync().finally(() => directory.close())
  } catch (error) {
    throw new PortFailure(
      'unreachable',
      `the blob folder cannot be written: ${(error as NodeJS.ErrnoException).code ?? 'it failed'}`,
    )
  } finally {
    await rm(part, { force: true }).catch(() => undefined)
  }
}

/** Names are made of services, which are DNS labels, and times: whatever else one holds leads to no other folder. */
const nameFile = (blobs: string, name: string) => join(blobs, 'evidence', 'names', `${encodeURIComponent(name)}.json`)

async function entryOf(blobs: string, name: string): Promise<KeptEvidence | undefined> {
  const text = await readFile(nameFile(blobs, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new PortFailure('unreachable', `the blob folder cannot be read: ${error.code ?? 'it failed'}`)
  })
  if (text === undefined) return undefined
  const found = entry.safeParse(jsonIn(text))
  if (!found.success) throw new PortFailure('invalid', `what is kept as ${name} cannot be read: its entry is damaged`)
  return found.data
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const digestOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')
