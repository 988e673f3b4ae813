import {
  adviceOn,
  checkBundle,
  Fault,
  FILE,
  openBundle,
  parseApprovalRules,
  parsePolicy,
  readWhole,
  TarError,
  text,
  type BundleFiles,
  type CheckOptions,
  type Report,
} from '@firebreak/audit-log'
import { blobSource } from './blob-source.js'
import { look, parseKeys } from './look.js'
import type { Failed, Input, Order, Report as Shown, Small, Told } from './messages.js'

/** Often enough to be seen moving, seldom enough to cost nothing. */
const EVERY = 200

/**
 * Carries out one order, and tells what came of it: the last thing that is told is no progress.
 * @param clock in ms, from anywhere
 */
export async function carryOut(order: Order, tell: (told: Told) => void, clock: () => number): Promise<void> {
  try {
    if (order.order === 'check') return tell(await check(order, tell, clock))
    const { at, bytes } = order
    tell({ told: 'looked', ...used(at, bytes, () => look(at, bytes)) })
  } catch (error) {
    if (!(error instanceof Unusable)) throw error
    tell({ told: 'unusable', at: error.at, sentence: error.message })
  }
}

/** There is nothing to check: one of the files cannot be used. */
class Unusable extends Error {
  constructor(
    readonly at: Input,
    sentence: string,
  ) {
    super(sentence)
  }
}

async function check(
  { bundle, brought, now }: Extract<Order, { order: 'check' }>,
  tell: (told: Told) => void,
  clock: () => number,
): Promise<Told> {
  const policy = used('policy', brought.policy ?? new Uint8Array(), parsePolicy)
  const options: CheckOptions = { now }
  if (brought.checkpoint) options.stored = used('checkpoint', brought.checkpoint, text)
  if (brought.rules) options.approvalRules = used('rules', brought.rules, parseApprovalRules)
  if (brought.keys) options.exportKeys = used('keys', brought.keys, parseKeys)

  const progress = { told: 'progress' as const, bytes: 0, entries: 0, of: 0 }
  let last = clock()
  const moved = (change: Partial<typeof progress>) => {
    Object.assign(progress, change)
    if (clock() - last < EVERY) return
    last = clock()
    tell({ ...progress })
  }
  options.progress = (entries, of) => moved({ entries, of })
  const source = blobSource(bundle, (bytes) => moved({ bytes: progress.bytes + bytes }))
  try {
    const files = await openBundle(source)
    const report = await checkBundle(files, policy, options)
    return { told: 'report', report: shown(report), checkpoint: await keepable(files, report) }
  } catch (error) {
    throw unusable(error)
  }
}

/** The auditor's next check begins where a valid one ended. What is not valid may have forgotten what they keep now. */
async function keepable(files: BundleFiles, { verdict }: Report): Promise<string | null> {
  return verdict === 'valid' ? text(await readWhole(files, FILE.checkpoint, 1 << 20)) : null
}

const shown = ({ findings, first, ...rest }: Report): Shown => ({
  ...rest,
  first: first ? withNulls(first) : null,
  advice: first ? adviceOn(first.check) : null,
  findings: findings.map((finding) => (finding.state === 'failed' ? withNulls(finding) : finding)),
})

const withNulls = ({ entry, index, ...rest }: NonNullable<Report['first']>): Failed => ({
  ...rest,
  index: index ?? null,
  entry: entry ?? null,
})

function used<T>(at: Small, bytes: Uint8Array, understand: (bytes: Uint8Array) => T): T {
  try {
    return understand(bytes)
  } catch (error) {
    // The page names the file itself.
    const message = (error as Error).message.replace(/^approval-rules\.json: /, '')
    // TextDecoder's own words differ from browser to browser.
    throw new Unusable(at, /encod/i.test(message) ? 'it is not text in UTF-8' : message)
  }
}

function unusable(error: unknown): Unusable {
  if (error instanceof Fault && error.code === 'policy') return new Unusable('policy', error.message)
  if (error instanceof Fault && error.code === 'stored-checkpoint') return new Unusable('checkpoint', error.message)
  if (error instanceof TarError) return new Unusable('bundle', `it is no evidence bundle: ${error.message}`)
  if (error instanceof DOMException)
    return new Unusable('bundle', 'it changed while it was read, or cannot be read any more. Choose it again.')
  return new Unusable('bundle', error instanceof Error ? error.message : String(error))
}
