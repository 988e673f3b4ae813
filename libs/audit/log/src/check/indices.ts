import { lines, type BundleFiles } from '../bundle/files.js'
import { FILE } from '../bundle/manifest.js'
import { Fault } from './check.js'

/** The file `indices`: where in the log each line of entries.ndjson stands. Ascending, so that none is there twice. */
export async function readIndices(files: BundleFiles): Promise<Float64Array> {
  if (!files.has(FILE.indices)) throw new Fault('indices', `the bundle does not say where its entries stand in the log`)
  let indices = new Float64Array(1024)
  let [seen, last] = [0, -1]
  for await (const batch of lines(files.open(FILE.indices), DIGITS)) {
    for (const { ended, line } of batch) {
      const index = decimal(line)
      if (!ended || index === undefined) throw new Fault('indices', `line ${seen + 1} of ${FILE.indices} is no index`)
      if (index <= last) throw new Fault('indices', `in ${FILE.indices} ${index} comes after ${last}`, index)
      if (seen === indices.length) indices = grown(indices)
      indices[seen++] = last = index
    }
  }
  return indices.slice(0, seen)
}

/** 2^53 has sixteen. */
const DIGITS = 16

/** One spelling a number: no sign, no leading zero. */
function decimal(line: Uint8Array): number | undefined {
  if (line.length === 0 || line.length > DIGITS || (line[0] === 0x30 && line.length > 1)) return undefined
  let n = 0
  for (const byte of line) {
    if (byte < 0x30 || byte > 0x39) return undefined
    n = n * 10 + byte - 0x30
  }
  return Number.isSafeInteger(n) ? n : undefined
}

function grown(full: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(full.length * 2)
  larger.set(full)
  return larger
}
