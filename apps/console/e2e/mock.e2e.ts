import { expect, test } from 'vitest'
import { MockApi, type Session } from '../mock-api/mock.js'

const api = () => new MockApi({ now: () => new Date('2026-11-23T03:00:00Z'), after: () => {}, pace: 0 }).seed()
const asked = (path: string, session: Session, init?: RequestInit) =>
  api().handle(new Request(`http://mock${path}`, init), session)

test('a route is found by its path, and the one that names more goes first', async () => {
  const hannah = { person: 'hannah' }
  expect(await (await asked('/v1/me', hannah)).json()).toMatchObject({ id: 'hannah', mode: 'sandbox' })
  expect(await (await asked('/v1/audit/checkpoint', hannah)).text()).toContain('log.example/firebreak')
  const { items } = (await (await asked('/v1/incidents?state=active', hannah)).json()) as { items: unknown[] }
  expect(items).toHaveLength(3)
})

test('what is not there, and who is not signed in, are refused as the real API does', async () => {
  expect((await asked('/v1/nothing', { person: 'hannah' })).status).toBe(404)
  expect((await asked('/v1/incidents', { person: 'hannah' }, { method: 'POST', body: '{}' })).status).toBe(404)
  const no = await asked('/v1/incidents', { person: null })
  expect([no.status, no.headers.get('content-type')]).toEqual([401, 'application/problem+json'])
})

test('what one look saw has one moment, however long the answer takes', async () => {
  let ms = Date.parse('2026-11-23T03:00:00Z')
  const ticking = new MockApi({ now: () => new Date(ms++), after: () => {}, pace: 0 }).seed()
  const answer = await ticking.handle(new Request('http://mock/v1/targets?kind=deployment'), { person: 'hannah' })
  const { items } = (await answer.json()) as { items: { at: string }[] }
  expect(items.length).toBeGreaterThan(3)
  expect(new Set(items.map(({ at }) => at)).size).toBe(1)
})
