import { expect, test, vi } from 'vitest'
import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { elseKept, throughShelf } from './kept.js'
import { noAnswer, refusalOf } from './problem.js'
import { aShelf } from './testing/a-shelf.js'

const NOW = new Date('2026-11-26T03:00:00.000Z')
const now = () => NOW

const refused = (status: number) =>
  Promise.reject(refusalOf({ status, code: 'x', detail: 'x' }, new Response(null, { status })))

test('what the server says is shown, and kept', async () => {
  const shelf = aShelf()
  const held = await throughShelf(shelf, 'page', async () => 'text', now)
  expect(held).toEqual({ data: 'text', at: NOW.toISOString(), from: 'server' })
  expect(shelf.things.get('page')).toEqual({ data: 'text', at: NOW.toISOString() })
})

test.each([
  ['no answer', () => Promise.reject(noAnswer())],
  ['trouble on the other side', () => refused(503)],
])('with %s the device shows what it kept, with its age', async (_, ask) => {
  const shelf = aShelf()
  await shelf.put('page', { data: 'old text', at: '2026-11-26T01:00:00.000Z' })
  expect(await throughShelf(shelf, 'page', ask as () => Promise<string>, now)).toEqual({
    ...{ data: 'old text', at: '2026-11-26T01:00:00.000Z', from: 'device' },
  })
})

test('a "no" is a no, whatever the device has kept', async () => {
  const shelf = aShelf()
  await shelf.put('page', { data: 'old text', at: '2026-11-26T01:00:00.000Z' })
  for (const status of [401, 403, 404])
    await expect(throughShelf(shelf, 'page', () => refused(status), now)).rejects.toThrow()
})

test('nothing kept: it fails as the server did', async () => {
  await expect(throughShelf(aShelf(), 'page', () => Promise.reject(noAnswer()), now)).rejects.toThrow(/did not answer/)
})

test('what the device had kept is shown as old as it is, the failure stays one, and what is known is not overwritten', async () => {
  const client = new QueryClient()
  let fails = true
  const query = new QueryObserver(client, {
    queryKey: ['room'],
    queryFn: (context) =>
      elseKept(
        context,
        () => (fails ? Promise.reject(noAnswer()) : Promise.resolve('new')),
        async () => ({ data: 'old', at: '2026-11-26T01:00:00.000Z' }),
      ),
    retry: false,
  })
  const stop = query.subscribe(() => {})
  const now = () => query.getCurrentResult()
  await vi.waitFor(() => expect(now().isError).toBe(true))
  expect([now().data, now().dataUpdatedAt]).toEqual(['old', Date.parse('2026-11-26T01:00:00.000Z')])
  fails = false
  await query.refetch()
  fails = true
  await query.refetch()
  expect([now().data, now().isError]).toEqual(['new', true])
  stop()
})
