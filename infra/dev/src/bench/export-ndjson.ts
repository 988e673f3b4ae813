import { open } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { ndjson, writeLines } from '@firebreak/audit-export'
import { entriesBetween } from '@firebreak/audit-store'
import pg from 'pg'
import { peakOf, residentOf } from './measured-program.js'

/**
 * `export-ndjson <size> <file>`, DATABASE_URL: the whole log as NDJSON, as the worker writes it, in a process of its own,
 * so that its memory is its own.
 */
const [size, path] = [Number(process.argv[2]), process.argv[3]!]
const client = new pg.Client({ connectionString: process.env['DATABASE_URL']! })
await client.connect()
const file = await open(path, 'w', 0o600)
const before = residentOf('self') ?? 0
const began = performance.now()
let firstMs: number | undefined
await writeLines(
  {
    format: ndjson,
    context: { completeness: 'FULL', origin: 'bench.example/log', checkpoint: size },
    entries: entriesBetween(client, 0, size),
  },
  async (chunk) => {
    await file.appendFile(chunk)
    firstMs ??= performance.now() - began
  },
)
const seconds = (performance.now() - began) / 1_000
await file.close()
await client.end()
console.log(JSON.stringify({ seconds, firstMs, growthMiB: (peakOf('self') ?? Number.NaN) - before }))
