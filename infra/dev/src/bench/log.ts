import { spawnSync } from 'node:child_process'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { leafHash, parseCheckpoint, parseNote, verifyInclusion } from '@firebreak/audit-log'
import { writeBundle } from '@firebreak/audit-export'
import { entriesBetween, proofReader } from '@firebreak/audit-store'
import type pg from 'pg'
import { withClient } from '../crash/database.js'
import { Dice } from '../crash/dice.js'
import { ROOT } from '../root.js'
import { WORKER_MEMORY } from '../worker-memory.js'
import { copyOut } from './copy-out.js'
import type { Figure, Subject } from './figure.js'
import { fillLog, type LargeLog } from './large-log.js'
import { measured } from './measured-program.js'
import { benchPostgres, type BenchDatabase } from './stage.js'

const FULL = 1_000_000
const PROOFS = 1_000

/** A log of a million entries: how fast it is covered, checked, exported and proven. */
export const log: Subject = {
  name: 'audit-log',
  async measure({ small, say }) {
    const size = small ? FULL / 20 : FULL
    const postgres = await benchPostgres()
    try {
      const database = await postgres.database('large')
      const filled = await fillLog(database, size, postgres.folder)
      say(`${size.toLocaleString('en')} entries are covered`)
      const note = `${size.toLocaleString('en')} entries`
      const figures: Figure[] = [
        {
          what: 'the sequencer draining, with tiles',
          kind: 'absolute',
          unit: 'leaves/s',
          measured: filled.drained.perSecond,
          reach: 20_000,
          better: 'more',
          beside: { what: 'hashing the same bodies alone', value: filled.drained.hashedPerSecond, unit: '/s' },
          note,
        },
        await proofs(database, filled),
      ]
      say('proofs are made')
      figures.push(...(await ndjson(database, filled, postgres.folder, small)))
      say('exported as NDJSON')
      figures.push(...(await check(database, filled, postgres.folder, small)))
      return figures
    } finally {
      await postgres.stop()
    }
  },
}

async function proofs(database: BenchDatabase, { size, checkpoint }: LargeLog): Promise<Figure> {
  const { root } = parseCheckpoint(parseNote(checkpoint).text)
  const dice = new Dice(1)
  return withClient(database.url('fb_api'), async (client) => {
    const times: number[] = []
    for (let nth = 0; nth < PROOFS; nth++) {
      const index = dice.between(0, size - 1)
      const began = performance.now()
      // As a request has it: nothing is remembered from the one before.
      const proof = await proofReader(client).inclusion(index, size)
      times.push(performance.now() - began)
      const leaf = leafHash(await bodyAt(client, index))
      if (!verifyInclusion({ index, size, leaf, root, proof })) throw new Error(`the proof of ${index} does not hold`)
    }
    times.sort((a, b) => a - b)
    return {
      what: 'a proof for any index, the slowest',
      kind: 'absolute',
      unit: 'ms',
      measured: times.at(-1)!,
      reach: 50,
      better: 'less',
      note: `${PROOFS.toLocaleString('en')} random ones, each verified; median ${times[PROOFS / 2]!.toFixed(1)} ms`,
    }
  })
}

async function bodyAt(client: pg.Client, index: number): Promise<Uint8Array> {
  for await (const { body } of entriesBetween(client, index, index + 1)) return body
  throw new Error(`there is no entry ${index}`)
}

async function ndjson(database: BenchDatabase, { size }: LargeLog, folder: string, small: boolean): Promise<Figure[]> {
  const child = spawnSync(
    process.execPath,
    [...WORKER_MEMORY, join(ROOT, 'infra/dev/dist/bench/export-ndjson.js'), String(size), join(folder, 'log.ndjson')],
    { encoding: 'utf8', env: { ...process.env, DATABASE_URL: database.url('fb_worker') }, maxBuffer: 1 << 20 },
  )
  if (child.status !== 0) throw new Error(`the export failed: ${child.stderr}`)
  const { seconds, firstMs, growthMiB } = JSON.parse(child.stdout) as {
    seconds: number
    firstMs: number
    growthMiB: number
  }
  const copied = await withClient(database.url('fb_worker'), (client) => copyOut(client, COPY))
  const note = `${size.toLocaleString('en')} entries`
  const figure = (what: string, unit: string, measured: number, reach: number): Figure =>
    ({ what, kind: 'absolute', unit, measured, reach, better: 'less', note }) // prettier-ignore
  return [
    {
      ...figure('export as NDJSON', 's', seconds, small ? 30 / 20 : 30),
      beside: { what: 'COPY … TO STDOUT of the same rows', value: copied.seconds, unit: 's' },
    },
    figure('its memory grows by', 'MiB', growthMiB, 64),
    figure('its first byte', 'ms', firstMs, 500),
  ]
}

const COPY = `copy (select e.body from audit.leaf l join audit.entry e on (e.era, e.xid, e.id) = (l.era, l.xid, l.id) order by l.position) to stdout (format binary)`

async function check(database: BenchDatabase, log: LargeLog, folder: string, small: boolean): Promise<Figure[]> {
  const [bundle, policy] = [join(folder, 'large.tar'), join(folder, 'policy.txt')]
  await writeFile(policy, log.policy)
  await withClient(database.url('fb_worker'), async (client) => {
    const file = await open(bundle, 'w', 0o600)
    try {
      await writeBundle(
        { entries: () => entriesBetween(client, 0, log.size), checkpoint: log.checkpoint, size: log.size },
        (chunk) => file.appendFile(chunk),
      )
    } finally {
      await file.close()
    }
  })
  const took = await measured(join(ROOT, 'libs/audit/bin/dist/audit-check.js'), [bundle, '--policy', policy])
  if (took.code !== 0) throw new Error(`audit-check ended with ${took.code}: ${took.said.slice(0, 500)}`)
  const plain = await measured(join(ROOT, 'infra/dev/dist/bench/hash-file.js'), [bundle])
  const note = `${log.size.toLocaleString('en')} entries, a process of its own`
  const figure = (what: string, unit: string, measured: number, reach: number, value: number): Figure =>
    ({ what, kind: 'absolute', unit, measured, reach, better: 'less', beside: { what: 'plain SHA-256 over the same file', value, unit }, note }) // prettier-ignore
  return [
    figure('all checks of a bundle', 's', took.seconds, small ? 60 / 20 : 60, plain.seconds),
    figure('its memory at most', 'MiB', took.peakMiB, 256, plain.peakMiB),
  ]
}
