import { expect, test } from 'vitest'
import { oddities } from './alike.js'

test('SEC-61: a name with a letter of another script is odd, and says which', () => {
  expect(oddities(['deployment:prod/аpi'])).toEqual([
    'deployment:prod/аpi has а (U+0430) in it, which may not be the letter that it looks like.',
  ])
})

test.each([
  ['deployment:prod/api-l', 'deployment:prod/api-1'],
  ['queue:mail0', 'queue:mailo'],
  ['bucket:intern', 'bucket:intem'],
  ['bucket:Inputs', 'bucket:lnputs'],
])('SEC-61: %s and %s look alike', (one, other) => {
  expect(oddities([one, other])).toEqual([`${one} and ${other} look alike.`])
})

test('names as they usually are, and the same one twice, are not odd', () => {
  expect(oddities(['deployment:prod/api', 'deployment:prod/batch', 'queue:batch', 'queue:batch'])).toEqual([])
})
