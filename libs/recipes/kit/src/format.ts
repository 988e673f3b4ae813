/** What a file is, by what it begins with, and whether its end is there too. */
export interface Sniffed {
  format: Format | 'unknown' | 'empty'
  /** Cut off in the middle, a file has no end. A format that says nothing of its end is taken for whole. */
  whole: boolean
}

export const formats = ['png', 'jpeg', 'pdf', 'tiff', 'gif'] as const
export type Format = (typeof formats)[number]

const ascii = (text: string) => Array.from(text, (letter) => letter.codePointAt(0)!)
const PNG = [0x89, ...ascii('PNG\r\n'), 0x1a, 0x0a]
/** The last chunk of a PNG: no data, its name, its checksum. */
const PNG_END = [0, 0, 0, 0, ...ascii('IEND'), 0xae, 0x42, 0x60, 0x82]
/** A PDF may be followed by a few empty lines. */
const PDF_TAIL = 1_024

/** Looks at the first and last bytes only: enough to tell a torn or a foreign file, and not that every page is right. */
export function formatOf(content: Uint8Array): Sniffed {
  if (content.length === 0) return { format: 'empty', whole: false }
  if (begins(content, PNG)) return { format: 'png', whole: ends(content, PNG_END) }
  if (begins(content, [0xff, 0xd8, 0xff])) return { format: 'jpeg', whole: ends(content, [0xff, 0xd9]) }
  if (begins(content, ascii('%PDF-'))) return { format: 'pdf', whole: has(content.subarray(-PDF_TAIL), ascii('%%EOF')) }
  if (begins(content, [0x49, 0x49, 0x2a, 0]) || begins(content, [0x4d, 0x4d, 0, 0x2a]))
    return { format: 'tiff', whole: true }
  if (begins(content, ascii('GIF8'))) return { format: 'gif', whole: ends(content, [0x3b]) }
  return { format: 'unknown', whole: true }
}

/** Why a file is no input of a queue that reads these formats; undefined when it is one. None named: all are read. */
export function faultOf(content: Uint8Array, read: readonly Format[]): string | undefined {
  const { format, whole } = formatOf(content)
  if (format === 'empty') return 'it is empty'
  if (!whole) return `it is a ${format} without its end`
  if (read.length > 0 && (format === 'unknown' || !read.includes(format)))
    return `it is ${format === 'unknown' ? 'of an unknown format' : `a ${format}`}, and ${read.join(', ')} can be read`
  return undefined
}

const begins = (content: Uint8Array, bytes: readonly number[]) => bytes.every((byte, at) => content[at] === byte)
const ends = (content: Uint8Array, bytes: readonly number[]) =>
  content.length >= bytes.length && bytes.every((byte, at) => content[content.length - bytes.length + at] === byte)
const has = (content: Uint8Array, bytes: readonly number[]) =>
  content.some((_, from) => bytes.every((byte, at) => content[from + at] === byte))
