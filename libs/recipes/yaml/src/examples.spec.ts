import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { recipeIdentity } from '@firebreak/kit'
import { expect, test } from 'vitest'
import { readRecipe, recipeJsonSchema } from './index.js'

const folder = new URL('../examples/', import.meta.url)
const files = readdirSync(folder)

test.each(files)('%s can be read and hashed, and has a spec', (file) => {
  const recipe = readRecipe(readFileSync(new URL(file, folder), 'utf8'), file)
  expect(JSON.parse(JSON.stringify(recipeIdentity(recipe)))).toEqual(recipeIdentity(recipe))
  expect(existsSync(new URL(`./examples/${recipe.id}.spec.ts`, import.meta.url))).toBe(true)
})

test('the schema for editors is not stale (write it anew with: npx vitest run libs/recipes/yaml --update)', async () => {
  await expect(`${JSON.stringify(recipeJsonSchema(), null, 2)}\n`).toMatchFileSnapshot('../recipe.schema.json')
})
