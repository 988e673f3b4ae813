import { canonical, parseCanonical, type JsonValue } from '../json.js'
import { count, sha256Hex, word, z } from '../schema.js'
import { tilePath, type Tile } from '../tile.js'
import { completenessClass, exportFilter } from './filter.js'

/**
 * What a bundle says of itself. Every field can be derived again from the files and the signed checkpoint: a field that
 * nobody can check would be a place where a flipped byte, or a lie, is not found.
 */
const manifest = z.strictObject({
  format: z.literal('firebreak-evidence/2'),
  completeness: completenessClass,
  /** What was asked for: of a FULL bundle nothing. */
  filter: exportFilter,
  origin: z.string(),
  /** Of the log at the checkpoint. */
  size: count,
  /** How many of its entries are here. */
  entries: count,
  /** STREAM: the streams that are here as a whole, and how many entries each had; sorted. */
  streams: z.array(z.strictObject({ stream: z.string(), count: z.int().positive() })),
  /** Whether personal values are carried along, each with the salt that opens its commitment. */
  disclosed: z.boolean(),
  /** The control packs that are carried along, sorted. */
  controls: z
    .array(word)
    .max(20)
    .refine((packs) => packs.every((pack, i) => i === 0 || packs[i - 1]! < pack), 'sorted, each once'),
  /** Every file but this one and its signature, in the order of the tar; the checkpoint and its digest among them. */
  files: z.array(z.strictObject({ name: z.string(), sha256: sha256Hex, size: count })),
})

export type Manifest = z.infer<typeof manifest>

export const FORMAT = 'firebreak-evidence/2'

/** Names in a bundle that are not tiles, blobs, older checkpoints or control packs. */
export const FILE = {
  checkpoint: 'checkpoint',
  indices: 'indices',
  entries: 'entries.ndjson',
  disclosures: 'disclosures.ndjson',
  report: 'report.html',
  manifest: 'manifest.json',
  statement: 'manifest.dsse.json',
} as const

export const BLOBS = 'blobs/'
export const CONTROLS = 'controls/'
/** Older cosigned checkpoints, each under its size. */
export const HISTORY = 'checkpoints/'
/** Enough to date the entries between them and to follow the keys. */
export const HISTORY_LIMIT = 64

export const encodeManifest = (value: Manifest): Uint8Array => canonical(value as JsonValue)

/** Of a hostile manifest's faults there could be millions. */
const FIRST_FAULT = { abortEarly: true } as z.core.ParseContext<z.core.$ZodIssue>

/** A manifest from its file, which must be canonical. Throws Unreadable, or a sentence about what does not fit. */
export function decodeManifest(bytes: Uint8Array): Manifest {
  const value = parseCanonical(bytes)
  const parsed = manifest.safeParse(value, FIRST_FAULT)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new TypeError(`the manifest does not fit: /${issue?.path.join('/') ?? ''}: ${issue?.message ?? 'malformed'}`)
}

/** What decides which files a bundle has. */
export interface Contents extends Pick<Manifest, 'completeness' | 'disclosed' | 'controls'> {
  /** Sizes of the older checkpoints. */
  history: readonly number[]
  /** FULL: all of the tree; else those that lead from the entries to the root. */
  tiles: readonly Tile[]
  /** Digests, hexadecimal. */
  blobs: readonly string[]
}

/** The files that such a bundle has to have, in order; the manifest and what follows it left out. */
export const fileNames = ({ blobs, completeness, controls, disclosed, history, tiles }: Contents): string[] => [
  FILE.checkpoint,
  ...history.toSorted((a, b) => a - b).map((size) => `${HISTORY}${size}`),
  ...tiles.map(tilePath),
  ...(completeness === 'FULL' ? [] : [FILE.indices]),
  FILE.entries,
  ...(disclosed ? [FILE.disclosures] : []),
  ...blobs.toSorted().map((sha256) => BLOBS + sha256),
  ...controls.flatMap((pack) => [`${CONTROLS}${pack}.json`, `${CONTROLS}${pack}.html`]),
  FILE.report,
]
