import { expect, test } from 'vitest'
import { readSettings } from './settings.js'

const usual = { scheme: 'system', contrast: 'system', zone: 'local', letters: true, armed: '8', timeline: 'story' }

test('what was chosen is chosen again', () => {
  expect(readSettings('{"scheme":"dark","letters":false}')).toEqual({ ...usual, scheme: 'dark', letters: false })
})

test.each([null, '', '{', 'null', '7', '[]', '{"scheme":"pink","letters":"no","zone":7,"armed":"1","other":1}'])(
  'what is no choice is the usual: %s',
  (kept) => expect(readSettings(kept)).toEqual(usual),
)
