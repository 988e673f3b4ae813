import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HouseError } from '@firebreak/house'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.js'

const root = new URL('../../../', import.meta.url).pathname
const ours = readFileSync(join(root, 'firebreak.yaml'), 'utf8').replace('folder: ', `folder: ${root}`)
let folder: string
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'firebreak-worker-config-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the worker understands of an environment whose house is this one. */
function of(house: string) {
  const file = join(folder, 'firebreak.yaml')
  writeFileSync(file, house)
  return at(file)
}

function at(file: string) {
  return readConfig({
    DATABASE_URL: 'postgres://fb_worker:secret@localhost/firebreak',
    REDIS_URL: 'redis://localhost',
    FIREBREAK_CONFIG: file,
    FIREBREAK_BLOBS: folder,
    KUBECONFIG_READER: 'reader.yaml',
    KUBECONFIG_HANDS: 'hands.yaml',
    PROMETHEUS_URL: 'http://localhost:9090',
  })
}

test('our house is understood, with the recipes that it names', () => {
  expect(of(ours).recipes.has('scale-api')).toBe(true)
})

test('a recipe that the house names and nobody has written stops the start, by line', () => {
  const line = ours.split('\n').findIndex((text) => text.includes('scale-api')) + 1
  const wrong = () => of(ours.replace('scale-api', 'scale-apu'))
  expect(wrong).toThrow(HouseError)
  expect(wrong).toThrow(new RegExp(`firebreak\\.yaml:${line}:\\d+ .*"scale-apu"`))
})

test('a house that is not there is told by its variable', () => {
  const wrong = () => at(join(folder, 'none.yaml'))
  expect(wrong).toThrow(ConfigError)
  expect(wrong).toThrow(/^FIREBREAK_CONFIG: .*none\.yaml cannot be read \(ENOENT\)$/)
})
