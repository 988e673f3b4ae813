import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recipes as written } from '@firebreak/catalog'
import type { Recipe } from '@firebreak/kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig, readHouse } from './config.js'

const least = { DATABASE_URL: 'postgres://fb_api:secret@localhost/firebreak', REDIS_URL: 'redis://localhost' }
const catalogue = (...ids: string[]) => new Map(ids.map((id) => [id, { id } as Recipe]))
const ours = new URL('../../../firebreak.yaml', import.meta.url).pathname
let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'firebreak-config-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

test('what is not said has a default, and production is what one gets without asking', () => {
  expect(readConfig({ ...least, FIREBREAK_PORT: '' })).toMatchObject({
    port: 4600,
    host: '127.0.0.1',
    mode: 'production',
  })
})

test('names that browsers use are added to the ones that are always ours', () => {
  const { hosts } = readConfig({ ...least, FIREBREAK_HOSTS: 'Firebreak.example, oncall.example' })
  expect([...hosts]).toEqual(['127.0.0.1', 'localhost', '[::1]', 'firebreak.example', 'oncall.example'])
})

test('everything wrong is said at once, by variable, and no secret is repeated', () => {
  const wrong = { DATABASE_URL: 'mysql://root:hunter2@db', FIREBREAK_PORT: 'many', FIREBREAK_MODE: 'playful' }
  expect(() => readConfig(wrong)).toThrow(
    [
      'DATABASE_URL must be a URL that begins with postgres:// or postgresql://',
      'REDIS_URL is missing',
      'FIREBREAK_PORT must be a port',
      'FIREBREAK_MODE must be sandbox or production',
    ].join('\n'),
  )
})

test('a house that is wrong names line, found and expected; one that is not there, its variable', async () => {
  const file = join(folder, 'firebreak.yaml')
  await writeFile(file, 'services: {}\nclasses:\n  - { when: { alertname: A }, class: high-api-latancy }\n')
  await expect(readHouse(file, catalogue())).rejects.toThrow(
    /firebreak\.yaml:3:\d+ classes\[0\]\.class: found "high-api-latancy"/,
  )
  await expect(readHouse(join(folder, 'none.yaml'), catalogue())).rejects.toThrow(
    /^FIREBREAK_CONFIG: .*none\.yaml cannot be read \(ENOENT\)/,
  )
})

/** What our house suggests is in the catalogue. */
const named = [...written.keys()]

test('a recipe that the house names and nobody has written stops the start', async () => {
  await expect(readHouse(ours, catalogue('another'))).rejects.toThrow('scale-api')
  await expect(readHouse(ours, catalogue(...named))).resolves.toBeDefined()
})

test('recipes that the house wrote itself stand beside those of the catalogue, and may be suggested', async () => {
  const { recipes } = await readHouse(ours, catalogue(...named))
  expect([...recipes.keys()]).toEqual([...named, 'add-second-replica', 'scale-workers'])

  const file = join(folder, 'house.yaml')
  await mkdir(join(folder, 'recipes'))
  const yaml = await readFile(
    new URL('../../../libs/recipes/yaml/examples/scale-workers.yaml', import.meta.url),
    'utf8',
  )
  await writeFile(join(folder, 'recipes/scale-workers.yaml'), yaml)
  const house = (await readFile(ours, 'utf8'))
    .replace('folder: libs/recipes/yaml/examples', 'folder: recipes')
    .replace('[scale-api]', '[scale-api, scale-workers]')
  await writeFile(file, house)
  await expect(readHouse(file, catalogue(...named))).resolves.toMatchObject({ house: { recipeFolder: 'recipes' } })

  await writeFile(join(folder, 'recipes/scale-workers.yaml'), yaml.replace('facts.waiting < 50', 'facts.wating < 50'))
  await expect(readHouse(file, catalogue(...named))).rejects.toThrow(
    /recipes\/scale-workers\.yaml:34:17 stop_if\[0\]\.when: found "facts\.wating", .*; did you mean waiting\?$/,
  )
})

const provider = {
  ...{ FIREBREAK_URL: 'https://firebreak.example', FIREBREAK_OIDC_ISSUER: 'https://id.example' },
  ...{ FIREBREAK_OIDC_CLIENT_ID: 'firebreak', FIREBREAK_OIDC_CLIENT_SECRET: 'hunter2' },
}

test('an identity provider brings its callback, a host of ours, and cookies that go by TLS alone', () => {
  const { hosts, oidc, secure } = readConfig({ ...least, ...provider })
  expect(oidc).toMatchObject({ callback: 'https://firebreak.example/v1/sign-in/callback', audience: undefined })
  expect(hosts.has('firebreak.example')).toBe(true)
  expect(secure).toBe(true)
})

test.each([
  ['half a provider', { FIREBREAK_OIDC_CLIENT_SECRET: '' }, /are set together/],
  ['one who can be overheard', { FIREBREAK_OIDC_ISSUER: 'http://id.example' }, /FIREBREAK_OIDC_ISSUER must be https:/],
  ['one whose callback can be', { FIREBREAK_URL: 'http://firebreak.example' }, /FIREBREAK_URL must be https:/],
  ['one for whom an ID token is a key', { FIREBREAK_OIDC_AUDIENCE: 'firebreak' }, /must be another name/],
])('%s stops the start, without its secret', (_, wrong, message) => {
  expect(() => readConfig({ ...least, ...provider, ...wrong })).toThrow(message)
  expect(() => readConfig({ ...least, ...provider, ...wrong })).not.toThrow(/hunter2/)
})
