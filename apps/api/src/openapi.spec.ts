import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { generate, generated } from './openapi.js'

test('openapi.json and the client’s types are what the code says; else run npm run openapi', async () => {
  const made = await generate()
  expect(await readFile(generated.description, 'utf8')).toBe(made.description)
  expect(await readFile(generated.client, 'utf8')).toBe(made.client)
})
