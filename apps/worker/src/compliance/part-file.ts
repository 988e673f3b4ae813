import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rm, type FileHandle } from 'node:fs/promises'

/**
 * A file that is being written and nobody reads yet. One that goes on with what another began copies it: the other may
 * still be writing into its own.
 */
export class PartFile {
  private readonly hash: Hash = createHash('sha256')
  /** Bytes so far. */
  size = 0
  /** Whether it begins with what another wrote. */
  resumed = false

  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
  ) {}

  /** `after`: the file that another began, and how much of it was durable. Where it is not there, this one begins anew. */
  static async open(path: string, after?: { from: string; size: number }): Promise<PartFile> {
    const part = new PartFile(path, await open(path, 'w', 0o600))
    if (after) {
      try {
        for await (const chunk of createReadStream(after.from, { end: after.size - 1 }))
          await part.write(chunk as Buffer)
        part.resumed = part.size === after.size
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
      if (!part.resumed) {
        await part.abandon()
        return PartFile.open(path)
      }
    }
    return part
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.hash.update(chunk)
    this.size += chunk.length
    await this.file.writeFile(chunk)
  }

  /** What was written so far survives a fall of the machine. */
  sync(): Promise<void> {
    return this.file.datasync()
  }

  /** Whole and durable. Answers the digest, hexadecimal. */
  async finish(): Promise<string> {
    await this.file.sync()
    await this.file.close()
    return this.hash.digest('hex')
  }

  async abandon(): Promise<void> {
    await this.file.close().catch(() => undefined)
    await rm(this.path, { force: true })
  }
}
