import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** Every stylesheet of the page but the one that says the scales. */
const renderer = join(import.meta.dirname, '..')
const sheets = readdirSync(renderer, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.css') && !name.endsWith('tokens.css') && !name.endsWith('mantine.css'),
)

/** What of a declaration is a size that stands on no scale. One and two pixels are hairlines. */
const strays = (css: string): string[] =>
  [...css.matchAll(/(?:^|[\s;{])(font-size|(?:row-|column-)?gap|(?:padding|margin)(?:-[a-z]+)*): ([^;]+);/g)]
    .filter(([, , value]) => /(?<![\w.-])(?!(?:0|1|2|3)px)\d+(?:\.\d+)?(?:px|rem)/.test(value!))
    .map(([, property, value]) => `${property}: ${value}`)

test('sizes of type and space stand on the scales', () => {
  expect(sheets.length).toBeGreaterThan(15)
  for (const sheet of sheets) expect(strays(readFileSync(join(renderer, sheet), 'utf8')), sheet).toEqual([])
})

test('a size that does not is found', () => {
  expect(strays('.a { font-size: 13px; padding: 0 var(--s4) 7px; gap: 2px; margin: -5px auto; width: 40px; }')).toEqual(
    ['font-size: 13px', 'padding: 0 var(--s4) 7px'],
  )
})
