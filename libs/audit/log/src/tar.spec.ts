import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { concat, utf8 } from './bytes.js'
import { openBundle, readWhole, sourceOf } from './bundle/files.js'
import { seeded } from './testing/random.js'
import { readTar, TarError, tarEnd, tarHeader, tarPadding } from './tar.js'

const files: [string, Uint8Array][] = [
  ['checkpoint', utf8('hello\n')],
  ['tile/0/x001/000.p/12', seeded(7).bytes(512)],
  ['empty', new Uint8Array()],
]
const member = ([name, content]: [string, Uint8Array]) =>
  concat(tarHeader(name, content.length), content, tarPadding(content.length))
const tar = concat(...files.map(member), tarEnd())

test('there and back', async () => {
  const bundle = await openBundle(sourceOf(tar))
  expect(bundle.names).toEqual(files.map(([name]) => name))
  for (const [name, content] of files) expect(await readWhole(bundle, name, 1000)).toEqual(content)
})

test('other tar programs read it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-tar-'))
  try {
    writeFileSync(join(folder, 'x.tar'), tar)
    execFileSync('tar', ['xf', 'x.tar'], { cwd: folder })
    for (const [name, content] of files) expect(new Uint8Array(readFileSync(join(folder, name)))).toEqual(content)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('any flipped bit outside the contents is found', async () => {
  const inside = (at: number) => {
    let from = 0
    return files.some((file) => {
      const content = from + 512
      from += member(file).length
      return at >= content && at < content + file[1].length
    })
  }
  let tried = 0
  for (let at = 0; at < tar.length; at++) {
    if (inside(at)) continue
    for (let bit = 0; bit < 8; bit++) {
      const spoilt = tar.slice()
      spoilt[at]! ^= 1 << bit
      tried++
      await expect(readTar(sourceOf(spoilt)), `byte ${at}, bit ${bit}`).rejects.toThrow(TarError)
    }
  }
  expect(tried).toBe((tar.length - 6 - 512) * 8)
})

test.each([
  ['nothing', new Uint8Array()],
  ['a text', utf8('x'.repeat(2000))],
  ['zeros', new Uint8Array(2048)],
  ['one that breaks off', tar.slice(0, -1)],
  ['one that breaks off in a file', tar.slice(0, 1200)],
  ['one with something after it', concat(tar, new Uint8Array(512))],
  ['one zero block', tar.slice(0, -512)],
])('%s is no tar', async (_, bytes) => expect(readTar(sourceOf(bytes))).rejects.toThrow(TarError))

test.each(['', '/etc/passwd', '../x', 'a/../b', 'a//b', './a', 'A', 'a b', 'x'.repeat(101)])('%j is no name', (name) =>
  expect(() => tarHeader(name, 0)).toThrow(RangeError),
)
