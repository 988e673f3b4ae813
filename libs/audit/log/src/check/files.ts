import { hex, sha256Stream } from '../bytes.js'
import { BLOBS, FILE, fileNames } from '../bundle/manifest.js'
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

/** From the size that the manifest claims; the check `class` holds that against the signed checkpoint. */
function expected({ files, manifest }: Subject): string[] {
  const blobs = files.names.filter((name) => name.startsWith(BLOBS)).map((name) => name.slice(BLOBS.length))
  // A size from nowhere would ask for more names than there can be.
  const size = Math.min(manifest.size, (files.names.length + 1) * 256)
  const rest = files.has(FILE.statement) ? [FILE.manifest, FILE.statement] : [FILE.manifest]
  return [...fileNames(size, blobs), ...rest]
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
