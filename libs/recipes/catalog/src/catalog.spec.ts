import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { classes, paramsSchema, recipeIdentity, roles } from '@firebreak/kit'
import { expect, test } from 'vitest'
import { recipes } from './index.js'
import { rehearsals } from './rehearsals.js'

const here = (path: string) => new URL(path, import.meta.url)
const read = (path: string) => readFileSync(here(path), 'utf8').replaceAll('\r\n', '\n')
const folders = readdirSync(here('.'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort()

test('every folder is in the index, once, and the index has nothing else', () => {
  expect([...recipes.keys()].sort()).toEqual(folders)
  expect(read('./index.ts').match(/from '\.\/(.+)\/recipe\.js'/g)).toHaveLength(recipes.size)
})

test.each([...recipes])('%s has the shape of a recipe', (id, recipe) => {
  expect(recipe.id).toBe(id)
  expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/)
  expect(classes).toContain(recipe.page)
  expect(recipe.version).toBeGreaterThanOrEqual(1)
  for (const sentence of [recipe.meaning, recipe.impact, ...recipe.stopIf.map(({ because }) => because)])
    expect(sentence).toMatch(/^[A-Z].*\.$/s)
  expect(new Set(recipe.stopIf.map(({ because }) => because)).size).toBe(recipe.stopIf.length)
  for (const role of recipe.approval.roles) expect(roles).toContain(role)
  expect(recipe.approval.people).toBe({ T0: 0, T1: 1, T2: 1, T3: 2 }[recipe.approval.tier])
  expect(recipe.verify.within_s).toBeGreaterThan(0)
})

test.each([...recipes])('%s can be drawn as a form and hashed', (_, recipe) => {
  expect(paramsSchema(recipe)).toMatchObject({ type: 'object', additionalProperties: false })
  expect(JSON.parse(JSON.stringify(recipeIdentity(recipe)))).toEqual(recipeIdentity(recipe))
})

test.each(folders)('%s has a spec, and changes the world in verbs only', (id) => {
  expect(readdirSync(here(`./${id}/`))).toContain('recipe.spec.ts')
  // A step made by hand would go round the verb's own check of its arguments.
  expect(read(`./${id}/recipe.ts`)).not.toMatch(/\bverb:/)
})

/*
 * Plans and standing approvals name a recipe by a digest that covers its words and its version, for code cannot be
 * hashed in a way that survives a compiler. So that the version does stand for the code, `versions.json` holds the
 * SHA-256 of the source of each version there was. A version is never given a second meaning.
 */
const versions = JSON.parse(read('./versions.json')) as Record<string, Record<string, string>>

/** What a recipe shares with others is part of its meaning: the files beside its folder that it takes from. */
const meaningOf = (id: string): string => {
  const recipe = read(`./${id}/recipe.ts`)
  const shared = [...recipe.matchAll(/from '\.\.\/([a-z-]+)\.js'/g)].map(([, file]) => read(`./${file}.ts`))
  return [recipe, ...shared].join('')
}

test.each([...recipes])('%s: the version stands for the code', (id, { version }) => {
  const source = createHash('sha256').update(meaningOf(id)).digest('hex')
  const pinned = versions[id]?.[version]
  const line = (of: number) => `"${id}": { …, "${of}": "${source}" }`
  expect(
    pinned,
    pinned === undefined
      ? `Version ${version} of ${id} is new. Write it into catalog/src/versions.json: ${line(version)}`
      : `${id}/recipe.ts was changed, and still calls itself version ${version}: an approval given to the old code would ` +
          `carry over to the new. Raise \`version\` to ${version + 1} and add its line to catalog/src/versions.json, ` +
          `with the hash that the next run of this spec names. ` +
          `(Only a comment or the format changed? Then set ${line(version)} and say so in the commit.)`,
  ).toBe(source)
})

test('versions.json names recipes of the catalogue only, and for each its latest version last', () => {
  expect(Object.keys(versions).sort()).toEqual(folders)
  for (const [id, { version }] of recipes) expect(Object.keys(versions[id]!).at(-1)).toBe(String(version))
})

test.each([...recipes])(
  '%s can be rehearsed: once it helps, and once it does not and is taken back, or a person is asked',
  (id, { page, approval, contains }) => {
    const plays = rehearsals.get(id) ?? []
    const ends = plays.map(({ ends }) => ends)
    // What keeps evidence is asked for in any incident.
    if (!contains) for (const play of plays) expect(play.becomes).toBe(page)
    // What only reads has nothing to take back: it is rehearsed once for each thing that it finds.
    if (approval.tier === 'T0') {
      expect(ends).toContain('found')
      return expect(ends.filter((end) => end !== 'found' && end !== 'failed')).toEqual([])
    }
    expect(ends).toContain('succeeded')
    expect(
      ends.some((end) => end !== 'succeeded'),
      'one in which it does not help',
    ).toBe(true)
  },
)
