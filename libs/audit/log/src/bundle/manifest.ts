import { canonical, parseCanonical } from '../json.js'
import { count, sha256Hex, z } from '../schema.js'
import { tilePath, tilesOf } from '../tile.js'

/**
 * What a bundle says of itself. Every field can be derived again from the files and the signed checkpoint: a field that
 * nobody can check would be a place where a flipped byte, or a lie, is not found.
 */
const manifest = z.strictObject({
  format: z.literal('firebreak-evidence/1'),
  /** FULL: every entry of the log from the first up to `size`. The other classes have proofs for tiles, and come later. */
  completeness: z.literal('FULL'),
  /** What was asked for: of a FULL bundle nothing. */
  filter: z.strictObject({}),
  origin: z.string(),
  first: z.literal(0),
  size: count,
  /** Every file but this one and its signature, in the order of the tar; the checkpoint and its digest among them. */
  files: z.array(z.strictObject({ name: z.string(), sha256: sha256Hex, size: count })),
})

export type Manifest = z.infer<typeof manifest>

export const FORMAT = 'firebreak-evidence/1'

/** Names in a bundle that are not tiles or blobs. */
export const FILE = {
  checkpoint: 'checkpoint',
  entries: 'entries.ndjson',
  report: 'report.html',
  manifest: 'manifest.json',
  statement: 'manifest.dsse.json',
} as const

export const BLOBS = 'blobs/'

export const encodeManifest = (value: Manifest): Uint8Array => canonical(value)

/** A manifest from its file, which must be canonical. Throws Unreadable, or a sentence about what does not fit. */
export function decodeManifest(bytes: Uint8Array): Manifest {
  const value = parseCanonical(bytes)
  const parsed = manifest.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new TypeError(`the manifest does not fit: /${issue?.path.join('/') ?? ''}: ${issue?.message ?? 'malformed'}`)
}

/** The files that a bundle of `size` entries and these blobs (hex digests) has to have, in order; the manifest and what follows it left out. */
export const fileNames = (size: number, blobs: readonly string[] = []): string[] => [
  FILE.checkpoint,
  ...tilesOf(size).map(tilePath),
  FILE.entries,
  ...blobs.toSorted().map((sha256) => BLOBS + sha256),
  FILE.report,
]
