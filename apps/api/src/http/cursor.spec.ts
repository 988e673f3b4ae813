import { expect, test } from 'vitest'
import { cursorAfter, keyIn } from './cursor.js'
import { paging } from './view.js'

test.each(['alr_0199f4d2-7c1e-7b3a-9d55-1f2e3d4c5b6a', 'deployment:prod/api', 'queue:größe'])(
  'a list goes on behind %s',
  (key) => {
    expect(paging.after.parse(cursorAfter(key))).toBe(key)
    expect(cursorAfter(key)).not.toContain(key)
  },
)

test.each([
  ['an id that somebody took for a cursor', 'alr_0199f4d2-7c1e-7b3a-9d55-1f2e3d4c5b6a'],
  ['half of a cursor', cursorAfter('alr_0199f4d2').slice(0, 5)],
  ['a cursor with something behind it', `${cursorAfter('alr_0199f4d2')}!`],
  ['a cursor behind nothing', cursorAfter('')],
  ['what Postgres could not be asked for', cursorAfter('alr\0')],
  ['nothing', ''],
])('%s is refused', (_, cursor) => {
  expect(keyIn(cursor)).toBeUndefined()
  expect(paging.after.safeParse(cursor).success).toBe(false)
})
