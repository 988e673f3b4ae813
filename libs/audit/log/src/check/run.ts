import { hex, sha256 } from '../bytes.js'
import { lines, readWhole, type BundleFiles } from '../bundle/files.js'
import { decodeManifest, FILE, type Manifest } from '../bundle/manifest.js'
import { parseCheckpoint } from '../checkpoint.js'
import { decodeEntry, EntryError, MAX_BODY } from '../entry.js'
import { NoteError, parseNote, verifyNote } from '../note.js'
import type { Policy } from '../policy.js'
import { CompactRange, leafHash } from '../tree.js'
import { Fault, NotMade } from './check.js'
import type { Check, CheckOptions, FaultCode, Seen, Subject, Watch } from './check.js'
import { approvalRules } from './approval-rules.js'
import { approvals } from './approvals.js'
import { blobs } from './blobs.js'
import { breakGlass } from './break-glass.js'
import { body } from './body.js'
import { chain } from './chain.js'
import { completeness } from './class.js'
import { consistency } from './consistency.js'
import { controls } from './controls.js'
import { count } from './count.js'
import { disclosures } from './disclosures.js'
import { files } from './files.js'
import { guards } from './guards.js'
import { readHistory } from './history.js'
import { ids } from './ids.js'
import { readIndices } from './indices.js'
import { keys } from './keys.js'
import { leaf } from './leaf.js'
import { lineage } from './lineage.js'
import { note } from './note.js'
import { cosignatures, quorum } from './quorum.js'
import { report } from './report.js'
import { root } from './root.js'
import { signature } from './signature.js'
import { statement } from './statement.js'
import { streams } from './streams.js'
import { tiles } from './tiles.js'
import { time } from './time.js'

/** Every check there is, in the order in which an auditor reads them. A new one is a file and a word here. */
export const checks: readonly Check[] = [
  note, signature, quorum, keys, lineage,
  files, completeness, count, body, leaf, tiles, root, ids, streams, consistency, time,
  approvals, approvalRules, guards, breakGlass, chain, disclosures,
  blobs, controls, report, statement,
] // prettier-ignore

/** Whether a check passed, and what it found. */
export type Finding = { check: string; says: string } & (
  { state: 'passed'; found: string } | Failed | { state: 'not made'; reason: string; open: boolean }
)

interface Failed {
  state: 'failed'
  code: FaultCode
  sentence: string
  index: number | undefined
  /** Its entry_id, where there is an entry at that index that can be read. */
  entry: string | undefined
}

export interface Report {
  /** incomplete: all that could be checked is right, but something in the bundle stays unproven. */
  verdict: 'valid' | 'tampered' | 'incomplete'
  /** The failed check to look at first: the one with the smallest index. */
  first: Extract<Finding, { state: 'failed' }> | undefined
  findings: Finding[]
  /** As the manifest claims them; proven only by the verdict. */
  completeness: Manifest['completeness']
  origin: string
  size: number
  entries: number
  /** `sha256:<hex>` of the manifest, which is a name for the whole bundle. */
  manifest: string
}

/** Room for the manifest of 30 million entries, and for the largest page. */
const FILE_LIMIT = 16 << 20

/**
 * Checks a bundle against the auditor's policy. Reads each file once or twice, in constant memory but for ids and streams.
 * Throws a Fault of an unusable code where there is nothing to check.
 */
export async function checkBundle(
  bundle: BundleFiles,
  policy: Policy,
  options: CheckOptions = {},
  made: readonly Check[] = checks,
): Promise<Report> {
  const subject = await subjectOf(bundle, policy, options)
  const running: Running[] = []
  for (const check of made) running.push(await start(check, subject))
  if (bundle.has(FILE.entries)) {
    let seen = 0
    for await (const batch of entries(bundle, subject)) {
      for (const one of running) await guarded(one, (watch) => watch.see?.(batch), batch)
      seen += batch.length
      options.progress?.(seen, subject.manifest.entries)
    }
  }
  for (const one of running) await end(one)
  return reportOf(
    subject,
    running.map(({ check, outcome }) => ({ check: check.name, says: check.says, ...outcome! })),
  )
}

type Outcome = { state: 'passed'; found: string } | Failed | { state: 'not made'; reason: string; open: boolean }

/** A check under way; with its outcome it sees no more entries. */
interface Running {
  check: Check
  watch: Watch
  outcome: Outcome | undefined
}

async function start(check: Check, subject: Subject): Promise<Running> {
  const running: Running = { check, watch: {}, outcome: undefined }
  await guarded(running, async () => {
    const started = await check.start(subject)
    if (started instanceof NotMade) running.outcome = notMade(started)
    else running.watch = started
  })
  return running
}

async function end(running: Running): Promise<void> {
  await guarded(running, async (watch) => {
    const found = await watch.end?.()
    running.outcome = found instanceof NotMade ? notMade(found) : { state: 'passed', found: found ?? '' }
  })
}

const notMade = ({ open, reason }: NotMade): Outcome => ({ state: 'not made', reason, open })

