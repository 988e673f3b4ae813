import * as crypto from 'node:crypto'
import { open, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import {
  adviceOn,
  checkBundle,
  hashWith,
  openBundle,
  parseApprovalRules,
  parsePolicy,
  text,
  type CheckOptions,
  type Report,
  type Source,
} from '@firebreak/audit-log'
import { command } from '../command.js'
import { Ended, EXIT, type Exit } from '../exits.js'
import type { Output } from '../terminal/output.js'

const VERDICTS: Record<Report['verdict'], { exit: Exit; says: string }> = {
  valid: { exit: EXIT.ok, says: 'VALID' },
  tampered: { exit: EXIT.bad, says: 'TAMPERED' },
  incomplete: { exit: EXIT.incomplete, says: 'VALID BUT INCOMPLETE' },
}
/** A policy, a checkpoint: never more. */
const SMALL = 1 << 20

export const auditCheck = [
  command({
    path: ['audit', 'check'],
    about: 'whether an exported bundle was edited, cut or forged: offline, by your policy alone',
    args: [{ name: 'bundle', about: 'the .tar that audit export wrote' }],
    options: {
      policy: {
        takes: 'file',
        required: true,
        about: 'whose signatures count (C2SP tlog-policy), from somebody other than who made the bundle',
      },
      checkpoint: { takes: 'file', about: 'one that you kept: the log must still begin with all that it covers' },
    },
    alone: true,
    more: [
      'If approval-rules.json lies beside the policy, runs are held to that too.',
      'Exit code: 0 valid, 1 tampered, 2 a file cannot be used, 7 valid, but not everything could be checked.',
      'For a bundle of somebody whom you do not trust use npm run audit-check: the same check, with bounded memory.',
    ],
    run: async ({ out, outside }, { args, options }) => {
      hashWith(crypto)
      const at = (path: string) => resolve(outside.cwd, path)
      const policy = parsed('the policy', at(options.policy), await small(at(options.policy)), parsePolicy)
      const rulesFile = join(dirname(at(options.policy)), 'approval-rules.json')
      const rules = (await isThere(rulesFile))
        ? parsed('the rules', rulesFile, await small(rulesFile), parseApprovalRules)
        : undefined
      const asked: CheckOptions = {
        now: outside.now(),
        ...(rules ? { approvalRules: rules } : {}),
        ...(options.checkpoint === undefined ? {} : { stored: text(await small(at(options.checkpoint))) }),
      }
      const source = await openFile(at(args.bundle))
      try {
        const report = await openBundle(source)
          .then((files) => checkBundle(files, policy, asked))
          .catch((error: unknown) => {
            throw new Ended(EXIT.usage, `${args.bundle} cannot be used: ${(error as Error).message}`, 'unusable')
          })
        out.thing(shown(report), () => tell(out, report))
        return VERDICTS[report.verdict].exit
      } finally {
        await source.close()
      }
    },
  }),
]

function shown({ completeness, entries, findings, first, manifest, origin, size, verdict }: Report): object {
  return { verdict, origin, entries, size, completeness, manifest, first: first ?? null, findings }
}

function tell(out: Output, report: Report): void {
  out.rows(
    ['CHECK', 'STATE', 'WHAT'],
    report.findings.map((finding) => {
      switch (finding.state) {
        case 'passed':
          return [
            finding.check,
            { text: 'ok', colour: 'green' },
            finding.found === '' ? finding.says : `${finding.says} (${finding.found})`,
          ]
        case 'failed':
          return [finding.check, { text: 'FAILED', colour: 'red' }, finding.sentence]
        case 'not made':
          return [finding.check, { text: 'not made', colour: 'yellow' }, finding.reason]
      }
    }),
    'no checks',
  )
  if (report.first) out.line(`what to do: ${adviceOn(report.first.check)}`)
  const { says } = VERDICTS[report.verdict]
  const notMade = report.findings.filter(({ state }) => state === 'not made').length
  out.line(
    { text: says, colour: report.verdict === 'valid' ? 'green' : 'red' },
    `${report.entries} of ${report.size} entries of ${report.origin} (${report.completeness})${notMade > 0 ? `; ${notMade} checks were not made, each says why` : ''}`,
  )
  if (report.first) out.line(report.first.sentence)
}

async function openFile(path: string): Promise<Source & { close: () => Promise<void> }> {
  const file = await open(path, 'r').catch(unusable(path))
  const { size } = await file.stat()
  return {
    size,
    read: async (offset, length) => {
      const piece = new Uint8Array(Math.min(length, Math.max(0, size - offset)))
      const { bytesRead } = await file.read(piece, 0, piece.length, offset)
      return piece.subarray(0, bytesRead)
    },
    close: () => file.close(),
  }
}

async function small(path: string): Promise<Uint8Array> {
  const { size } = await stat(path).catch(unusable(path))
  if (size > SMALL) throw new Ended(EXIT.usage, `${path} has ${size} bytes; ${SMALL} are allowed`, 'usage')
  return readFile(path).catch(unusable(path))
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

const unusable =
  (path: string) =>
  (error: unknown): never => {
    throw new Ended(EXIT.usage, `${path} cannot be read (${(error as NodeJS.ErrnoException).code})`, 'usage')
  }

function parsed<T>(what: string, path: string, bytes: Uint8Array, parse: (bytes: Uint8Array) => T): T {
  try {
    return parse(bytes)
  } catch (error) {
    throw new Ended(EXIT.usage, `${what} ${path} cannot be used: ${(error as Error).message}`, 'usage')
  }
}
