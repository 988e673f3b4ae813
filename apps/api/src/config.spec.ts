import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig, readHouse } from './config.js'

const least = { DATABASE_URL: 'postgres://fb_api:secret@localhost/firebreak', REDIS_URL: 'redis://localhost' }
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
  await expect(readHouse(file, [])).rejects.toThrow(
    /firebreak\.yaml:3:\d+ classes\[0\]\.class: found "high-api-latancy"/,
  )
  await expect(readHouse(join(folder, 'none.yaml'), [])).rejects.toThrow(
    /^FIREBREAK_CONFIG: .*none\.yaml cannot be read \(ENOENT\)/,
  )
})

test('a recipe that the house names and nobody has written stops the start', async () => {
  const house = new URL('../../../firebreak.yaml', import.meta.url).pathname
  await expect(readHouse(house, ['another'])).rejects.toThrow('scale-api')
  await expect(readHouse(house, ['scale-api'])).resolves.toBeDefined()
})
