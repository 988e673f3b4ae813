/*
 * What the page and its worker tell each other, and nothing else: no DOM, no worker, no log. Each side parses what it
 * gets. The page does not trust the worker's words any more than the bundle that they may come from.
 */

/** Small files that an auditor brings along. */
export const smalls = ['policy', 'checkpoint', 'keys', 'rules'] as const
export type Small = (typeof smalls)[number]
export type Input = 'bundle' | Small

/** One worker carries out one order. */
export type Order =
  /** What is this file? So that a wrong one is told before anything is checked. */
  | { order: 'look'; at: Small; bytes: Uint8Array }
  /** `now` is this device's clock, in ms since 1970. */
  | { order: 'check'; bundle: Blob; brought: Brought; now: number }

export type Brought = { [at in Small]?: Uint8Array }

export type Finding = { check: string; says: string } & (
  | { state: 'passed'; found: string }
  /** `entry` is the id of the entry at that index, where it can be read. */
  | { state: 'failed'; sentence: string; index: number | null; entry: string | null }
  | { state: 'not made'; reason: string; open: boolean }
)

export type Failed = Extract<Finding, { state: 'failed' }>

export interface Report {
  verdict: 'valid' | 'tampered' | 'incomplete'
  /** The failed check to look at first. */
  first: Failed | null
  /** What to do about it. */
  advice: string | null
  findings: Finding[]
  /** As the manifest claims them; the verdict says what that is worth. */
  origin: string
  completeness: 'FULL' | 'STREAM' | 'SELECTED'
  /** Of the log. */
  size: number
  /** In the bundle. */
  entries: number
  manifest: string
}

export type Told =
  /** Bytes of the bundle read so far, some of them twice; `of` is 0 until the number of entries is known. */
  | { told: 'progress'; bytes: number; entries: number; of: number }
  /** `when`: of a checkpoint, when it was cosigned last, in ms since 1970, as it claims. */
  | { told: 'looked'; says: string; when: number | null }
  | { told: 'unusable'; at: Input; sentence: string }
  /** After `valid` with the bundle's checkpoint: what to keep for the next time. */
  | { told: 'report'; report: Report; checkpoint: string | null }

export function parseOrder(data: unknown): Order {
  const order = record(data)
  if (order['order'] === 'look') return { order: 'look', at: oneOf(smalls, order['at']), bytes: bytes(order['bytes']) }
  if (order['order'] !== 'check' || !(order['bundle'] instanceof Blob)) throw malformed()
  const brought: Brought = {}
  for (const [at, small] of Object.entries(record(order['brought']))) brought[oneOf(smalls, at)] = bytes(small)
  return { order: 'check', bundle: order['bundle'], brought, now: count(order['now']) }
}

export function parseTold(data: unknown): Told {
  const told = record(data)
  switch (told['told']) {
    case 'progress':
      return { told: 'progress', bytes: count(told['bytes']), entries: count(told['entries']), of: count(told['of']) }
    case 'looked':
      return { told: 'looked', says: plain(told['says']), when: told['when'] === null ? null : count(told['when']) }
    case 'unusable':
      return { told: 'unusable', at: oneOf(['bundle', ...smalls], told['at']), sentence: plain(told['sentence']) }
    case 'report': {
      const { checkpoint } = told
      if (checkpoint !== null && typeof checkpoint !== 'string') throw malformed()
      return { told: 'report', report: report(told['report']), checkpoint }
    }
    default:
      throw malformed()
  }
}

function report(data: unknown): Report {
  const { advice, completeness, entries, findings, first, manifest, origin, size, verdict } = record(data)
  if (!Array.isArray(findings) || findings.length > 100) throw malformed()
  const worst = first === null ? null : finding(first)
  const known = oneOf(['valid', 'tampered', 'incomplete'], verdict)
  // Red says where, and nothing that is not red has something to say there.
  if (worst !== null && worst.state !== 'failed') throw malformed()
  if ((known === 'tampered') !== (worst !== null)) throw malformed()
  return {
    verdict: known,
    first: worst,
    advice: advice === null ? null : plain(advice),
    findings: findings.map(finding),
    origin: plain(origin),
    completeness: oneOf(['FULL', 'STREAM', 'SELECTED'], completeness),
    size: count(size),
    entries: count(entries),
    manifest: plain(manifest),
  }
}

function finding(data: unknown): Finding {
  const raw = record(data)
  const common = { check: plain(raw['check']), says: plain(raw['says']) }
  switch (raw['state']) {
    case 'passed':
      return { ...common, state: 'passed', found: plain(raw['found']) }
    case 'failed': {
      const index = raw['index'] === null ? null : count(raw['index'])
      const entry = raw['entry'] === null ? null : plain(raw['entry'])
      return { ...common, state: 'failed', sentence: plain(raw['sentence']), index, entry }
    }
    case 'not made':
      return { ...common, state: 'not made', reason: plain(raw['reason']), open: raw['open'] === true }
    default:
      throw malformed()
  }
}

const LONGEST = 600

/** What a bundle says shall not turn the words around it, nor hide in them, nor flood the page. */
export function plain(words: unknown): string {
  if (typeof words !== 'string') throw malformed()
  const shown = words.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\uFFFD')
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown
}

function record(data: unknown): Record<string, unknown> {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw malformed()
  return data as Record<string, unknown>
}

function count(data: unknown): number {
  if (!Number.isSafeInteger(data) || (data as number) < 0) throw malformed()
  return data as number
}

function bytes(data: unknown): Uint8Array {
  if (!(data instanceof Uint8Array)) throw malformed()
  return data
}

function oneOf<T extends string>(words: readonly T[], data: unknown): T {
  const found = words.find((word) => word === data)
  if (found === undefined) throw malformed()
  return found
}

const malformed = () => new TypeError('a message that the page and its worker do not have')
