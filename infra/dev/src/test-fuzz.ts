import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runVitest } from './lane-runs.js'

const USAGE = `npm run test:fuzz -- [--seed N] [--requests N]
Sends requests to a whole API, made out of openapi.json: wrong kinds, sizes, encodings and names, other people's ids, keys,
cookies and tokens that are not good (any more). Each must be answered in our words, and give nobody what is not theirs.
The same seed, the same requests.`

const print = (line: string) => void process.stdout.write(`${line}\n`)

/** The line that the spec writes. */
interface Line {
  sent: number
  statuses: Record<string, number>
  met: number
  of: number
  bad: number
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '20261126' },
      requests: { type: 'string', default: '20000' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) {
    print(USAGE)
    return 0
  }
  const { requests, seed } = values
  if (![requests, seed].every((value) => /^[1-9]\d{0,8}$/.test(value))) throw new Error(USAGE)
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-fuzz-'))
  try {
    const report = join(folder, 'report.ndjson')
    print(`seed ${seed}: ${requests} requests`)
    const outcome = await runVitest(['apps/api/e2e/fuzz.e2e.ts'], {
      env: { FIREBREAK_SEED: seed, FIREBREAK_FUZZ: requests, FIREBREAK_FUZZ_REPORT: report },
    })
    const line = existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8').split('\n')[0]!) as Line) : undefined
    if (line) {
      const statuses = Object.entries(line.statuses).map(
        ([status, n]) => `${status === '0' ? 'not sent' : status} ${n}`,
      )
      print(`${line.sent} sent: ${statuses.join(', ')}`)
      print(`${line.met} of ${line.of} routes did something for somebody; ${line.bad} answers were not as they must be`)
    }
    if (outcome.failed > 0) print(outcome.output)
    // Every request counts, and every other test of the story.
    const bad = Math.max(outcome.failed, line?.bad ?? 1)
    print(`${(line?.sent ?? 0) - (line?.bad ?? 0) + outcome.passed} passed, ${bad} failed`)
    return bad === 0 ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  },
)
