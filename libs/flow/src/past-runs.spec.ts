import { pastRunsContract } from '@firebreak/kit/testing'
import { expect, test, vi } from 'vitest'
import { RecordedRuns } from './past-runs.js'
import { FakeLedger } from './testing/fake-ledger.js'
import { TestClock } from './testing/rehearse.js'

function house() {
  const [ledger, clock] = [new FakeLedger(), new TestClock()]
  const past = new RecordedRuns(ledger, clock.now)
  const put = (run: { id: string; recipe: string; facts: object; state: string; ended_at: string | null }) => {
    const at = clock.now().toISOString()
    ledger.put('plans', {
      id: `pln_${run.id}`,
      recipe_id: run.recipe,
      body: { made_at: at, facts: run.facts },
    } as never)
    const { recipe: recipe_id, state, ended_at } = run
    ledger.put('runs', {
      id: `run_${run.id}`,
      plan_id: `pln_${run.id}`,
      recipe_id,
      state,
      ended_at,
      because: null,
    } as never)
  }
  return {
    ledger,
    past,
    put,
    ago: (minutes: number) => new Date(clock.now().getTime() - minutes * 60_000).toISOString(),
  }
}

pastRunsContract('the record on a fake ledger', async () => {
  const { past, put, ago } = house()
  return {
    past,
    ran: async (run) => put({ ...run, ended_at: ago(run.ended_minutes_ago) }),
    isRunning: async (run) => put({ ...run, state: 'running', ended_at: null }),
  }
})

test('the one of a hundred that fits is found behind those that do not, some at a time', async () => {
  const { ledger, past, put, ago } = house()
  for (let nth = 100; nth < 200; nth++)
    put({
      id: String(nth),
      recipe: 'smoke-test',
      facts: { of: nth === 105 ? 'us' : 'others' },
      state: 'succeeded',
      ended_at: ago(1),
    })
  const read = vi.spyOn(ledger, 'read')
  expect(await past.latest('smoke-test', { of: 'us' }, 60)).toMatchObject({ run: 'run_105' })
  expect(await past.latest('smoke-test', { of: 'nobody' }, 60)).toBeUndefined()
  expect(read).toHaveBeenCalledTimes(2)
})
