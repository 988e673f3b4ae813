import type { LineFormat } from './format.js'

/** The bytes that were hashed, one entry a line: `SHA-256(0x00 ‖ line)` is its leaf. No header, which would be no entry. */
export const ndjson: LineFormat = {
  head: () => '',
  line: ({ body }) => {
    const line = new Uint8Array(body.length + 1)
    line.set(body)
    line[body.length] = 0x0a
    return line
  },
}
