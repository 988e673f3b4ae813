import { beforeEach, describe, expect, test } from 'vitest'
import type { OpenIncident } from '../../bridge/surface.js'
import { NoticePolicy } from './policy.js'

const minute = 60_000
let policy: NoticePolicy
let now: number
beforeEach(() => {
  policy = new NoticePolicy()
  now = 1_000 * minute
  hear()
})

const incident = (id: string, more: Partial<OpenIncident> = {}): OpenIncident => ({
  ...{ id, severity: 'SEV1', title: `${id} is down`, acknowledged: false },
  ...more,
})
const hear = (...open: OpenIncident[]) => {
  const { show, close, count } = policy.hear(open, now)
  return { show: show.map(({ key }) => key), close, count }
}

test('an incident that nobody has: one notice, which leads to it', () => {
  const { show } = policy.hear([incident('a')], now)
  expect(show).toEqual([{ key: 'a', title: 'SEV1 a is down', body: 'Nobody has it yet.', incident: 'a' }])
  for (let step = 0; step < 20; step++, now += minute) expect(hear(incident('a')).show).toEqual([])
})

test('what was there when the console was opened is on its screen, and in the count', () => {
  policy = new NoticePolicy()
  expect(hear(incident('a'))).toEqual({ show: [], close: [], count: 1 })
  now += 60 * minute
  expect(hear(incident('a'), incident('b')).show).toEqual(['b'])
})

test('SEV3 and SEV4, and what somebody has, disturb nobody', () => {
  expect(hear(incident('a', { severity: 'SEV3' }), incident('b', { severity: 'SEV4' }), incident('c', { acknowledged: true }))).toEqual({ show: [], close: [], count: 0 }) // prettier-ignore
})

test('worse is said at once; another title only after five minutes; better not at all', () => {
  expect(hear(incident('a', { severity: 'SEV2' })).show).toEqual(['a'])
  now += 1_000
  expect(hear(incident('a', { severity: 'SEV1' })).show).toEqual(['a'])
  now += 4 * minute
  expect(hear(incident('a', { title: 'another' })).show).toEqual([])
  now += minute
  expect(hear(incident('a', { title: 'another' })).show).toEqual(['a'])
  now += 10 * minute
  expect(hear(incident('a', { title: 'another', severity: 'SEV2' })).show).toEqual([])
  expect(hear(incident('a', { title: 'another', severity: 'SEV1' })).show).toEqual([])
})

test('one that grows to SEV2 is new to whoever is disturbed', () => {
  hear(incident('a', { severity: 'SEV3' }))
  expect(hear(incident('a', { severity: 'SEV2' })).show).toEqual(['a'])
})

describe('a notice is taken away', () => {
  beforeEach(() => void hear(incident('a')))
  test('when it is resolved', () => expect(hear().close).toEqual(['a']))
  test('when somebody has it', () => expect(hear(incident('a', { acknowledged: true })).close).toEqual(['a']))
  test('once', () => {
    hear()
    expect(hear().close).toEqual([])
  })
  test('when somebody else sits there, who then hears of nothing old', () => {
    expect(policy.forget()).toEqual(['a'])
    expect(hear(incident('a')).show).toEqual([])
  })
  test('and one that comes back is new', () => {
    hear()
    expect(hear(incident('a')).show).toEqual(['a'])
  })
})

describe('a storm', () => {
  const many = (n: number) =>
    Array.from({ length: n }, (_, at) => incident(`i${at}`, { severity: at === 7 ? 'SEV1' : 'SEV2' }))

  test('is one notice, once a minute, in place of those that are shown', () => {
    expect(hear(...many(5)).show).toHaveLength(5)
    now += 10_000
    const { show, close } = policy.hear(many(9), now)
    expect(show).toEqual([{ key: 'storm', title: '9 incidents within a minute, the worst SEV1', body: 'Open Firebreak to see them.', incident: undefined }]) // prettier-ignore
    expect(close).toHaveLength(5)
    let shown = 0
    for (let n = 10; n < 300; n++, now += 100) shown += hear(...many(n)).show.length
    expect(shown).toBeLessThanOrEqual(1)
  })

  test('is taken away when nobody has to come any more, and single ones are told again', () => {
    hear(...many(9))
    expect(hear().close).toEqual(['storm'])
    now += 2 * minute
    expect(hear(incident('later')).show).toEqual(['later'])
  })
})

test('a title is words, whatever an alert wrote: no markup that a desktop obeys, nothing that turns text around', () => {
  const title = '<b>x</b> <img src=x>&lt;\u202Egpj\u0000\n\u200B' + 'y'.repeat(500)
  const [notice] = policy.hear([incident('a', { title })], now).show
  expect(notice!.title).not.toMatch(/[<>&\p{Cc}\p{Cf}]/u)
  expect(notice!.title.length).toBeLessThanOrEqual(126)
})
