import { adviceOn, type Finding, type Report } from '@firebreak/audit-log'

/** A report for people: one line a check, what to do, and the verdict last. */
export function* sentences(report: Report): Generator<string> {
  const { completeness, entries, findings, first, origin, size, verdict } = report
  const of = completeness === 'FULL' ? '' : ` of ${size.toLocaleString('en')}`
  yield `${entries.toLocaleString('en')}${of} entries of ${printable(origin)}, manifest ${report.manifest}`
  for (const finding of findings) yield `  ${line(finding)}`
  const failed = findings.filter(({ state }) => state === 'failed').length
  if (first) {
    const { check, entry, index } = first
    if (index !== undefined) yield `where: line of entry ${index}${entry === undefined ? '' : `, id ${entry}`}`
    yield `what to do: ${adviceOn(check)}`
    const more = failed === 1 ? '' : ` ${failed - 1} more of the checks failed; they may tell of the same thing.`
    yield `TAMPERED${index === undefined ? '' : ` at entry ${index}`} (check "${check}"): ${printable(first.sentence)}${more}`
    return
  }
  const notMade = findings.filter(({ state }) => state === 'not made').length
  const remark = notMade === 0 ? '' : ` ${notMade} of ${findings.length} checks were not made; each says why.`
  if (verdict === 'valid') yield `VALID. ${VALID[completeness]}${remark}`
  else yield `VALID BUT INCOMPLETE. What could be checked is right; not everything could be.${remark}`
}

const VALID: Record<Report['completeness'], string> = {
  FULL: 'The log holds these entries, all of them, unchanged and in this order.',
  STREAM: 'The log holds these entries unchanged, and of the streams that it names nothing is left out.',
  SELECTED: 'The log holds these entries unchanged.',
}

function line(finding: Finding): string {
  const name = finding.check.padEnd(15)
  switch (finding.state) {
    case 'passed':
      return `ok        ${name} ${finding.says}${finding.found === '' ? '' : ` (${printable(finding.found)})`}`
    case 'failed':
      return `FAILED    ${name} ${printable(finding.sentence)}`
    case 'not made':
      return `not made  ${name} ${printable(finding.reason)}`
  }
}

/** What a bundle says shall not move the cursor of who reads it, and stays on its line. */
export const printable = (words: string): string =>
  words.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\uFFFD').slice(0, 500)
