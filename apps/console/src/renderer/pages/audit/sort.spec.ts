import { encodeEntry, formatVkey, tarHeader, utf8 } from '@firebreak/audit-log'
import { TEST_KEYS, TEST_POLICY_TEXT, testCheckpoint, testEntries } from '@firebreak/audit-log/testing'
import { expect, test } from 'vitest'
import { sortOf } from './sort.js'

test.each([
  ['evidence.tar', utf8(''), 'bundle'],
  ['download', tarHeader('checkpoint', 3), 'bundle'],
  ['firebreak.policy', utf8(TEST_POLICY_TEXT), 'policy'],
  ['approval-rules.json', utf8('{ "v": 1, "tiers": {} }'), 'rules'],
  ['kept.txt', utf8(testCheckpoint(testEntries(3).map(encodeEntry))), 'checkpoint'],
  ['export.vkey', utf8(`${formatVkey(TEST_KEYS.exporter)}\n`), 'keys'],
  ['notes.txt', utf8('we met on Monday\n'), undefined],
  ['photo.png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0), undefined],
  ['nothing', new Uint8Array(), undefined],
])('%s is put where it belongs', (name, head, where) => {
  expect(sortOf(name, head)).toBe(where)
})
