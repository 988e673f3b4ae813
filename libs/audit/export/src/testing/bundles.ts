import {
  concat,
  decodeEntry,
  decodeManifest,
  encodeManifest,
  FILE,
  hex,
  leafHash,
  openBundle,
  readWhole,
  selects,
  sha256,
  sourceOf,
  tarEnd,
  tarHeader,
  tarPadding,
  tilePath,
  type BundleFiles,
  type EntryBody,
  type ExportFilter,
  type Manifest,
  type Tile,
} from '@firebreak/audit-log'
import { testCheckpoint } from '@firebreak/audit-log/testing'
import { writeBundle, type BundleInput, type StoredEntry } from '../bundle.js'
import { TileWriter } from '../tiles.js'

/** A bundle of these bodies, in memory. */
export async function made(bodies: readonly Uint8Array[], more: Partial<BundleInput> = {}) {
  const chunks: Uint8Array[] = []
  const whole = { entries: () => stored(bodies), checkpoint: testCheckpoint(bodies), size: bodies.length }
  const told = await writeBundle({ ...whole, ...more }, (chunk) => void chunks.push(chunk))
  return { told, tar: concat(...chunks) }
}

/** A bundle of those of these bodies that a filter finds, in memory. */
export async function madeOf(
  bodies: readonly Uint8Array[],
  filter: ExportFilter,
  keep: (entry: EntryBody, index: number) => boolean = (entry, index) => selects(filter, entry, index),
  more: Partial<BundleInput> = {},
) {
  const kept = [...bodies.entries()].filter(([index, body]) => keep(decodeEntry(body), index))
  async function* entries() {
    for (const [position, body] of kept) yield { position, body }
  }
  return made(bodies, { entries, filter, tile: tilesIn(bodies), ...more })
}

/** The tiles of a log of these bodies. */
export function tilesIn(bodies: readonly Uint8Array[]): (tile: Tile) => Promise<Uint8Array> {
  const writer = new TileWriter()
  const tiles = new Map<string, Uint8Array>()
  for (const body of bodies) {
    const full = writer.append(leafHash(body))
    if (full) tiles.set(tilePath(full.tile), full.hashes)
  }
  for (const { hashes, tile } of writer.rest()) tiles.set(tilePath(tile), hashes)
  return async (tile) => tiles.get(tilePath(tile))!
}

export async function* stored(bodies: readonly Uint8Array[]): AsyncGenerator<StoredEntry> {
  for (const [position, body] of bodies.entries()) yield { position, body }
}

export const bundleOf = (tar: Uint8Array): Promise<BundleFiles> => openBundle(sourceOf(tar))

/** The files of a bundle, to be tampered with. */
export async function unpacked(tar: Uint8Array): Promise<Map<string, Uint8Array>> {
  const bundle = await bundleOf(tar)
  const files = new Map<string, Uint8Array>()
  for (const name of bundle.names) files.set(name, await readWhole(bundle, name, 1e9))
  return files
}

/** A name may come twice, where it is not a map. */
export const packed = (files: Iterable<readonly [string, Uint8Array]>): Uint8Array =>
  concat(
    ...[...files].flatMap(([name, content]) => [tarHeader(name, content.length), content, tarPadding(content.length)]),
    tarEnd(),
  )

/** What a forger does who knows the format: the manifest fits the files again. */
export function withManifest(
  files: ReadonlyMap<string, Uint8Array>,
  change: Partial<Manifest> = {},
): Map<string, Uint8Array> {
  const manifest = decodeManifest(files.get(FILE.manifest)!)
  const listed = [...files].filter(([name]) => name !== FILE.manifest && name !== FILE.statement)
  const fitting = encodeManifest({
    ...manifest,
    ...change,
    files: listed.map(([name, content]) => ({ name, sha256: hex(sha256(content)), size: content.length })),
  })
  return new Map(files).set(FILE.manifest, fitting)
}
