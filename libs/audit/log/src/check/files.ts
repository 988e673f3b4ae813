import { hex, sha256Stream } from '../bytes.js'
import { BLOBS, FILE, fileNames } from '../bundle/manifest.js'
import { tilesTowards } from '../bundle/part.js'
import { tilesOf } from '../tile.js'
import { counted, Fault, type Check, type Subject } from './check.js'

/** The manifest lists every file there has to be, nothing else is there, and each has the size and digest listed. */
export const files: Check = {
  name: 'files',
  says: 'the bundle holds exactly the files that its manifest lists, unchanged',
  async start(subject) {
    const { files, manifest } = subject
    sameNames(expected(subject), files.names, 'the bundle')
    const listed = manifest.files.map(({ name }) => name)
    const signed = files.names.filter((name) => name !== FILE.manifest && name !== FILE.statement)
    sameNames(signed, listed, 'the manifest')
    for (const { name, sha256, size } of manifest.files) {
      if (files.size(name) !== size) {
        throw new Fault('file-digest', `${name} has ${files.size(name)} bytes; the manifest says ${size}`)
      }
      const digest = sha256Stream()
      for await (const chunk of files.open(name)) digest.update(chunk)
      if (hex(digest.digest()) !== sha256)
        throw new Fault('file-digest', `${name} is not the file that the manifest lists`)
    }
    return { end: () => counted(files.names.length, 'file') }
  },
}

/**
 * From the size that the manifest claims, and from what the bundle says of itself: the check `class` holds the one against
 * the signed checkpoint, `count` and `note` hold the rest.
 */
function expected({ files, history, indices = new Float64Array(), manifest }: Subject): string[] {
  const after = (folder: string) =>
    files.names.filter((name) => name.startsWith(folder)).map((name) => name.slice(folder.length))
  const sizes = history.map(({ checkpoint }) => checkpoint.size)
  // A size from nowhere would ask for more names than there can be.
  const most = (files.names.length + 1) * 256
  const tiles =
    manifest.completeness === 'FULL'
      ? tilesOf(Math.min(manifest.size, most))
      : tilesTowards(manifest.size, indices, sizes)
  const wanted = fileNames({ ...manifest, history: sizes, tiles, blobs: after(BLOBS) })
  return [...wanted, FILE.manifest, ...(files.has(FILE.statement) ? [FILE.statement] : [])]
}

function sameNames(wanted: readonly string[], found: readonly string[], where: string): void {
  const [there, wantedToo] = [new Set(found), new Set(wanted)]
  const missing = wanted.find((name) => !there.has(name))
  if (missing !== undefined) throw new Fault('file-list', `${where} lacks ${missing}`)
  const extra = found.find((name) => !wantedToo.has(name))
  if (extra !== undefined) throw new Fault('file-list', `${where} has ${extra}, which does not belong there`)
  // Of two files with one name, one is where it does not belong.
  const moved = found.find((name, i) => name !== wanted[i])
  if (moved !== undefined) throw new Fault('file-list', `${where} has ${moved} in the wrong place`)
}
