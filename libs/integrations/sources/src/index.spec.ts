import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sources } from './index.js'

test('every source on the disk is in the index, under the name of its folder', () => {
  const folders = readdirSync(new URL('.', import.meta.url), { withFileTypes: true })
  expect([...sources.keys()].sort()).toEqual(
    folders
      .filter((it) => it.isDirectory())
      .map(({ name }) => name)
      .sort(),
  )
})