async function guarded(
  running: Running,
  step: (watch: Watch) => void | Promise<void>,
  batch: readonly Seen[] = [],
): Promise<void> {
  if (running.outcome) return
  try {
    await step(running.watch)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const { code, index, message: sentence } = error
    const entry = batch.find((seen) => seen.index === index)?.entry?.entry_id
    running.outcome = { state: 'failed', code, sentence, index, entry }
  }
}

async function subjectOf(bundle: BundleFiles, policy: Policy, options: CheckOptions): Promise<Subject> {
  if (policy.logs.length === 0) throw new Fault('policy', 'the policy names no log')
  if (!bundle.has(FILE.manifest)) throw new Fault('not-a-bundle', `there is no ${FILE.manifest} in it`)
  const { bytes, manifest } = await readManifest(bundle)
  const read = async (name: string) =>
    bundle.has(name) && bundle.size(name) <= FILE_LIMIT ? readWhole(bundle, name, FILE_LIMIT) : undefined
  const subject: Subject = {
    files: bundle,
    manifest,
    manifestSha256: hex(sha256(bytes)),
    note: undefined,
    checkpoint: undefined,
    history: await readHistory(bundle, read, (note) => cosignatures(note, policy)),
    indices: manifest.completeness === 'FULL' ? undefined : await indicesOf(bundle),
    policy,
    stored: storedOf(policy, options),
    cosigned: () => new Map(),
    options,
    read,
  }
  try {
    const noteRead = parseNote((await read(FILE.checkpoint)) ?? new Uint8Array())
    subject.checkpoint = parseCheckpoint(noteRead.text)
    subject.note = noteRead
    let cosigned: Map<string, number> | undefined
    subject.cosigned = () => (cosigned ??= cosignatures(noteRead, policy))
  } catch (error) {
    // The check `note` says so.
    if (!(error instanceof NoteError)) throw error
  }
  return subject
}

/** The check `count` says what is wrong with them. */
async function indicesOf(bundle: BundleFiles): Promise<Float64Array | undefined> {
  try {
    return await readIndices(bundle)
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}

async function readManifest(bundle: BundleFiles): Promise<{ bytes: Uint8Array; manifest: Manifest }> {
  try {
    const bytes = await readWhole(bundle, FILE.manifest, FILE_LIMIT)
    return { bytes, manifest: decodeManifest(bytes) }
  } catch (error) {
    throw new Fault('manifest', `${FILE.manifest} cannot be read: ${(error as Error).message}`)
  }
}

/** The auditor's own checkpoint is held to the policy too: else it proves nothing. */
function storedOf(policy: Policy, { stored }: CheckOptions): Subject['stored'] {
  if (stored === undefined) return undefined
  try {
    const storedNote = parseNote(stored)
    const checkpoint = parseCheckpoint(storedNote.text)
    verifyNote(
      storedNote,
      policy.logs.filter(({ name }) => name === checkpoint.origin),
    )
    return { checkpoint, note: storedNote, cosigned: cosignatures(storedNote, policy) }
  } catch (error) {
    if (error instanceof NoteError || error instanceof Fault)
      throw new Fault('stored-checkpoint', `the checkpoint that you keep cannot be used: ${error.message}`)
    throw error
  }
}

async function* entries(bundle: BundleFiles, { indices, manifest }: Subject): AsyncGenerator<Seen[]> {
  const tree = manifest.completeness === 'FULL' ? new CompactRange() : undefined
  let number = 0
  for await (const batch of lines(bundle.open(FILE.entries), MAX_BODY)) {
    yield batch.map(({ ended, line }) => {
      const leaf = leafHash(line)
      const { entry, fault } = decoded(line)
      const nodes = tree ? completedBy(leaf, tree) : [leaf]
      return { index: placeOf(number++, indices), bytes: line, leaf, nodes, entry, fault, ended }
    })
  }
}

function completedBy(leaf: Uint8Array, tree: CompactRange): Uint8Array[] {
  const nodes: Uint8Array[] = []
  tree.append(leaf, (_, __, hash) => nodes.push(hash))
  return nodes
}

/** A line too many stands behind the others; the check `count` says that it has no place. */
function placeOf(line: number, indices: Float64Array | undefined): number {
  if (!indices) return line
  return indices[line] ?? (indices.at(-1) ?? -1) + 1 + line - indices.length
}

function decoded(line: Uint8Array): Pick<Seen, 'entry' | 'fault'> {
  try {
    return { entry: decodeEntry(line), fault: undefined }
  } catch (error) {
    if (error instanceof EntryError) return { entry: undefined, fault: error.message }
    throw error
  }
}

function reportOf({ manifest, manifestSha256 }: Subject, findings: Finding[]): Report {
  const failed = findings.filter((finding) => finding.state === 'failed')
  const [first] = failed.toSorted((a, b) => (a.index ?? Infinity) - (b.index ?? Infinity) || 0)
  const open = findings.some((finding) => finding.state === 'not made' && finding.open)
  return {
    verdict: first ? 'tampered' : open ? 'incomplete' : 'valid',
    first,
    findings,
    completeness: manifest.completeness,
    origin: manifest.origin,
    size: manifest.size,
    entries: manifest.entries,
    manifest: `sha256:${manifestSha256}`,
  }
}
