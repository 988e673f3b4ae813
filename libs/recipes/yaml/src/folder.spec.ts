import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Recipe } from '@firebreak/kit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withFolder } from './index.js'
import { SheetError } from './sheet/index.js'

const GOOD = readFileSync(new URL('../examples/scale-workers.yaml', import.meta.url), 'utf8')
let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'firebreak-recipes-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const put = (name: string, text: string) => writeFileSync(join(folder, name), text)
const catalogue = new Map([['scale-api', { id: 'scale-api' } as Recipe]])
const refused = (): string[] => {
  try {
    withFolder(catalogue, basename(folder), join(folder, '../firebreak.yaml'))
    return []
  } catch (error) {
    if (!(error instanceof SheetError)) throw error
    return error.message.split('\n').map((line) => line.replace(/^.*firebreak-recipes-[^/:]*\/?/, ''))
  }
}

test('the recipes of a folder stand beside those of the catalogue', () => {
  put('scale-workers.yaml', GOOD)
  put('scale-more.yaml', GOOD.replace('id: scale-workers', 'id: scale-more'))
  put('README.md', 'Not a recipe.')
  put('old.yaml.bak', 'Not a recipe either.')
  mkdirSync(join(folder, 'later.yaml'))
  expect([...withFolder(catalogue, basename(folder), join(folder, '../firebreak.yaml')).keys()]).toEqual([
    'scale-api',
    'scale-more',
    'scale-workers',
  ])
  expect([...catalogue.keys()]).toEqual(['scale-api'])
})

test('every fault of every file is told at once', () => {
  put('a.yaml', GOOD.replace('facts.waiting < 50', 'facts.wating < 50'))
  put('scale-workers.yaml', GOOD.replace('version: 1', 'version: 0'))
  expect(refused()).toEqual([
    expect.stringMatching(/^a\.yaml:2:5 id: found "scale-workers", expected the name of the file, "a"/),
    expect.stringMatching(/^a\.yaml:34:17 stop_if\[0\]\.when: found "facts\.wating"/),
    expect.stringMatching(/^scale-workers\.yaml:3:10 version: found 0/),
  ])
})

test('an id that the catalogue has is a fault', () => {
  put('scale-api.yaml', GOOD.replace('id: scale-workers', 'id: scale-api'))
  expect(refused()).toEqual([
    'scale-api.yaml:2:5 id: found "scale-api", expected an id that no other recipe has; the catalogue has it: choose another',
  ])
})

test('what is not a recipe of one page is refused', () => {
  put('scale-workers.yml', GOOD)
  put('big.yaml', '#'.repeat(300_000))
  expect(refused()).toEqual([
    'big.yaml:1:1: found more than 262144 bytes, expected a recipe of one page',
    'scale-workers.yml:1:1: found a file that ends in .yml, expected one that ends in .yaml; rename it',
  ])
})

test('a house without a folder has the catalogue', () => {
  expect(withFolder(catalogue, undefined, 'firebreak.yaml')).toBe(catalogue)
})

test('a folder that is not there is refused, and not taken for an empty one', () => {
  rmSync(folder, { recursive: true })
  expect(refused()).toEqual([
    expect.stringMatching(/found no folder that can be read \(ENOENT\), expected the folder of recipes\.folder$/),
  ])
})
