import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ExportError, writeBundle } from '@firebreak/audit-export'
import {
  checkBundle,
  Fault,
  hex,
  HISTORY_LIMIT,
  leafHash,
  NoteError,
  openBundle,
  parseCheckpoint,
  parseNote,
  parsePolicy,
  same,
  tileOf,
  type Finding,
  type Policy,
  type Report,
  type Source,
} from '@firebreak/audit-log'
import {
  entriesBetween,
  LogHole,
  newestCheckpoint,
  olderCheckpoints,
  readTile,
  type PublishedCheckpoint,
} from '@firebreak/audit-store'
import { LogChecker, type LogVerdict } from '@firebreak/flow'
import type { DataSource } from 'typeorm'
import { KeptCheckpoint } from './kept-checkpoint.js'

/**
 * Checks the log as an auditor would: a bundle of all of it in a file, and over that file the very code of `audit-check`,
 * with the house's own policy and the checkpoint that the last good check kept. The file is gone afterwards.
 */
export class FileLogChecker extends LogChecker {
  private readonly folder: string
  private readonly keptCheckpoint: KeptCheckpoint

  constructor(
    private readonly source: DataSource,
    private readonly options: { blobs: string; policyFile: string | undefined; now: () => Date },
  ) {
    super()
    this.folder = join(options.blobs, 'self-check')
    this.keptCheckpoint = new KeptCheckpoint(join(this.folder, 'checkpoint'))
  }

  override async check(run: string, fence: number, kept: boolean): Promise<LogVerdict> {
    const policy = await this.policy()
    const stored = await this.keptCheckpoint.read()
    const newest = await newestCheckpoint(this.source.manager)
    if (!newest) throw new Error('No checkpoint has been published yet: is the sequencer running?')
    const verdict = await this.hold(newest, policy, stored, `${run}.tar.part-${fence}`)
    if (stored === undefined && kept && verdict.verdict === 'sound') {
      verdict.verdict = 'incomplete'
      verdict.first = {
        check: 'consistency',
        index: undefined,
        sentence: `the checkpoint that the last good check kept is not there any more (${join(this.folder, 'checkpoint')}), so nobody can tell whether the log was cut since; hold it against one that an auditor keeps`,
      }
    }
    // A log that could not be held against what was known is told of once; from then on it is held against this.
    if (verdict.verdict === 'sound' || verdict.verdict === 'incomplete') await this.keptCheckpoint.keep(newest.cosigned)
    return verdict
  }

  private async policy(): Promise<Policy> {
    const { policyFile } = this.options
    if (policyFile === undefined) {
      throw new Error('FIREBREAK_LOG_POLICY_FILE is not set: it names the log policy of the house (C2SP tlog-policy).')
    }
    try {
      return parsePolicy(await readFile(policyFile))
    } catch (error) {
      throw new Error(`The log policy ${policyFile} cannot be used: ${(error as Error).message}`)
    }
  }

  private async hold(
    newest: PublishedCheckpoint,
    policy: Policy,
    stored: string | undefined,
    name: string,
  ): Promise<LogVerdict> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 })
    await this.removeLeftovers()
    const file = join(this.folder, name)
    try {
      await this.bundle(newest, file)
      return verdictOf(await this.report(file, policy, stored), newest, stored)
    } catch (error) {
      const first = await this.faultIn(error, newest)
      if (!first) throw error
      const verdict = error instanceof Fault ? 'unusable' : 'tampered'
      const origin = policy.logs[0]?.name ?? 'unnamed'
      const { root, size } = newest
      return { verdict, origin, size, root: hex(root), made: 0, not_made: [], kept: sizeOf(stored), first }
    } finally {
      await rm(file, { force: true })
    }
  }

  private async bundle(newest: PublishedCheckpoint, path: string): Promise<void> {
    const file = await open(path, 'w', 0o600)
    try {
      const entries = () => entriesBetween(this.source.manager, 0, newest.size)
      const history = await olderCheckpoints(this.source.manager, newest.size, HISTORY_LIMIT)
      const { cosigned: checkpoint, size } = newest
      await writeBundle({ entries, checkpoint, size, history }, (chunk) => file.appendFile(chunk))
    } finally {
      await file.close()
    }
  }

  private async report(path: string, policy: Policy, stored: string | undefined): Promise<Report> {
    const file = await open(path, 'r')
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
      const options = { now: this.options.now().getTime(), ...(stored === undefined ? {} : { stored }) }
      return await checkBundle(await openBundle(source), policy, options)
    } finally {
      await file.close()
    }
  }

  /** What an error says of the log; undefined where it says nothing of it, but of the disk or the database. */
  private async faultIn(error: unknown, newest: PublishedCheckpoint): Promise<LogVerdict['first']> {
    if (error instanceof Fault) return { check: error.code, sentence: error.message, index: error.index }
    if (error instanceof LogHole) {
      const { message, position } = error
      return { check: 'count', sentence: `${message}, though the checkpoint covers ${newest.size}`, index: position }
    }
    if (error instanceof NoteError) return { check: 'note', sentence: error.message, index: undefined }
    if (!(error instanceof ExportError)) return undefined
    const index = await this.firstChanged(newest.size).catch(() => undefined)
    const sentence = index === undefined ? error.message : `entry ${index} is not the one whose hash the tree holds`
    return { check: index === undefined ? 'root' : 'leaf', sentence, index }
  }

  /** A bundle that could not be made says that something is wrong; the tiles that the log published say where. */
  private async firstChanged(size: number): Promise<number | undefined> {
    const log = this.source.manager
    let tile: Uint8Array = new Uint8Array()
    for await (const { body, position } of entriesBetween(log, 0, size)) {
      const { index, offset } = tileOf(0, position)
      if (offset === 0) tile = await readTile(log, { level: 0, index, width: Math.min(256, size - index * 256) })
      if (!same(leafHash(body), tile.subarray(offset * 32, offset * 32 + 32))) return position
    }
    return undefined
  }

  /** Of workers that died in the middle. A bundle is as large as the log. */
  private async removeLeftovers(): Promise<void> {
    const found = (await readdir(this.folder)).filter((name) => name.includes('.tar.part-'))
    for (const name of found) await rm(join(this.folder, name), { force: true })
  }
}

function verdictOf(
  { findings, first, origin, size, verdict }: Report,
  { root }: PublishedCheckpoint,
  stored: string | undefined,
): LogVerdict {
  const notMade = findings.filter((finding) => finding.state === 'not made')
  const open = notMade.find((finding): finding is Finding & { state: 'not made' } => finding.open)
  return {
    verdict: verdict === 'valid' ? 'sound' : verdict,
    origin,
    size,
    root: hex(root),
    made: findings.length - notMade.length,
    not_made: notMade.map(({ check }) => check),
    kept: sizeOf(stored),
    first: first ?? (open && { check: open.check, sentence: open.reason, index: undefined }),
  }
}

/** Only told: whether it can be used is the check's to say. */
function sizeOf(stored: string | undefined): number | null {
  if (stored === undefined) return null
  try {
    return parseCheckpoint(parseNote(stored).text).size
  } catch {
    return null
  }
}
