import { utf8 } from '@firebreak/audit-log'
import type { StoredEntry } from '../bundle.js'
import { ExportError } from '../error.js'
import type { Sink } from '../tar.js'
import type { LineContext, LineFormat } from './format.js'

/** How far it is: all that a successor needs to go on. */
export interface Reached {
  /** The next one to look at. */
  position: number
  /** Written so far. */
  entries: number
  bytes: number
}

export interface LinesInput {
  format: LineFormat
  context: LineContext
  /** The entries that were asked for, from `after.position` on. */
  entries: AsyncIterable<StoredEntry>
  /** Goes on from here; what was written before is not written again. */
  after?: Reached
  /** Whether it is time to write down what there is, however little. */
  due?: () => boolean
  /** Told after each chunk that was written, in whole lines. */
  reached?: (reached: Reached) => void | Promise<void>
}

/** Enough for a write to be worth its call; the first comes at once, for whoever waits. */
const CHUNK = 1 << 18

/** Writes entries line by line, in constant memory. Throws ExportError where there is nothing to write. */
export async function writeLines(input: LinesInput, write: Sink): Promise<Reached> {
  const { context, format } = input
  const reached: Reached = { ...(input.after ?? { position: 0, entries: 0, bytes: 0 }) }
  let [held, waiting]: [Uint8Array[], number] = [[], 0]
  const put = (chunk: Uint8Array | string) => {
    const bytes = typeof chunk === 'string' ? utf8(chunk) : chunk
    if (bytes.length === 0) return
    held.push(bytes)
    waiting += bytes.length
  }
  const flush = async () => {
    if (waiting === 0) return
    const whole = new Uint8Array(waiting)
    let at = 0
    for (const chunk of held) {
      whole.set(chunk, at)
      at += chunk.length
    }
    ;[held, waiting] = [[], 0]
    await write(whole)
    reached.bytes += whole.length
    await input.reached?.({ ...reached })
  }
  if (!input.after) put(format.head(context))
  for await (const entry of input.entries) {
    put(format.line(entry, context))
    reached.entries++
    reached.position = entry.position + 1
    if (waiting >= CHUNK || reached.entries === 1 || input.due?.()) await flush()
  }
  if (reached.entries === 0)
    throw new ExportError('empty-selection', 'Nothing that the checkpoint covers is as was asked for.')
  await flush()
  return reached
}
