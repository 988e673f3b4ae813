import type { paths } from '@firebreak/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { at, refused, slowApi, Stage, told } from './stage.js'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.set()
  for (const n of numbers(1, 24)) await alert(n)
}, 120_000)
afterAll(() => stage.strike())

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at)
const services = ['checkout', 'mail', 'ledger']

/** The nth incident: of three services, and of two severities; every fourth is of the worst. */
const alert = (n: number, status: 'firing' | 'resolved' = 'firing') =>
  stage
    .alert(
      slowApi({
        ...{ status, fingerprint: `${n}`.padStart(16, '0') },
        labels: {
          alertname: n % 4 === 0 ? 'DataExfiltrationSuspected' : `Disk${n}`,
          service: `${services[n % 3]}${n % 4 === 0 ? `-${n}` : ''}`,
          severity: n % 2 ? 'critical' : 'warning',
          instance: `${n}`,
        },
      }),
    )
    .expect(202)

type Asked = NonNullable<paths['/v1/incidents']['get']['parameters']['query']>
type Filter = NonNullable<paths['/v1/incidents/counts']['get']['parameters']['query']>
const page = (query: Asked) => told(stage.by('hannah').GET('/v1/incidents', { params: { query } }))
const counts = (query: Filter, by = 'hannah') => told(stage.by(by).GET('/v1/incidents/counts', { params: { query } }))

test('by urgency the worst come first, and of equals the newest; who turns the pages sees each once while others come', async () => {
  const seen: { id: string; severity: string }[] = []
  let after: string | null = null
  let more = 100
  do {
    const got = await page({ order: 'urgency', limit: 5, ...(after === null ? {} : { after }) })
    seen.push(...got.items)
    after = got.next
    // Of every severity one more, before and behind where the page ends.
    for (const n of [more++, more++, more++, more++].slice(0, seen.length < 15 ? 4 : 0)) await alert(n)
  } while (after !== null)
  const ids = seen.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(new Set(seen.map(({ severity }) => severity)).size).toBeGreaterThan(1)
  const sorted = seen.toSorted((a, b) => (a.severity === b.severity ? (a.id < b.id ? 1 : -1) : a.severity < b.severity ? -1 : 1)) // prettier-ignore
  expect(seen).toEqual(sorted)
  // Whatever was there when it began is among it.
  const all = await page({ limit: 1_000 })
  const first = all.items.slice(-24).map(({ id }) => id)
  expect(ids).toEqual(expect.arrayContaining(first))
})

