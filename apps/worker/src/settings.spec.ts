import { readFileSync } from 'node:fs'
import { settingsIn, settingsPage } from '@firebreak/settings'
import { expect, test } from 'vitest'
import { settings } from './settings.js'

const page = readFileSync(new URL('../../../CONFIGURATION.md', import.meta.url), 'utf8')

test('CONFIGURATION.md says of the worker what its schema says; else npm run config -- worker --write', () => {
  expect(settingsIn(page, 'worker')).toBe(settingsPage('worker', settings))
})

test('what needs to be hidden is', () => {
  const named = settings.filter(({ name }) => /DATABASE|REDIS/.test(name))
  expect(named.length).toBeGreaterThan(2)
  for (const { name, secret } of named) expect(secret, name).toBeDefined()
})
