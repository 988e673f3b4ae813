import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readPage } from './files.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-page-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<!doctype html>')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('SEC-11: what was built, by path and kind; no link out of it, no folder, no map of the sources', async () => {
  writeFileSync(join(folder, 'assets', 'index-1a.js'), '1')
  writeFileSync(join(folder, 'assets', 'index-1a.js.map'), '{}')
  writeFileSync(join(folder, 'assets', 'index-1a.css'), 'a{}')
  mkdirSync(join(folder, 'assets', 'folder.js'))
  symlinkSync('/etc/passwd', join(folder, 'assets', 'link.js'))
  const { html, assets } = await readPage(folder)
  expect(html).toBe('<!doctype html>')
  expect([...assets].map(([path, { type }]) => [path, type]).sort()).toEqual([
    ['/assets/index-1a.css', 'text/css; charset=utf-8'],
    ['/assets/index-1a.js', 'text/javascript; charset=utf-8'],
  ])
})

test('a page that was not built stops the start, and says what makes it', async () => {
  rmSync(join(folder, 'index.html'))
  await expect(readPage(folder)).rejects.toThrow('npm run build --workspace apps/console')
})
