import { expect, test } from 'vitest'
import { parseFilter, passes, queryOf, typed, withSeverity, type InboxFilter } from './filter.js'

test('an address that says nothing known filters nothing', () => {
  expect(parseFilter({ state: 'active', severity: 'SEV9', service: ' ', owner: ['me'], text: null, more: 1 })).toEqual(
    {},
  )
  expect(parseFilter({ severity: 'SEV1,SEV2,SEV3,SEV4' })).toEqual({})
  expect(parseFilter({ text: 'x'.repeat(201) })).toEqual({})
  // An address reads figures as a number, and an order is no other filter.
  expect(parseFilter({ text: 504, severity: 'SEV2,SEV1,SEV2' })).toEqual({ text: '504', severity: 'SEV1,SEV2' })
})

test.each([
  ['service:api', { service: 'api' }],
  ['sev:<=2', { severity: 'SEV1,SEV2' }],
  ['sev:<2', { severity: 'SEV1' }],
  ['severity:>=3', { severity: 'SEV3,SEV4' }],
  ['sev:1,3', { severity: 'SEV1,SEV3' }],
  ['SEV:sev2', { severity: 'SEV2' }],
  ['owner:me state:all', { owner: 'me', state: 'all' }],
  ['is:closed', { state: 'closed' }],
  ['  disk   is full ', { text: 'disk is full' }],
  ['service:api sev:<=2 owner:nobody disk full', { service: 'api', severity: 'SEV1,SEV2', owner: 'nobody', text: 'disk full' }], // prettier-ignore
  // What is no word of a filter is looked for as it stands.
  ['http://x:80 foo:bar', { text: 'http://x:80 foo:bar' }],
  ['', {}],
] as [string, InboxFilter][])('%j is understood', (text, filter) => {
  expect(typed(text, {})).toEqual({ filter })
})

test.each(['sev:9', 'sev:<1', 'sev:', 'state:broken', 'owner:', 'service:'])(
  '%j is not understood, and changes nothing',
  (text) => {
    const before = { service: 'mail' }
    const said = typed(`sev:1 ${text}`, before)
    expect(said.filter).toBe(before)
    expect(said.fault).toMatch(/\.$/)
  },
)

test('what is typed is added to what is there', () => {
  expect(typed('sev:1', { service: 'mail', text: 'x' }).filter).toEqual({
    service: 'mail',
    text: 'x',
    severity: 'SEV1',
  })
  expect(typed('state:active', { state: 'closed' }).filter).toEqual({})
})

test('pressing a severity once more takes it out', () => {
  const one = withSeverity({}, 'SEV3')
  expect(one).toEqual({ severity: 'SEV3' })
  expect(withSeverity(one, 'SEV1')).toEqual({ severity: 'SEV1,SEV3' })
  expect(withSeverity(one, 'SEV3')).toEqual({})
})

test('the page lets through what the API would', () => {
  const incident = { state: 'open', severity: 'SEV2', service: 'Mail', owner: null, title: 'Queue is stuck' } as const
  const mine = { ...incident, owner: { id: 'sam', name: 'Sam' } }
  const through: InboxFilter[] = [{}, { state: 'open' }, { state: 'all' }, { severity: 'SEV1,SEV2' }, { service: 'Mail' }, { owner: 'nobody' }, { text: 'STUCK' }, { text: 'mail' }] // prettier-ignore
  const not: InboxFilter[] = [{ state: 'closed' }, { severity: 'SEV3' }, { service: 'mail' }, { owner: 'me' }, { text: 'Queue mail' }] // prettier-ignore
  for (const filter of through) expect([filter, passes(filter, incident, 'sam')]).toEqual([filter, true])
  for (const filter of not) expect([filter, passes(filter, incident, 'sam')]).toEqual([filter, false])
  expect([passes({ owner: 'me' }, mine, 'sam'), passes({ owner: 'sam' }, mine, 'ada'), passes({ owner: 'me' }, mine, 'ada')]).toEqual([true, true, false]) // prettier-ignore
  expect(queryOf({ state: 'all', text: 'x' })).toEqual({ text: 'x' })
  expect(queryOf({})).toEqual({ state: 'active' })
})
