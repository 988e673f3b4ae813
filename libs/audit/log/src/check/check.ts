import type { ApprovalRules } from '../approval-rules.js'
import type { BundleFiles } from '../bundle/files.js'
import type { Manifest } from '../bundle/manifest.js'
import type { Checkpoint } from '../checkpoint.js'
import type { EntryBody } from '../entry.js'
import type { Note, VerifierKey } from '../note.js'
import type { Policy } from '../policy.js'

/** The input cannot be used at all. */
export type UnusableCode = 'not-a-bundle' | 'manifest' | 'policy' | 'stored-checkpoint'

/** What a check may find. */
export type TamperedCode =
  | 'file-list'
  | 'file-digest'
  | 'class'
  | 'note-syntax'
  | 'log-signature'
  | 'cosignature'
  | 'quorum'
  | 'cosignature-order'
  | 'key'
  | 'lineage'
  | 'body'
  | 'leaf'
  | 'tile'
  | 'root'
  | 'count'
  | 'indices'
  | 'entry-id'
  | 'stream-gap'
  | 'stream-claim'
  | 'rolled-back'
  | 'not-consistent'
  | 'time'
  | 'approval'
  | 'approval-rule'
  | 'guard'
  | 'break-glass'
  | 'chain'
  | 'disclosure'
  | 'blob'
  | 'controls'
  | 'report'
  | 'statement'

export type FaultCode = UnusableCode | TamperedCode

/** What is wrong, in a sentence for an auditor, and from which entry on where that is known. */
export class Fault extends Error {
  constructor(
    readonly code: FaultCode,
    sentence: string,
    /** Index in the log, from 0. */
    readonly index?: number,
  ) {
    super(sentence)
    this.name = 'Fault'
  }
}

/** What the auditor brings along; nothing of it comes from the bundle. */
export interface CheckOptions {
  /** The checkpoint that the auditor kept from an earlier check, as text of a signed note. */
  stored?: string
  /** Keys of those who may sign the statement over the manifest. */
  exportKeys?: readonly VerifierKey[]
  /** What the auditor asks of approvals; without it that check is not made. */
  approvalRules?: ApprovalRules
  /** The auditor's clock, in ms since 1970: no cosignature may be from later. */
  now?: number
  progress?: (entries: number, of: number) => void
}

/** What is checked. Nothing here has been found right yet, the policy and what was stored excepted. */
export interface Subject {
  files: BundleFiles
  manifest: Manifest
  /** Hexadecimal. */
  manifestSha256: string
  /** Absent where the file `checkpoint` is missing or cannot be read; the check `note` says why. */
  note: Note | undefined
  checkpoint: Checkpoint | undefined
  /** The older checkpoints that are carried along and can be read, smallest first. */
  history: readonly Earlier[]
  /**
   * STREAM and SELECTED: for each line of entries.ndjson its index in the log. Undefined where they are all there, or
   * cannot be read, of which the check `count` tells.
   */
  indices: Float64Array | undefined
  policy: Policy
  /** When each witness of the policy cosigned, in seconds; throws a Fault where a cosignature is wrong. */
  cosigned: () => ReadonlyMap<string, number>
  /** Signed by a log of the policy. */
  stored: { checkpoint: Checkpoint; note: Note; cosigned: ReadonlyMap<string, number> } | undefined
  options: CheckOptions
  /** A small file, or undefined where it is missing or larger than a tile, a note or a page would be. */
  read: (name: string) => Promise<Uint8Array | undefined>
}

/** An older checkpoint of the same log. Nothing about it has been found right yet. */
export interface Earlier {
  checkpoint: Checkpoint
  note: Note
  /** As of the newest one. */
  cosigned: () => ReadonlyMap<string, number>
}

/** One line of `entries.ndjson`. */
export interface Seen {
  /** In the log, from 0. */
  index: number
  /** A view of a larger piece: whoever keeps it copies it. */
  bytes: Uint8Array
  leaf: Uint8Array
  /**
   * The perfect subtrees that this entry completes, the leaf first; where not every entry is here, the leaf alone. They are
   * hashed once for all checks, which follow them with a range of their own.
   */
  nodes?: readonly Uint8Array[]
  /** Absent where the bytes are no entry; `fault` says why. */
  entry: EntryBody | undefined
  fault: string | undefined
  /** Whether its newline was there. */
  ended: boolean
}

/** One question about a bundle. A fault is thrown, from anywhere in it. */
export interface Check {
  name: string
  /** What is true when it passes. */
  says: string
  start(subject: Subject): Watch | NotMade | Promise<Watch | NotMade>
}

export interface Watch {
  /** The entries in their order, some at a time. */
  see?(batch: readonly Seen[]): void | Promise<void>
  /** After the last entry. May tell what was found, or that it could not be made after all. */
  end?(): string | NotMade | void | Promise<string | NotMade | void>
}

/** A check that could not be made. `open`: something in the bundle stays unproven by it, so that it is not simply valid. */
export class NotMade {
  constructor(
    readonly reason: string,
    readonly open = false,
  ) {}
}

export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en')} ${n === 1 ? one : many}`
