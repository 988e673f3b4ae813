#!/usr/bin/env node
import * as crypto from 'node:crypto'
import { open, readFile, realpath, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { CheckOptions, Finding, Policy, Report, Source } from '@firebreak/audit-log'

/**
 * `audit-check <bundle> --policy <file> [--checkpoint <file>] [--export-key <file>]`: what an auditor runs, on a machine
 * without network, over a bundle that they do not trust. Keys come from the policy alone, the time from this machine.
 */

const USAGE = `usage: audit-check <bundle.tar> --policy <file> [--checkpoint <file>] [--export-key <file>]

  --policy      the log policy: whose signatures count (C2SP tlog-policy). Get it from somebody other than
                whoever gave you the bundle.
  --checkpoint  a checkpoint that you kept from an earlier check: the log must still begin with all that it covers.
  --export-key  a file with the verifier keys of those who may sign the statement over the manifest, one a line.

exit code: 0 valid, 1 tampered, 2 the input cannot be used, 3 valid, but not everything in it could be checked`

export const EXIT = { valid: 0, tampered: 1, unusable: 2, incomplete: 3 } as const

/** Where words go, and what time it is (ms since 1970). */
export interface Console {
  out: (line: string) => void
  err: (line: string) => void
  now: () => number
}

/** Gives the exit code; never throws. */
export async function auditCheck(argv: readonly string[], { err, now, out }: Console): Promise<number> {
  try {
    const { positionals, values } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        policy: { type: 'string' },
        checkpoint: { type: 'string' },
        'export-key': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help) {
      out(USAGE)
      return EXIT.valid
    }
    const [bundle, ...rest] = positionals
    if (bundle === undefined || rest.length > 0 || values.policy === undefined) {
      throw new Error('give one bundle and --policy <file>; audit-check --help tells more')
    }
    const report = await check(bundle, values.policy, values.checkpoint, values['export-key'], { err, now })
    for (const line of sentences(report)) out(line)
    return EXIT[report.verdict]
  } catch (error) {
    err(`audit-check: ${error instanceof Error ? error.message : String(error)}`)
    return EXIT.unusable
  }
}

async function check(
  bundlePath: string,
  policyPath: string,
  storedPath: string | undefined,
  keysPath: string | undefined,
  { err, now }: Pick<Console, 'err' | 'now'>,
): Promise<Report> {
  const { checkBundle, hashWith, openBundle, parsePolicy, parseVkey } = await import('@firebreak/audit-log')
  hashWith(crypto)
  const policy: Policy = await used('the policy', policyPath, parsePolicy)
  const options: CheckOptions = { now: now() }
  if (storedPath !== undefined) options.stored = await used('the checkpoint', storedPath, text)
  if (keysPath !== undefined) {
    const keysOf = (bytes: Uint8Array) => text(bytes).split('\n').filter((line) => line !== '').map(parseVkey) // prettier-ignore
    options.exportKeys = await used("the exporter's keys", keysPath, keysOf)
  }

  const file = await named('the bundle', bundlePath, () => open(bundlePath, 'r'))
  let done = 0
  const waiting = setInterval(
    () => err(done === 0 ? 'reading the files …' : `${done.toLocaleString('en')} entries checked …`),
    2000,
  )
  try {
    const { size } = await file.stat()
    const source: Source = {
      size,
      async read(offset, length) {
        const bytes = new Uint8Array(Math.min(length, Math.max(0, size - offset)))
        const { bytesRead } = await file.read(bytes, 0, bytes.length, offset)
        return bytes.subarray(0, bytesRead)
      },
    }
    options.progress = (entries) => void (done = entries)
    return await named('the bundle', bundlePath, async () => checkBundle(await openBundle(source), policy, options))
  } finally {
    clearInterval(waiting)
    await file.close()
  }
}

/** A report for people: one line a check, and the verdict last. */
function* sentences(report: Report): Generator<string> {
  yield `${report.size.toLocaleString('en')} entries of ${printable(report.origin)}, manifest ${report.manifest}`
  for (const finding of report.findings) yield `  ${line(finding)}`
  const notMade = report.findings.filter(({ state }) => state === 'not made').length
  const remark = notMade === 0 ? '' : ` ${notMade} of ${report.findings.length} checks were not made; each says why.`
  switch (report.verdict) {
    case 'valid':
      yield `VALID. The log holds these entries, all of them, unchanged and in this order.${remark}`
      break
    case 'incomplete':
      yield `VALID BUT INCOMPLETE. What could be checked is right; not everything in the bundle could be.${remark}`
      break
    case 'tampered': {
      const { check, index, sentence } = report.first!
      const where = index === undefined ? '' : ` at entry ${index}`
      yield `TAMPERED${where} (check "${check}"): ${printable(sentence)}`
    }
  }
}

function line(finding: Finding): string {
  const name = finding.check.padEnd(12)
  switch (finding.state) {
    case 'passed':
      return `ok        ${name} ${finding.says}${finding.found === '' ? '' : ` (${printable(finding.found)})`}`
    case 'failed':
      return `FAILED    ${name} ${printable(finding.sentence)}`
    case 'not made':
      return `not made  ${name} ${printable(finding.reason)}`
  }
}

/** What a bundle says shall not move the cursor of who reads it. */
const printable = (words: string) => words.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD').slice(0, 500)

const LIMIT = 1 << 20

/** A small file of the auditor's own, understood. */
async function used<T>(what: string, path: string, understand: (bytes: Uint8Array) => T): Promise<T> {
  return named(what, path, async () => {
    const { size } = await stat(path)
    if (size > LIMIT) throw new Error(`it has ${size} bytes; ${LIMIT} are allowed`)
    return understand(await readFile(path))
  })
}

const text = (bytes: Uint8Array) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)

/** The same error, with the file's name in front. */
async function named<T>(what: string, path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message
    throw new Error(`${what} ${path} cannot be used: ${printable(reason)}`)
  }
}

async function main(): Promise<void> {
  if (Number(process.versions.node.split('.')[0]) < 22) {
    console.error(`audit-check needs Node 22 or later, this is ${process.version}: run through npm run audit-check`)
    process.exitCode = EXIT.unusable
    return
  }
  process.exitCode = await auditCheck(process.argv.slice(2), { out: console.log, err: console.error, now: Date.now })
}

const self = process.argv[1] === undefined ? '' : await realpath(process.argv[1]).catch(() => '')
if (self === fileURLToPath(import.meta.url)) await main()
