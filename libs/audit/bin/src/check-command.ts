import * as crypto from 'node:crypto'
import { parseArgs } from 'node:util'
import {
  checkBundle,
  FILE,
  hashWith,
  openBundle,
  parseApprovalRules,
  parseCheckpoint,
  parseNote,
  parsePolicy,
  parseVkey,
  readWhole,
  text,
  type CheckOptions,
  type Report,
} from '@firebreak/audit-log'
import { beside, named, openSource, replace, used, usedIfThere } from './auditor-files.js'
import { printable, sentences } from './check-words.js'

/** Keys come from the policy alone, the time from this machine, an earlier checkpoint from the auditor's drawer. */

export const USAGE = `usage: audit-check <bundle.tar> --policy <file> [options]

Finds out whether anything in an export of the audit log was edited, removed, re-ordered, forged or left out.
No network, no database, no key: everything that it believes is in the policy.

  --policy <file>      the log policy: whose signatures count (C2SP tlog-policy). Get it from somebody other than
                       whoever gave you the bundle. If approval-rules.json lies beside it, runs are held to that too.
  --keep <file>        where you keep your checkpoint between two checks. If it is there, the log must still begin with
                       all that it covers. After VALID the bundle's own is written there, for the next time.
  --checkpoint <file>  as --keep, but only read.
  --export-key <file>  verifier keys of those who may sign the statement over the manifest, one a line. Without it
                       the key counts that the log itself named before the export began.
  --memory <MiB>       how much memory it may take: 256, unless you say more. A log beyond 2 million entries needs more.

exit code: 0 valid, 1 tampered, 2 the input cannot be used, 3 valid, but not everything could be checked`

export const EXIT = { valid: 0, tampered: 1, unusable: 2, incomplete: 3 } as const

/** In MiB, where the command line says nothing. */
export const MEMORY = 256

/** Where words go, what time it is (ms since 1970), and who is told how far it has come. */
export interface Console {
  out: (line: string) => void
  err: (line: string) => void
  now: () => number
  progress?: (words: string) => void
}

/** Gives the exit code; never throws. */
export async function auditCheck(argv: readonly string[], console: Console): Promise<number> {
  try {
    const asked = request(argv)
    if (asked === 'help') {
      console.out(USAGE)
      return EXIT.valid
    }
    hashWith(crypto)
    const { checkpoint, report } = await check(asked, console)
    for (const line of sentences(report)) console.out(line)
    if (asked.keep !== undefined && report.verdict === 'valid') await keep(asked.keep, checkpoint)
    return EXIT[report.verdict]
  } catch (error) {
    console.err(`audit-check: ${printable(error instanceof Error ? error.message : String(error))}`)
    return EXIT.unusable
  }
}

interface Request {
  bundle: string
  policy: string
  checkpoint: string | undefined
  keep: string | undefined
  exportKey: string | undefined
  memory: number
}

/** What the command line asks for. Throws a sentence where it asks for nothing that there is. */
export function request(argv: readonly string[]): Request | 'help' {
  const { positionals, values } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      policy: { type: 'string' },
      checkpoint: { type: 'string' },
      keep: { type: 'string' },
      'export-key': { type: 'string' },
      memory: { type: 'string', default: String(MEMORY) },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return 'help'
  const [bundle, ...rest] = positionals
  const { checkpoint, keep, policy, 'export-key': exportKey } = values
  if (bundle === undefined || rest.length > 0 || policy === undefined) {
    throw new Error('give one bundle and --policy <file>; audit-check --help tells more')
  }
  const memory = Number(values.memory)
  if (!Number.isInteger(memory) || memory < 128 || memory > 1 << 20) {
    throw new Error('--memory is a whole number of MiB, at least 128')
  }
  return { bundle, policy, checkpoint, keep, exportKey, memory }
}

/** The report, and the bundle's checkpoint as it stands in it. */
async function check(asked: Request, { now, progress }: Console): Promise<{ report: Report; checkpoint: string }> {
  const policy = await used('the policy', asked.policy, parsePolicy)
  const options: CheckOptions = { now: now() }
  const rules = await usedIfThere('the rules', beside(asked.policy, 'approval-rules.json'), parseApprovalRules)
  if (rules) options.approvalRules = rules
  const stored = await storedCheckpoint(asked)
  if (stored !== undefined) options.stored = stored
  if (asked.exportKey !== undefined) {
    const keysOf = (bytes: Uint8Array) => text(bytes).split('\n').filter((line) => line !== '').map(parseVkey) // prettier-ignore
    options.exportKeys = await used("the exporter's keys", asked.exportKey, keysOf)
  }
  options.progress = (entries, of) =>
    progress?.(`${entries.toLocaleString('en')} of ${of.toLocaleString('en')} entries checked …`)

  return named('the bundle', asked.bundle, async () => {
    const source = await openSource(asked.bundle)
    try {
      const files = await openBundle({
        size: source.size,
        read: (offset, length) => {
          if (offset % (64 << 20) < length) progress?.(`reading the files, ${Math.floor(offset / 1e6)} MB …`)
          return source.read(offset, length)
        },
      })
      const report = await checkBundle(files, policy, options)
      // Held together by the check `note`: a valid report has one, and a small one.
      const note = report.verdict === 'valid' ? await readWhole(files, FILE.checkpoint, 1 << 20) : new Uint8Array()
      return { report, checkpoint: text(note) }
    } finally {
      await source.close()
    }
  })
}

async function storedCheckpoint({ checkpoint, keep }: Request): Promise<string | undefined> {
  if (checkpoint !== undefined) return used('the checkpoint', checkpoint, text)
  return keep === undefined ? undefined : usedIfThere('the checkpoint', keep, text)
}

/** Never over one that says more: the check held the log against one of the two files at most. */
async function keep(path: string, checkpoint: string): Promise<void> {
  const what = 'the checkpoint'
  const sizeOf = (note: string) => parseCheckpoint(parseNote(note).text).size
  const kept = await usedIfThere(what, path, (bytes) => sizeOf(text(bytes)))
  const size = sizeOf(checkpoint)
  if (kept !== undefined && kept > size) {
    throw new Error(`${what} was not kept: ${path} has one of ${kept} entries, this one is of ${size}`)
  }
  await replace(what, path, checkpoint)
}
