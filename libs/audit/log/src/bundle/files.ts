import { readTar, type Source } from '../tar.js'

/** The files of a bundle, in their order; each can be read as often as wanted. */
export interface BundleFiles {
  names: readonly string[]
  has(name: string): boolean
  /** Length in bytes. */
  size(name: string): number
  /** Content in chunks. */
  open(name: string): AsyncIterable<Uint8Array>
}

const CHUNK = 1 << 18

/** The files of a tar. Throws TarError. Names may come twice here: who reads the list decides. */
export async function openBundle(source: Source): Promise<BundleFiles> {
  const members = await readTar(source)
  const byName = new Map(members.map((member) => [member.name, member]))
  const find = (name: string) => {
    const member = byName.get(name)
    if (!member) throw new RangeError(`no file ${name} in the bundle`)
    return member
  }
  return {
    names: members.map(({ name }) => name),
    has: (name) => byName.has(name),
    size: (name) => find(name).size,
    open: (name) => chunks(source, find(name).offset, find(name).size),
  }
}

/** A source of bytes that are at hand. */
export const sourceOf = (bytes: Uint8Array): Source => ({
  size: bytes.length,
  read: async (offset, length) => bytes.subarray(offset, offset + length),
})

async function* chunks(source: Source, offset: number, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size;) {
    const chunk = await source.read(offset + at, Math.min(CHUNK, size - at))
    if (chunk.length === 0) throw new RangeError('the bundle became shorter while it was read')
    yield chunk
    at += chunk.length
  }
}

/** A whole file that is known to be small; one beyond `limit` bytes is not read. */
export async function readWhole(files: BundleFiles, name: string, limit: number): Promise<Uint8Array> {
  const size = files.size(name)
  if (size > limit) throw new RangeError(`${name} has ${size} bytes; ${limit} are allowed`)
  const whole = new Uint8Array(size)
  let at = 0
  for await (const chunk of files.open(name)) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

/**
 * Lines without their newlines, as views of the chunks: whoever keeps one, keeps all its neighbours, unless they copy it.
 * A line longer than `limit` is cut at `limit` + 1 bytes, so that it is too long for everybody and fills nobody's memory.
 * `ended` says whether the newline was there.
 */
export async function* lines(
  chunked: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<{ line: Uint8Array; ended: boolean }[]> {
  let held = new Uint8Array(0)
  for await (const chunk of chunked) {
    const batch: { line: Uint8Array; ended: boolean }[] = []
    let from = 0
    for (let to = chunk.indexOf(0x0a); to !== -1; to = chunk.indexOf(0x0a, from)) {
      const line = chunk.subarray(from, Math.min(to, from + limit + 1))
      batch.push({ line: held.length === 0 ? line : joined(held, line, limit), ended: true })
      held = new Uint8Array(0)
      from = to + 1
    }
    held = joined(held, chunk.subarray(from), limit)
    if (batch.length > 0) yield batch
  }
  if (held.length > 0) yield [{ line: held, ended: false }]
}

function joined(held: Uint8Array, more: Uint8Array, limit: number): Uint8Array<ArrayBuffer> {
  const length = Math.min(held.length + more.length, limit + 1)
  const whole = new Uint8Array(length)
  whole.set(held.subarray(0, length))
  whole.set(more.subarray(0, length - Math.min(held.length, length)), Math.min(held.length, length))
  return whole
}
