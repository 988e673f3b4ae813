import { readFileSync } from 'node:fs'
import { settingsIn, settingsPage } from '@firebreak/settings'
import { expect, test } from 'vitest'
import {
  notaryEnvironment,
  notarySettings,
  readEnvironment,
  sequencerEnvironment,
  sequencerSettings,
} from './settings.js'

const page = readFileSync(new URL('../../../../CONFIGURATION.md', import.meta.url), 'utf8')

test.each([
  ['sequencer', sequencerSettings],
  ['notary', notarySettings],
] as const)(
  'CONFIGURATION.md says of the %s what its schema says; else npm run config -- it --write',
  (name, settings) => {
    expect(settingsIn(page, name)).toBe(settingsPage(name, settings))
  },
)

test.each(['sequencer', 'notary', 'environment'])('%s.ts reads nothing from the environment by itself', (name) => {
  const text = readFileSync(new URL(`./${name}.ts`, import.meta.url), 'utf8')
  expect(text.match(/process\.env(?!\))[^\n]*/g) ?? []).toEqual([])
})

test('all that is missing or wrong is said at once, and no value', () => {
  expect(() => readEnvironment(sequencerEnvironment, { DATABASE_URL: 'hunter2', FIREBREAK_LOG_KEY_FILE: '' })).toThrow(
    /^DATABASE_URL must be an address\nFIREBREAK_LOG_KEY_FILE is missing\nFIREBREAK_NOTARY_URL is missing\nFIREBREAK_NOTARY_VKEY_FILE is missing$/,
  )
  const notary = { FIREBREAK_NOTARY_DIR: 'd', FIREBREAK_LOG_VKEY_FILE: 'f' }
  expect(() => readEnvironment(notaryEnvironment, { ...notary, FIREBREAK_NOTARY_PORT: 'many' })).toThrow(
    /must be a port/,
  )
  expect(readEnvironment(notaryEnvironment, { ...notary, FIREBREAK_NOTARY_PORT: '4610' })).toMatchObject({
    FIREBREAK_NOTARY_PORT: 4610,
    FIREBREAK_NOTARY_NAME: 'firebreak.local/notary',
  })
})
