import { QueryClient } from '@tanstack/react-query'
import { beforeEach, expect, test } from 'vitest'
import type { OpenIncident, Place, Surface } from '../../bridge/surface.js'
import { meQuery } from '../api/identity.js'
import type { IncidentSummary } from '../api/view.js'
import { attach, pathOf } from './attach.js'

let told: OpenIncident[][]
let go: (place: Place) => void
let stopped: boolean
let queries: QueryClient
let items: Pick<IncidentSummary, 'id' | 'severity' | 'title' | 'state'>[]
let asked: number
const host: Surface = {
  version: 1,
  info: async () => ({ ok: false, error: { code: 'failed', message: 'not asked for' } }),
  signIn: async () => ({ ok: true, value: null }),
  incidents: async (open) => {
    told.push(open)
    return { ok: true, value: null }
  },
  onGo: (listener) => {
    go = listener
    return () => (stopped = true)
  },
}

beforeEach(() => {
  ;[told, stopped, asked] = [[], false, 0]
  items = [{ id: 'inc_1', severity: 'SEV1', title: 'slow', state: 'open' }]
  queries = new QueryClient()
  return () => queries.clear()
})
const ask = async () => {
  asked++
  return { items }
}

test('the page goes where the shell is sent to', () => {
  const paths: string[] = []
  const untie = attach(host, queries, (path) => void paths.push(path))
  go({ kind: 'incident', id: 'inc_1' })
  go({ kind: 'runbook', id: 'high-api-latency' })
  expect(paths).toEqual(['/incidents/inc_1', '/runbook/high-api-latency'])
  expect(pathOf({ kind: 'plan', id: 'pln_1' })).toBe('/plans/pln_1')
  untie()
  expect(stopped).toBe(true)
})

test('what is open is told once somebody is signed in, and again after an event, with nothing more than that needs', async () => {
  const untie = attach(host, queries, () => {}, ask)
  await new Promise((done) => setTimeout(done, 20))
  expect(asked).toBe(0)
  queries.setQueryData(meQuery.queryKey, { id: 'hannah' } as never)
  await expect.poll(() => told.at(-1)).toEqual([{ id: 'inc_1', severity: 'SEV1', title: 'slow', acknowledged: false }])
  items = [{ ...items[0]!, state: 'acknowledged', title: 'x'.repeat(3000) }]
  await queries.invalidateQueries({ queryKey: ['incident'] })
  await expect.poll(() => told.at(-1)?.[0]).toMatchObject({ acknowledged: true, title: 'x'.repeat(1000) })
  untie()
})
