import { createWriteStream } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { entriesBetween } from '@firebreak/audit-store'
import pg from 'pg'
import { peakOf, residentOf } from './measured-program.js'

/** `export-ndjson <size> <file>`, DATABASE_URL: the log as NDJSON, in a process of its own, so that its memory is its own. */
const [size, path] = [Number(process.argv[2]), process.argv[3]!]
const NEWLINE = Buffer.from('\n')
/** As the exporter has it: enough for a write to be worth its call. */
const CHUNK = 1 << 16

const client = new pg.Client({ connectionString: process.env['DATABASE_URL']! })
await client.connect()
const before = residentOf('self') ?? 0
const began = performance.now()
let firstMs: number | undefined
let held: Uint8Array[] = []
let waiting = 0
const out = createWriteStream(path)
const flush = async () => {
  const more = out.write(Buffer.concat(held))
  firstMs ??= performance.now() - began
  ;[held, waiting] = [[], 0]
  if (!more) await new Promise((drained) => out.once('drain', drained as () => void))
}
for await (const { body } of entriesBetween(client, 0, size)) {
  held.push(body, NEWLINE)
  waiting += body.length + 1
  if (waiting >= CHUNK) await flush()
}
await flush()
await new Promise((closed) => out.end(closed as () => void))
const seconds = (performance.now() - began) / 1_000
await client.end()
console.log(JSON.stringify({ seconds, firstMs, growthMiB: (peakOf('self') ?? Number.NaN) - before }))
