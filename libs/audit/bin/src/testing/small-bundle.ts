import {
  canonical,
  concat,
  encodeManifest,
  FILE,
  fileNames,
  FORMAT,
  hex,
  leafHash,
  Page,
  parseCheckpoint,
  parseNote,
  sha256,
  tarEnd,
  tarHeader,
  tarPadding,
  tilesOf,
  utf8,
} from '@firebreak/audit-log'
import { testCheckpoint, testEntries } from '@firebreak/audit-log/testing'

const entries = testEntries(20)
export const smallLog = entries.map((entry) => canonical(entry as never))

export const claims = { completeness: 'FULL' as const, filter: {}, streams: [], disclosed: false, controls: [] }

/** A small bundle by hand: the writer is another project's, and the checker must not need it. */
export function smallBundle(change: (lines: Uint8Array[]) => Uint8Array[] = (lines) => lines): Uint8Array {
  const note = testCheckpoint(smallLog)
  const checkpoint = parseCheckpoint(parseNote(note).text)
  const page = new Page(checkpoint)
  for (const [index, entry] of entries.entries()) page.add(entry, index)
  const lines = change(smallLog).flatMap((body) => [body, utf8('\n')])
  const contents = [utf8(note), concat(...smallLog.map(leafHash)), concat(...lines), utf8(page.html())]
  const files = fileNames({ ...claims, history: [], tiles: tilesOf(20), blobs: [] }).map((name, i) => ({
    name,
    content: contents[i]!,
  }))
  const manifest = encodeManifest({
    format: FORMAT,
    ...claims,
    origin: checkpoint.origin,
    size: 20,
    entries: 20,
    files: files.map(({ content, name }) => ({ name, sha256: hex(sha256(content)), size: content.length })),
  })
  return tarOf([...files, { name: FILE.manifest, content: manifest }])
}

export const tarOf = (files: readonly { name: string; content: Uint8Array }[]): Uint8Array =>
  concat(
    ...files.flatMap(({ content, name }) => [tarHeader(name, content.length), content, tarPadding(content.length)]),
    tarEnd(),
  )
