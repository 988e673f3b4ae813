import type { Completeness } from '@firebreak/audit-log'
import type { StoredEntry } from '../bundle.js'

/** What a line may say of the export that it is part of. */
export interface LineContext {
  completeness: Completeness
  origin: string
  /** Of the log, at the checkpoint that the export ends with. */
  checkpoint: number
}

/** A format of one piece of text for each entry. */
export interface LineFormat {
  /** Before the first entry. */
  head(context: LineContext): string
  line(entry: StoredEntry, context: LineContext): Uint8Array | string
}
