import { controlPacks, exportFilter } from '@firebreak/audit-log'
import { exportKinds, type ExportKind } from '@firebreak/flow'
import { z } from 'zod'
import { at, may, page, paging, who } from '../http/view.js'

export const EntriesQuery = z.strictObject({
  limit: paging.limit,
  /** The `next` of the page before: a position. */
  after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
})

/** One entry of the log. `body` is its exact text, as it was hashed: parse it, and check the bytes, not a copy of them. */
export const LogEntry = z
  .object({ position: z.int(), leaf_hash: z.string(), body: z.string() })
  .meta({ id: 'LogEntry' })
export const EntryPage = z
  .object({
    /** Ascending by position. Covered by the checkpoint of this size. */
    items: z.array(LogEntry),
    next: z.string().nullable(),
    size: z.int(),
  })
  .meta({ id: 'EntryPage' })

const kind = z.enum(Object.keys(exportKinds) as [ExportKind, ...ExportKind[]])

/** Which part of the log. None: all of it. */
const Filter = exportFilter.meta({ id: 'ExportFilter' })

export const NewExport = z.strictObject({
  /**
   * evidence-bundle is what `audit-check` proves, ndjson and tiles hold the bytes that were hashed; ocsf, csv and report
   * are views for other programs and for reading, and no evidence.
   */
  kind: kind.default('evidence-bundle'),
  filter: Filter.default({}),
  /** Control packs to come with an evidence bundle: what the log says for the controls of a framework. */
  controls: z
    .array(z.enum([...controlPacks.keys()]))
    .max(20)
    .default([]),
  /** Personal values too, each with the salt that opens its commitment. For security and auditor alone. */
  disclose: z.boolean().default(false),
  reason: z.string().max(2000).default(''),
})

export const ExportView = z
  .object({
    id: z.string(),
    kind,
    /** FULL: everything. STREAM: whole streams. SELECTED: of what is not in it, nothing is said. */
    completeness: z.enum(['FULL', 'STREAM', 'SELECTED']),
    filter: Filter,
    /** Whether it can be proven, or is a view of what can. */
    evidence: z.boolean(),
    state: z.enum(['queued', 'running', 'ready', 'failed']),
    asked_by: who,
    reason: z.string(),
    asked_at: at,
    entries: z.int(),
    /** How many places of the log have been looked at, of how many. A bundle is read twice. */
    progress: z.object({ done: z.int(), total: z.int() }),
    /** Bytes. */
    size: z.int(),
    sha256: z.string().nullable(),
    /** Of a bundle's manifest. */
    manifest: z.string().nullable(),
    /** The checkpoint that it ends with covers so many entries. */
    checkpoint_size: z.int(),
    because: z.string().nullable(),
    started_at: at.nullable(),
    ended_at: at.nullable(),
    may: z.object({ download: may }),
  })
  .meta({ id: 'Export' })
export const ExportPage = page(ExportView, 'ExportPage')
export const ExportQuery = z.strictObject(paging)