test('each filter lets through what it says, alone and together, and the counts agree with the lists', async () => {
  const [first, second] = (await page({ limit: 2 })).items
  for (const { id } of [first!, second!])
    await told(stage.by('hannah').POST('/v1/incidents/{id}/acknowledge', at({ id })))
  // Given to somebody else, it is led by who said that they have it, until the other says so.
  await told(stage.by('hannah').PATCH('/v1/incidents/{id}', { ...at({ id: second!.id }), body: { owner: 'sam' } }))
  const given = await told(stage.by('sam').GET('/v1/incidents/{id}', at({ id: second!.id })))
  expect(given).toMatchObject({ owner: { id: 'sam' }, lead: { id: 'hannah' }, may: { acknowledge: { ok: true } } })
  const had = await told(stage.by('sam').POST('/v1/incidents/{id}/acknowledge', at({ id: second!.id })))
  expect(had).toMatchObject({ owner: { id: 'sam' }, lead: { id: 'sam' } })
  await told(stage.by('sam').PATCH('/v1/incidents/{id}', { ...at({ id: second!.id }), body: { owner: 'hannah' } }))
  stage.forward(1_100)
  const all = (await page({ limit: 1_000 })).items
  const filters: Filter[] = [
    {},
    { state: 'active' },
    { state: 'acknowledged', owner: 'me' },
    { severity: 'SEV1,SEV2' },
    { severity: 'SEV3', state: 'open' },
    { service: 'mail' },
    { service: 'mail', severity: 'SEV2', owner: 'nobody' },
    { owner: 'hannah' },
    { owner: 'sam' },
    { text: 'API latency' },
    { text: 'LEDGER', state: 'open' },
    { text: '100%_' },
  ]
  await expect.poll(async () => (await counts({})).state['acknowledged']).toBe(2)
  for (const filter of filters)
    for (const order of ['newest', 'urgency'] as const) {
      const { items } = await page({ ...filter, order, limit: 1_000 })
      const { matching, total, without } = await counts(filter)
      expect([filter, matching, total]).toEqual([filter, items.length, all.length])
      expect(Object.keys(without).sort()).toEqual(Object.keys(filter).sort())
      for (const name of Object.keys(filter)) {
        const others = Object.fromEntries(Object.entries(filter).filter(([other]) => other !== name))
        expect([filter, name, (without as Record<string, number>)[name]]).toEqual([filter, name, (await page({ ...others, limit: 1_000 })).items.length]) // prettier-ignore
      }
    }
  const { state, severity, services: by, owner } = await counts({ state: 'open' })
  expect(state).toMatchObject({ open: all.length - 2, acknowledged: 2 })
  expect(Object.values(severity).reduce((sum, one) => sum + one, 0)).toBe(all.length - 2)
  expect(by.find(({ service }) => service === 'mail')!.count).toBe(
    (await page({ state: 'open', service: 'mail', limit: 1_000 })).items.length,
  )
  expect(owner).toEqual({ me: 0, nobody: all.length - 2 })
  expect((await counts({}, 'hannah')).owner.me).toBe(2)
  expect((await counts({}, 'sam')).owner.me).toBe(0)
})

test('a page that holds many asks what some of them are now, and nothing else', async () => {
  const { items } = await page({ limit: 60 })
  const ids = items.map(({ id }) => id).reverse()
  const got = await page({ ids: [...ids, 'inc_nobody'].join(','), limit: 1 })
  expect(got.items.map(({ id }) => id).sort()).toEqual(ids.sort())
  expect(got.next).toBeNull()
})

test('what a list does not take is refused by its place', async () => {
  const no = async (query: string) =>
    (await refused(stage.by('hannah').GET(`/v1/incidents?${query}` as '/v1/incidents'), 400)).errors
  const urgent = (await page({ order: 'urgency', limit: 2 })).next
  const newest = (await page({ limit: 2 })).next
  expect(await no(`after=${urgent}`)).toMatchObject([{ pointer: '/after' }])
  expect(await no(`order=urgency&after=${newest}`)).toMatchObject([{ pointer: '/after' }])
  expect(await no('severity=SEV5')).toMatchObject([{ pointer: '/severity' }])
  expect(await no('severity=SEV1,')).toMatchObject([{ pointer: '/severity' }])
  expect(await no(`ids=${numbers(1, 201).join(',')}`)).toMatchObject([{ pointer: '/ids' }])
  expect(await no('limit=1001')).toMatchObject([{ pointer: '/limit' }])
})

test('the line of an incident names the plan that waits for people', async () => {
  await stage.alert(slowApi({ fingerprint: 'suggests' })).expect(202)
  const [open] = (await told(stage.by('hannah').GET('/v1/incidents', { params: { query: { text: 'API latency', limit: 1 } } }))).items // prettier-ignore
  expect(open).toMatchObject({ service: 'api', offered: null })
  const { planner } = await stage.worker()
  const { plans } = await told(stage.by('hannah').GET('/v1/incidents/{id}', at({ id: open!.id })))
  await planner.make(plans[0]!)
  const [after] = (await told(stage.by('hannah').GET('/v1/incidents', { params: { query: { ids: open!.id } } }))).items
  expect(after!.offered).toEqual({
    plan: plans[0],
    recipe: { id: 'scale-api', title: 'Scale a service that is slow under load' },
    tier: 'T1',
  })
})
