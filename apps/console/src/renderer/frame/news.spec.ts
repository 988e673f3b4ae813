import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Refusal } from '../api/problem.js'
import { News } from './news.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function listening(answer: (key: readonly unknown[]) => unknown) {
  const said: unknown[] = []
  const asked: unknown[] = []
  const news = new News(
    {
      fetchQuery: (async ({ queryKey }: { queryKey: readonly unknown[] }) => {
        asked.push(queryKey)
        return answer(queryKey)
      }) as never,
    },
    (fact) => said.push(fact),
  )
  return { news, said, asked }
}

test('an incident is told by its title, a run by its recipe and why it ended so', async () => {
  const { news, said } = listening(([noun]) =>
    noun === 'incident'
      ? { severity: 'SEV2', title: 'p95 of api is 812 ms' }
      : { recipe: { title: 'Scale a service' }, because: 'p95 is 790 ms.', incident: 'inc_1' },
  )
  news.heard({ type: 'incident.opened', id: 'incident:inc_1' })
  news.heard({ type: 'run.failed', id: 'run:run_1' })
  news.heard({ type: 'step.done', id: 'run:run_1' })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(said).toEqual([
    { kind: 'news', says: 'SEV2 p95 of api is 812 ms', to: '/incidents/inc_1' },
    { kind: 'failed', says: 'Scale a service: failed', because: 'p95 is 790 ms.', to: '/incidents/inc_1' },
  ])
})

test('a storm is one line, and asks nothing', async () => {
  const { news, said, asked } = listening(() => ({}))
  for (let at = 0; at < 300; at++) news.heard({ type: 'incident.opened', id: `incident:inc_${at}` })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(said).toEqual([{ kind: 'news', says: '300 new incidents' }])
  expect(asked).toEqual([])
})

test('what cannot be read is not told', async () => {
  const { news, said } = listening(() => {
    throw new Refusal({ type: '', title: '', status: 403, code: 'not-your-role', detail: '', request_id: '' }, true)
  })
  news.heard({ type: 'run.failed', id: 'run:run_1' })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(said).toEqual([])
})
