import { hex, sha256, sha256Stream, tarEnd, tarHeader, tarPadding, type Manifest } from '@firebreak/audit-log'
import { ExportError } from './error.js'

/** Takes a chunk, and may make the writer wait. */
export type Sink = (chunk: Uint8Array) => void | Promise<unknown>

/** Enough for a write to be worth its call. */
const CHUNK = 1 << 16

/** Writes one file after the other, and remembers what the manifest has to say of each. */
export class Tar {
  readonly files: Manifest['files'] = []
  readonly #write: Sink
  readonly #digest = sha256Stream()
  #held: Uint8Array[] = []
  #waiting = 0
  #bytes = 0

  constructor(write: Sink) {
    this.#write = write
  }

  /** Gives the file's digest, hexadecimal. */
  async file(name: string, content: Uint8Array): Promise<string> {
    await this.#put(tarHeader(name, content.length))
    await this.#put(content)
    await this.#put(tarPadding(content.length))
    const digest = hex(sha256(content))
    this.files.push({ name, sha256: digest, size: content.length })
    return digest
  }

  async stream(name: string, size: number, content: AsyncIterable<Uint8Array>): Promise<string> {
    await this.#put(tarHeader(name, size))
    const digest = sha256Stream()
    let length = 0
    for await (const chunk of content) {
      length += chunk.length
      if (length > size) break
      digest.update(chunk)
      await this.#put(chunk)
    }
    if (length !== size) throw new ExportError('changed', `${name} changed its length while it was written`)
    await this.#put(tarPadding(size))
    this.files.push({ name, sha256: hex(digest.digest()), size })
    return this.files.at(-1)!.sha256
  }

  async end(): Promise<{ bytes: number; sha256: string }> {
    await this.#put(tarEnd())
    await this.#flush()
    return { bytes: this.#bytes, sha256: hex(this.#digest.digest()) }
  }

  async #put(chunk: Uint8Array): Promise<void> {
    this.#held.push(chunk)
    this.#waiting += chunk.length
    if (this.#waiting >= CHUNK) await this.#flush()
  }

  async #flush(): Promise<void> {
    const whole = new Uint8Array(this.#waiting)
    let at = 0
    for (const chunk of this.#held) {
      whole.set(chunk, at)
      at += chunk.length
    }
    this.#held = []
    this.#waiting = 0
    this.#digest.update(whole)
    this.#bytes += whole.length
    await this.#write(whole)
  }
}
