import { same, utf8 } from './bytes.js'

/**
 * A tar (ustar) of plain files with exactly one spelling: the header follows from name and size alone, padding is zero,
 * and the file ends with two zero blocks. Any flipped bit outside the files' contents is therefore found here, and every
 * tar program still reads it.
 */

const BLOCK = 512
/** As many as a manifest of 16 MiB can name, which is a log of 30 million entries. */
const MAX_MEMBERS = 125_000
/** Eleven octal digits. */
const MAX_SIZE = 8 ** 11 - 1

/**
 * Bytes that can be read anywhere: a file handle, a Blob, an array. Reads past the end give fewer bytes. What was given may
 * be overwritten some reads later: whoever keeps it copies it.
 */
export interface Source {
  size: number
  read(offset: number, length: number): Promise<Uint8Array>
}

export interface TarMember {
  name: string
  size: number
  /** Where its content begins. */
  offset: number
}

/** Not a tar as it is written here. */
export class TarError extends Error {
  constructor(
    readonly offset: number,
    sentence: string,
  ) {
    super(`${sentence} (byte ${offset})`)
    this.name = 'TarError'
  }
}

/** The 512 bytes before a file. Names are at most 100 characters of a-z, 0-9, dot, dash and slash. */
export function tarHeader(name: string, size: number): Uint8Array {
  if (!isName(name)) throw new RangeError(`${name} is not a name for a file in a bundle`)
  if (!Number.isSafeInteger(size) || size < 0 || size > MAX_SIZE) throw new RangeError(`${name} is too large for a tar`)
  const header = new Uint8Array(BLOCK)
  const put = (at: number, field: string) => header.set(utf8(field), at)
  put(0, name)
  put(100, '0000644\0') // mode
  put(108, '0000000\0') // uid
  put(116, '0000000\0') // gid
  put(124, `${size.toString(8).padStart(11, '0')}\0`)
  put(136, '00000000000\0') // mtime: a bundle holds no time that is not in its entries
  put(148, '        ')
  put(156, '0') // a plain file
  put(257, 'ustar\x0000')
  put(329, '0000000\x000000000\0') // device numbers
  const sum = header.reduce((total, byte) => total + byte, 0)
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `)
  return header
}

/** The zeros after a file of this size. */
export const tarPadding = (size: number): Uint8Array => new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK)

/** The end of a tar. */
export const tarEnd = (): Uint8Array => new Uint8Array(2 * BLOCK)

/** The files of a tar in their order. Throws TarError at the first byte that is not as `tarHeader` and its like write it. */
export async function readTar(source: Source): Promise<TarMember[]> {
  const members: TarMember[] = []
  let at = 0
  for (;;) {
    const header = await exactly(source, at, BLOCK)
    if (isZero(header)) break
    const member = parseHeader(header, at)
    if (members.length === MAX_MEMBERS) throw new TarError(at, `more than ${MAX_MEMBERS} files`)
    members.push(member)
    const padding = tarPadding(member.size).length
    at = member.offset + member.size
    if (!isZero(await exactly(source, at, padding)))
      throw new TarError(at, `the padding after ${member.name} is not zero`)
    at += padding
  }
  if (source.size !== at + 2 * BLOCK || !isZero(await exactly(source, at, 2 * BLOCK))) {
    throw new TarError(at, 'the tar does not end with two zero blocks and nothing after them')
  }
  return members
}

function parseHeader(header: Uint8Array, at: number): TarMember {
  const field = (from: number, length: number) =>
    String.fromCharCode(...header.subarray(from, from + length)).split('\0')[0]!
  if (field(257, 5) !== 'ustar') throw new TarError(at, 'not a tar header')
  const [name, size] = [field(0, 100), Number.parseInt(field(124, 11), 8)]
  if (!isName(name) || !Number.isSafeInteger(size) || !same(tarHeader(name, size), header)) {
    throw new TarError(at, 'a tar header that is not as bundles have it')
  }
  return { name, size, offset: at + BLOCK }
}

async function exactly(source: Source, offset: number, length: number): Promise<Uint8Array> {
  const bytes = length === 0 ? new Uint8Array() : await source.read(offset, length)
  if (bytes.length !== length) throw new TarError(source.size, 'the tar breaks off')
  return bytes
}

const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0)

function isName(name: string): boolean {
  const parts = name.split('/')
  return name.length <= 100 && /^[a-z0-9./-]+$/.test(name) && parts.every((part) => !['', '.', '..'].includes(part))
}
