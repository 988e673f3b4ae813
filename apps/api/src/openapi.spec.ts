import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { breaks } from './contract/breaks.js'
import type { Document } from './contract/openapi-document.js'
import { generate, generated, RELEASED } from './openapi.js'

test('openapi.json and the client’s types are what the code says; else run npm run openapi', async () => {
  const made = await generate()
  expect(await readFile(generated.description, 'utf8')).toBe(made.description)
  expect(await readFile(generated.client, 'utf8')).toBe(made.client)
})

test('whoever was written for the released API still works with this one', async () => {
  const read = async (file: string) => JSON.parse(await readFile(file, 'utf8')) as Document
  expect(breaks(await read(RELEASED), await read(generated.description))).toEqual([])
})
