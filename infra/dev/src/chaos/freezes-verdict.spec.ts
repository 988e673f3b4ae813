import { expect, test } from 'vitest'
import { judgeFreezes, type Frozen } from './freezes-verdict.js'

const good: Frozen = { took: [3, 4], claimed: 20, denied: 8, inLog: 20, late: 0, latest: -1 }
const failing = (change: Partial<Frozen>, wanted?: number) =>
  judgeFreezes({ ...good, ...change }, wanted).map(({ ok }) => ok)

test('freezes that nobody was late for pass, and each check fails where it must', () => {
  expect(failing({})).toEqual([true, true])
  expect(failing({ late: 1 })).toEqual([false, true])
  expect(failing({}, 3)).toEqual([false, true])
  expect(failing({ denied: 0 })).toEqual([true, false])
  expect(failing({ inLog: 19 })).toEqual([true, false])
})
