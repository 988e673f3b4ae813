import type { Finding, Input, Report } from '../../../checker/messages.js'
import { bytesSays } from '../../ui/bytes.js'
import type { Checking, Progress } from './desk.js'

/** What each thing is called, and what it is for. */
export const inputWords: Record<Input, { title: string; help: string }> = {
  bundle: {
    title: 'Evidence bundle',
    help: 'The .tar that an export made. It is read where it lies, a piece at a time.',
  },
  policy: {
    title: 'Log policy',
    help: 'Whose signatures count (C2SP tlog-policy). Get it from somebody other than whoever gave you the bundle.',
  },
  checkpoint: {
    title: 'Kept checkpoint',
    help: 'Yours, from an earlier check: the log must still begin with all that it covers.',
  },
  keys: {
    title: 'Keys of exporters',
    help: 'Who may sign the statement over the manifest: verifier keys, one a line.',
  },
  rules: {
    title: 'Approval rules',
    help: 'approval-rules.json: which approvals you ask for, whatever the log’s own plans asked for.',
  },
}

export type Mark = 'valid' | 'tampered' | 'incomplete' | 'unusable'

export const markShape: Record<Mark, string> = { valid: '✓', tampered: '✗', incomplete: '◐', unusable: '⊘' }

export const verdictTitle: Record<Report['verdict'], string> = {
  valid: 'Verified on this device',
  tampered: 'Not verified: tampered',
  incomplete: 'Incomplete',
}

/** What the verdict means, in a sentence. */
export function verdictSays({ completeness, findings, first, verdict }: Report): string {
  switch (verdict) {
    case 'valid':
      return `${VALID[completeness]}${remark(findings)}`
    case 'incomplete':
      return `What could be checked is right; not everything could be.${remark(findings)}`
    case 'tampered': {
      const failed = findings.filter(({ state }) => state === 'failed').length
      const more = failed > 1 ? ` ${failed} checks failed; this is the one to look at first.` : ''
      return `${sentence(first?.sentence ?? '')}${more}`
    }
  }
}

const VALID: Record<Report['completeness'], string> = {
  FULL: 'The log holds these entries, all of them, unchanged and in this order.',
  STREAM: 'The log holds these entries unchanged, and of the streams that it names nothing is left out.',
  SELECTED: 'The log holds these entries unchanged.',
}

/** What the bundle has of the log. */
export const holds = ({ completeness, entries, size }: Report): string =>
  completeness === 'FULL'
    ? `all ${entriesSays(size)}`
    : `${entries.toLocaleString('en')} of ${entriesSays(size)}, ${completeness === 'STREAM' ? 'whole streams' : 'selected'}`

function remark(findings: readonly Finding[]): string {
  const notMade = findings.filter(({ state }) => state === 'not made').length
  if (notMade === 0) return ''
  return ` ${notMade} of ${findings.length} checks ${notMade === 1 ? 'was' : 'were'} not made; each says why.`
}

/** The checker's words begin like a part of a sentence. */
export const sentence = (words: string): string => {
  const begun = words.charAt(0).toLocaleUpperCase('en') + words.slice(1)
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`
}

/** Where it is wrong. */
export const place = (index: number | null): string =>
  index === null ? 'not at one entry' : `entry ${index.toLocaleString('en')}`

export const stateWord: Record<Finding['state'], string> = { passed: 'ok', failed: 'failed', 'not made': 'not made' }
export const stateShape: Record<Finding['state'], string> = { passed: '✓', failed: '✗', 'not made': '–' }

/** What a check has to say: what is true, what is wrong, or why it does not know. */
export const findingSays = (finding: Finding): string => {
  switch (finding.state) {
    case 'passed':
      return finding.says
    case 'failed':
      return finding.sentence
    case 'not made':
      // Where the checker names the option of its command line, the page has a field.
      return finding.reason.replace(/ \(--[a-z-]+\)$/, '')
  }
}

export const entriesSays = (n: number): string => `${n.toLocaleString('en')} ${n === 1 ? 'entry' : 'entries'}`

/** `0.8 s`, `2 min 05 s`. */
export function tookSays(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
}

export function progressSays({ bytes, entries, of }: Progress, size: number): string {
  if (of === 0) return `Reading and hashing the files: ${bytesSays(Math.min(bytes, size))} of ${bytesSays(size)}`
  if (entries < of) return `Checking the entries: ${entries.toLocaleString('en')} of ${of.toLocaleString('en')}`
  return `Putting together what was found in ${entriesSays(of)}`
}

/** What somebody who cannot see the page is told when a check has ended. */
export function ending(checking: Checking): string | undefined {
  switch (checking.at) {
    case 'told': {
      const { report } = checking
      const where = report.first ? ` ${sentence(`${place(report.first.index)}, check ${report.first.check}`)}` : ''
      return `${verdictTitle[report.verdict]}.${where} ${verdictSays(report)}`
    }
    case 'unusable':
      return `${inputWords[checking.input].title} cannot be used: ${checking.sentence}`
    case 'cancelled':
      return 'Cancelled. Nothing was found out.'
    case 'broken':
      return `The check broke off: ${checking.sentence}`
    default:
      return undefined
  }
}

/** A name for the file in which the checkpoint is kept: of the log and its size, whatever the log calls itself. */
export const keptName = (origin: string, size: number): string =>
  `checkpoint-${origin.replace(/[^A-Za-z0-9.-]+/g, '-').slice(0, 80)}-${size}.txt`
