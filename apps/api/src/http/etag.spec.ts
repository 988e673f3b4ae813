import { expect, test } from 'vitest'
import { versionsIn } from './etag.js'

test.each([
  [undefined, undefined],
  ['*', undefined],
  ['"3"', [3]],
  [' "3" , "4"', [3, 4]],
  ['"x"', [NaN]],
])('If-Match %j means %j', (header, versions) => {
  expect(versionsIn(header)).toEqual(versions)
})

test.each(['', '3', 'W/"3"', '"3', '"3""4"', `"${'1'.repeat(300)}"`])('If-Match %j is malformed', (header) => {
  expect(() => versionsIn(header)).toThrow(/If-Match is the ETag/)
})
