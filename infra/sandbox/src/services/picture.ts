import { crc32, deflateSync } from 'node:zlib'

/** Letters of five by seven points: a row is five bits, the highest at the left. */
const LETTERS: Record<string, readonly number[]> = {
  ' ': [0, 0, 0, 0, 0, 0, 0],
  '0': [6, 9, 9, 9, 9, 9, 6],
  '1': [4, 12, 4, 4, 4, 4, 14],
  '2': [14, 17, 1, 2, 4, 8, 31],
  '3': [31, 2, 4, 2, 1, 17, 14],
  '4': [2, 6, 10, 18, 31, 2, 2],
  '5': [31, 16, 30, 1, 1, 17, 14],
  '6': [6, 8, 16, 30, 17, 17, 14],
  '7': [31, 1, 2, 4, 8, 8, 8],
  '8': [14, 17, 17, 14, 17, 17, 14],
  '9': [14, 17, 17, 15, 1, 2, 12],
  A: [14, 17, 17, 31, 17, 17, 17],
  C: [14, 17, 16, 16, 16, 17, 14],
  D: [30, 17, 17, 17, 17, 17, 30],
  E: [31, 16, 16, 30, 16, 16, 31],
  H: [17, 17, 17, 31, 17, 17, 17],
  I: [14, 4, 4, 4, 4, 4, 14],
  L: [16, 16, 16, 16, 16, 16, 31],
  N: [17, 25, 25, 21, 19, 19, 17],
  O: [14, 17, 17, 17, 17, 17, 14],
  P: [30, 17, 17, 30, 16, 16, 16],
  R: [30, 17, 17, 30, 20, 18, 17],
  S: [15, 16, 16, 14, 1, 1, 30],
  T: [31, 4, 4, 4, 4, 4, 4],
  V: [17, 17, 17, 17, 17, 10, 4],
}

const SCALE = 6
const MARGIN = 24
const RUN = 3
const [ADVANCE, HEIGHT] = [6, 7]

/** A line of text as a PNG, black on white, so large that an OCR engine reads it. Letters that are not drawn stay white. */
export function picture(text: string): Buffer {
  const width = text.length * ADVANCE * SCALE + 2 * MARGIN
  const height = HEIGHT * SCALE + 2 * MARGIN
  const sums = summedInk(text, width, height)
  const lines = Array.from({ length: height }, (_, y) => {
    // Each line begins with the number of its filter: 0, none.
    const line = Buffer.alloc(width + 1)
    for (let x = 0; x < width; x++) line[x + 1] = softened(sums, x, y, width, height)
    return line
  })
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 0, 0, 0, 0], 8)
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(lines))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** How much ink there is above and to the left of each place, so that the ink of any square is four look-ups. */
function summedInk(text: string, width: number, height: number): Uint32Array {
  const sums = new Uint32Array((width + 1) * (height + 1))
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y - MARGIN) / SCALE)
    for (let x = 0, inLine = 0; x < width; x++) {
      const column = Math.floor((x - MARGIN) / SCALE)
      const bits = LETTERS[text[Math.floor(column / ADVANCE)] ?? ' ']?.[row] ?? 0
      if (column >= 0 && column % ADVANCE < 5) inLine += (bits >> (4 - (column % ADVANCE))) & 1
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1]! + inLine
    }
  }
  return sums
}

/** Square points joined at their corners are read as other letters: the ink runs a little, and the steps go. */
function softened(sums: Uint32Array, x: number, y: number, width: number, height: number): number {
  const [left, top] = [Math.max(x - RUN, 0), Math.max(y - RUN, 0)]
  const [right, bottom] = [Math.min(x + RUN + 1, width), Math.min(y + RUN + 1, height)]
  const at = (x: number, y: number) => sums[y * (width + 1) + x]!
  const ink = at(right, bottom) - at(left, bottom) - at(right, top) + at(left, top)
  const share = ink / (2 * RUN + 1) ** 2
  return Math.round(255 * (1 - Math.min(1, Math.max(0, (share - 0.25) * 2.5))))
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  framed.set(body, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}

/** Is this a PNG whose parts are whole? An engine that is given another one reads nonsense, or dies. */
export function isWhole(image: Buffer): boolean {
  if (!image.subarray(0, 8).equals(SIGNATURE)) return false
  for (let at = 8; at + 12 <= image.length;) {
    const length = image.readUInt32BE(at)
    const end = at + 12 + length
    if (end > image.length || crc32(image.subarray(at + 4, end - 4)) !== image.readUInt32BE(end - 4)) return false
    if (image.toString('latin1', at + 4, at + 8) === 'IEND') return end === image.length
    at = end
  }
  return false
}
