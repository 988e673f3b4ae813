import { expect, test } from 'vitest'
import { utf8 } from '../bytes.js'
import { parseCheckpoint } from '../checkpoint.js'
import { parseNote } from '../note.js'
import { testCheckpoint, testEntries } from '../testing/index.js'
import { Page } from './page.js'

const checkpoint = parseCheckpoint(parseNote(testCheckpoint([])).text)

test('a page of entries that are all as long as can be stays one that a browser takes, and says what it leaves out', () => {
  const page = new Page(checkpoint)
  const reason = '\u202e'.repeat(8000)
  for (const [index, entry] of testEntries(5000).entries()) page.add({ ...entry, reason }, index)
  const html = page.html()
  expect(utf8(html).length).toBeLessThan(12 << 20)
  expect(html).toMatch(/<p>\d\d of 5000 shown; all are in entries.ndjson\./)
})
