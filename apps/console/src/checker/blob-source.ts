import type { Source } from '@firebreak/audit-log'

/** Reading a piece of a Blob is a question to another process: for 512 bytes of a header it costs more than for this. */
const WINDOW = 1 << 20
/** The entries are read in one place, the tiles over them in another. */
const WINDOWS = 4

/**
 * A file that lies on the disk, a piece at a time: a few windows of it are in memory, however large it is.
 * @param reading how many bytes were asked for
 */
export function blobSource(blob: Blob, reading: (bytes: number) => void = () => undefined): Source {
  // The one that was used last comes first.
  const windows: { at: number; bytes: Uint8Array }[] = []

  async function holding(offset: number, end: number): Promise<{ at: number; bytes: Uint8Array }> {
    const known = windows.findIndex(({ at, bytes }) => at <= offset && end <= at + bytes.length)
    const window = windows.splice(known, known === -1 ? 0 : 1)[0] ?? {
      at: offset,
      bytes: new Uint8Array(await blob.slice(offset, Math.max(end, offset + WINDOW)).arrayBuffer()),
    }
    windows.unshift(window)
    windows.length = Math.min(windows.length, WINDOWS)
    return window
  }

  return {
    size: blob.size,
    async read(offset, length) {
      const end = Math.min(offset + length, blob.size)
      if (end <= offset) return new Uint8Array()
      reading(end - offset)
      const { at, bytes } = await holding(offset, end)
      return bytes.subarray(offset - at, end - at)
    },
  }
}
